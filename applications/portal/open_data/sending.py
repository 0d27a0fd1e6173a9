"""A set, or the results of a search, as CSV or JSON, piece by piece. What a file says is Chinese, whoever asks for it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy

from applications.language import as_kept
from applications.portal.open_data.fields import Field, Row, Value
from applications.portal.open_data.sets import DataSet
from applications.spreadsheets import stream_csv

CSV, JSON = "csv", "json"
TYPES: Final = {CSV: "text/csv; charset=utf-8", JSON: "application/json; charset=utf-8"}
# What whoever takes a file agrees to; stands on the page and in each JSON.
TERMS: Final = gettext_lazy(
    "可以免费下载、使用，不需要申请。使用时注明来源和生成时间，不得改变原意。文件只反映生成时的公示情况：继续使用的，至少每天重新下载一次，新文件里已经没有的信息应当删除，不得再传播、使用。"
)

Envelope = dict[str, Any]


def data_set_file(data: DataSet, suffix: str, *, address: str, at: str) -> Iterator[bytes]:
    """The whole set. ``address``: where it comes from; ``at``: when it was made."""
    with as_kept():
        envelope = {"set": data.name, "title": str(data.title), "source": address, "made_at": at}
    return file_of(data.fields, data.rows(), suffix, envelope)


def file_of(
    fields: Sequence[Field], reads: Iterable[list[Row]], suffix: str, envelope: Envelope
) -> Iterator[bytes]:
    """Rows that come some at a time. ``envelope``: what a JSON says of itself before its rows."""
    if suffix == CSV:
        with as_kept():
            headings = [str(field.heading) for field in fields]
        return stream_csv(headings, _one_by_one(reads, _cells))
    return _json(fields, reads, envelope)


def _one_by_one(reads: Iterable[list[Row]], as_written: Callable[[Row], Any]) -> Iterator[Any]:
    """Each row as it is written. The language is that of the procedure while rows are read, and not while they are sent: then
    the thread may be at another's page."""
    waiting = iter(reads)
    while True:
        with as_kept():
            rows = next(waiting, None)
            if rows is None:
                return
            written = [as_written(row) for row in rows]
        yield from written


def _cells(row: Row) -> list[object]:
    return [_cell(value) for value in row]


def _cell(value: Value) -> object:
    match value:
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(value)
    return value


def _json(fields: Sequence[Field], reads: Iterable[list[Row]], envelope: Envelope) -> Iterator[bytes]:
    names = [field.name for field in fields]

    def as_object(row: Row) -> str:
        return _dumped(dict(zip(names, row, strict=True)))

    with as_kept():
        head = _dumped({**envelope, "terms": str(TERMS)})
    # Without its closing bracket: the rows are its last part.
    yield f'{head[:-1]},"rows":['.encode()
    waiting, size, separator = [], 0, "\n"
    for row in _one_by_one(reads, as_object):
        waiting.append(separator + row)
        size, separator = size + len(row), ",\n"
        if size > _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield ("".join(waiting) + "\n]}\n").encode()


_PIECE = 1 << 15


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=date.isoformat, separators=(",", ":"))
