"""From the bytes of a CSV or XLSX file to its headings and rows of text.

The file is parsed in a process of its own (see lines and applications.files.bounded).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from django.utils.translation import gettext as _

from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.records.importing.columns import Column, find_column, fold, is_heading_line
from applications.records.importing.headings import match_headings
from applications.records.importing.lines import HEADING_LINES, MARKS, MAX_ROWS, MAX_SCANNED
from applications.records.importing.refusal import FileRefused
from applications.subjects.identity import mask_numbers

MAX_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """``line`` is the row's number in a spreadsheet, from 1. ``cells`` lines up with the file's headings;
    ``marks`` says of some positions what is to be known of the cell besides its text (one of lines.MARKS)."""

    line: int
    cells: tuple[str, ...]
    marks: Mapping[int, str] = field(default_factory=dict)
    surplus: int = 0


@dataclass(frozen=True)
class Sheet:
    headings: tuple[str, ...]
    columns: dict[int, Column]
    rows: tuple[Row, ...]
    # Lines that are no records, each with its number: titles of groups, totals, notes, repeated headings.
    passed_over: tuple[tuple[int, str], ...] = ()


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
    passed_over: list[tuple[int, str]] = []
    first: Sequence[str] = ()
    for line, cells in enumerate(lines, start=1):
        if line > MAX_SCANNED:
            raise _too_many(file_name)
        if not any(cells):
            continue
        if headings is None:
            first = first or cells
            if is_heading_line(cells):
                headings = _without_tail([cell.lstrip(MARKS) for cell in cells])
                columns = match_headings(headings)
                kept = [at for at, column in columns.items() if column.kept]
            elif line >= HEADING_LINES:
                break
            continue
        filled = [at for at in kept if at < len(cells) and cells[at]]
        note = _note(cells, filled, columns)
        if note:
            passed_over.append((line, note))
            continue
        if not filled and len(cells) <= len(headings):
            # A number of a row, or a time stamp, and nothing else.
            continue
        if len(rows) >= MAX_ROWS:
            raise _too_many(file_name)
        rows.append(_row(line, cells, len(headings)))
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
    return Sheet(headings, columns, tuple(rows), tuple(passed_over))


def _row(line: int, cells: Sequence[str], width: int) -> Row:
    kept = [*cells[:width], *[""] * (width - len(cells))]
    marks = {at: cell[0] for at, cell in enumerate(kept) if cell and cell[0] in MARKS}
    for at in marks:
        kept[at] = kept[at][1:]
    return Row(line, tuple(kept), marks, sum(bool(cell) for cell in cells[width:]))


# Sums and notes, in the form in which headings are compared.
_FOOT = re.compile(
    r"(?:本页|本月|全年|以上)?(?:合计|总计|小计|共计|累计|总数)"
    r"|(?:填表|填报|制表|审核|报送|联系|负责)(?:人|单位|部门|日期|时间|电话)|单位\(?盖章|(?:备注|说明|注)\d?:"
)
# What no record is without.
_OF_A_RECORD = frozenset({"document_number", "decided_on", "penalties", "uscc", "identity_number", "facts"})


def _note(cells: Sequence[str], filled: Sequence[int], columns: Mapping[int, Column]) -> str:
    """What a line says that is no record; empty where it is one, or might be.

    None is a line of one cell, such as the title of a group; one that repeats the headings, as every printed page does;
    and a sum or a note at the foot of the table, where nothing else is said of a number, day, penalty or code.
    """
    written = [cell.lstrip(MARKS) for cell in cells if cell]
    words = [cell for cell in written if not cell.isdigit()]
    if len(written) == 1:
        is_note = bool(words)
    elif any(columns[at].key in _OF_A_RECORD and not _FOOT.match(fold(cells[at])) for at in filled):
        # One cell of a record may be the name of a column; all of them cannot.
        is_note = all(find_column(cell) is not None for cell in words) and is_heading_line(words)
    else:
        is_note = any(_FOOT.match(fold(cell)) for cell in words)
    return mask_numbers("、".join(written))[:80] if is_note else ""


def _without_tail(cells: Sequence[str]) -> tuple[str, ...]:
    last = max(at for at, cell in enumerate(cells) if cell)
    return tuple(cells[: last + 1])


def _too_many(file_name: str) -> FileRefused:
    return FileRefused(
        _("“%(name)s”超过 %(limit)d 行，请拆成几个文件分别导入。") % {"name": file_name, "limit": MAX_ROWS}
    )
