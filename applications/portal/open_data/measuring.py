"""How large the sets are, and that each can be read to its end: every night each is read through as it would be sent. Nothing
of it is kept but the numbers, for a file would still hold at noon what is repaired in the morning."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import tee, zip_longest

from applications.portal.models import MeasuredSet
from applications.portal.open_data.fields import Row
from applications.portal.open_data.sending import CSV, JSON, file_of
from applications.portal.open_data.sets import SETS


def measure(*, name: str, at: datetime) -> MeasuredSet:
    """Read a set through, once for both kinds of file."""
    data, rows, sizes = SETS[name], 0, Counter[str]()

    def counted() -> Iterator[list[Row]]:
        nonlocal rows
        for read in data.rows():
            rows += len(read)
            yield read

    # Side by side, so that neither waits in memory for the other.
    kinds = (CSV, JSON)
    files = (
        file_of(data.fields, reads, suffix, {}) for suffix, reads in zip(kinds, tee(counted()), strict=True)
    )
    for pieces in zip_longest(*files, fillvalue=b""):
        for suffix, piece in zip(kinds, pieces, strict=True):
            sizes[suffix] += len(piece)
    measured, _new = MeasuredSet.objects.update_or_create(
        name=name,
        defaults={"rows": rows, "csv_bytes": sizes[CSV], "json_bytes": sizes[JSON], "measured_at": at},
    )
    return measured
