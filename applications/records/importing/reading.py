"""From the bytes of a CSV or XLSX file to its headings and rows of text.

The file is parsed in a process of its own (see lines and applications.files.bounded).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.translation import gettext as _

from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.records.importing.columns import Column, find_column, match_headings
from applications.records.importing.lines import HEADING_LINES, LOSSY, MAX_ROWS, MAX_SCANNED
from applications.records.importing.refusal import FileRefused

MAX_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """``line`` is the row's number in a spreadsheet, from 1. ``cells`` lines up with the file's headings;
    ``lossy`` are the positions of numbers that were too long for a number cell."""

    line: int
    cells: tuple[str, ...]
    lossy: frozenset[int] = frozenset()
    surplus: int = 0


@dataclass(frozen=True)
class Sheet:
    headings: tuple[str, ...]
    columns: dict[int, Column]
    rows: tuple[Row, ...]


def read_sheet(content: bytes, file_name: str) -> Sheet:
    """All rows of a record file, read before any transaction begins.

    Raises FileRefused with what is wrong with the file as a whole.
    """
    if not content:
        raise FileRefused(_("“%(name)s”是空文件，请重新导出后再导入。") % {"name": file_name})
    if len(content) > MAX_BYTES:
        raise FileRefused(
            _("“%(name)s”超过 %(limit)d MB，请拆成几个文件分别导入。")
            % {"name": file_name, "limit": MAX_BYTES // 1024 // 1024}
        )
    kind = _kind_of(content, file_name)
    try:
        with bounded.run("applications.records.importing.lines:read_lines", content, kind) as answer:
            return _sheet((json.loads(line) for line in answer), file_name)
    except Refused as refused:
        raise FileRefused(_(refused.sentence) % {**refused.params, "name": file_name}) from None
    except bounded.OverBudget:
        raise FileRefused(
            _(
                "“%(name)s”结构过于复杂，不能在限定的时间和内存内读取。"
                "请新建一个工作簿，只粘贴数值（不带格式），另存为 .xlsx 后再导入；仍然不行的，请拆成几个文件。"
            )
            % {"name": file_name}
        ) from None
    except bounded.NotExamined:
        raise FileRefused(_("“%(name)s”暂时无法读取，没有导入。请稍后再试。") % {"name": file_name}) from None


def _kind_of(content: bytes, file_name: str) -> str:
    """ "csv" or "xlsx" by what the file is; refused where that is not what its name says."""
    suffix = PurePath(file_name).suffix.lower()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            _("“%(name)s”是旧版 Excel（.xls）或者加了密码的工作簿。请去掉密码，另存为 .xlsx 后再导入。")
            % {"name": file_name}
        )
    found = "xlsx" if content.startswith(b"PK\x03\x04") else "csv"
    if suffix not in (".csv", ".xlsx"):
        raise FileRefused(
            _("“%(name)s”不是 .csv 或 .xlsx 文件。请另存为其中一种后再导入。") % {"name": file_name}
        )
    if found != suffix[1:]:
        what = _("Excel 工作簿或压缩包") if found == "xlsx" else _("文本或者其他类型的文件")
        raise FileRefused(
            _(
                "“%(name)s”的内容与文件名不符：扩展名是 %(suffix)s，内容却是%(what)s。请另存为 %(suffix)s 后再导入。"
            )
            % {"name": file_name, "suffix": suffix, "what": what}
        )
    return found


def _sheet(lines: Iterable[Sequence[str]], file_name: str) -> Sheet:
    headings: tuple[str, ...] | None = None
    columns: dict[int, Column] = {}
    rows: list[Row] = []
    first: Sequence[str] = ()
    for line, cells in enumerate(lines, start=1):
        if line > MAX_SCANNED:
            raise _too_many(file_name)
        if not any(cells):
            continue
        if headings is None:
            first = first or cells
            if sum(find_column(cell) is not None for cell in cells) >= 3:
                headings = _without_tail(cells)
                columns = match_headings(headings)
            elif line >= HEADING_LINES:
                break
            continue
        if len(rows) >= MAX_ROWS:
            raise _too_many(file_name)
        width = len(headings)
        kept = [*cells[:width], *[""] * (width - len(cells))]
        lossy = frozenset(at for at, cell in enumerate(kept) if cell.startswith(LOSSY))
        surplus = sum(bool(cell) for cell in cells[width:])
        rows.append(Row(line, tuple(cell.lstrip(LOSSY) for cell in kept), lossy, surplus))
    if headings is None:
        if len(first) == 1 and any(mark in first[0] for mark in ";\t|"):
            raise FileRefused(
                _("“%(name)s”没有用英文逗号分列。请另存为逗号分隔的 CSV 后再导入。") % {"name": file_name}
            )
        raise FileRefused(
            _("“%(name)s”中找不到列名。第一行应为导入模板的列名，如“行政相对人名称”。") % {"name": file_name}
        )
    if not rows:
        raise FileRefused(_("“%(name)s”只有列名，没有记录。") % {"name": file_name})
    return Sheet(headings, columns, tuple(rows))


def _without_tail(cells: Sequence[str]) -> tuple[str, ...]:
    last = max(at for at, cell in enumerate(cells) if cell)
    return tuple(cells[: last + 1])


def _too_many(file_name: str) -> FileRefused:
    return FileRefused(
        _("“%(name)s”超过 %(limit)d 行，请拆成几个文件分别导入。") % {"name": file_name, "limit": MAX_ROWS}
    )
