"""How large the sets are, and that each can be read to its end: every night each is read through as it would be sent. Nothing
of it is kept but the numbers, for a file would still hold at noon what is repaired in the morning."""

from collections.abc import Iterator
from datetime import datetime

from applications.portal.models import MeasuredSet
from applications.portal.open_data.fields import Row
from applications.portal.open_data.sending import CSV, JSON, file_of
from applications.portal.open_data.sets import SETS, DataSet


def measure(*, name: str, at: datetime) -> MeasuredSet:
    """Read a set through, once for each kind of file."""
    data, rows = SETS[name], 0

    def counted() -> Iterator[list[Row]]:
        nonlocal rows
        rows = 0
        for read in data.rows():
            rows += len(read)
            yield read

    sizes = {suffix: _bytes(data, counted(), suffix) for suffix in (CSV, JSON)}
    measured, _new = MeasuredSet.objects.update_or_create(
        name=name,
        defaults={"rows": rows, "csv_bytes": sizes[CSV], "json_bytes": sizes[JSON], "measured_at": at},
    )
    return measured


def _bytes(data: DataSet, reads: Iterator[list[Row]], suffix: str) -> int:
    return sum(len(piece) for piece in file_of(data.fields, reads, suffix, {}))
