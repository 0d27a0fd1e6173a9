"""From a CSV or XLSX file to its headings and rows of text, one after the other.

The file is parsed in a process of its own (see lines and applications.files.bounded_stream) while its rows are taken.
"""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.files.bounded_stream import Budget, stream
from applications.masking import mask_numbers
from applications.records.importing.columns import Column, find_column, fold, is_heading_line
from applications.records.importing.headings import match_headings
from applications.records.importing.lines import HEADING_LINES, MARKS, MAX_ROWS, SCANNED, TOO_LARGE_UNPACKED
from applications.records.importing.refusal import FileRefused, TooCostly, TooManyRows

MEGABYTE = 1024 * 1024
MAX_BYTES = 100 * MEGABYTE
# A row of a workbook takes a third of this on a machine that does nothing else.
SECONDS_A_ROW = 0.001
# Of the lines that are no records so many are kept to be shown.
LISTED = 3_000


class Limits(NamedTuple):
    """How many rows and bytes a file may have."""

    rows: int
    size: int


FULL = Limits(MAX_ROWS, MAX_BYTES)
# What is read while somebody waits for the page.
QUICK = Limits(3_000, 10 * MEGABYTE)


class Row(NamedTuple):
    """``line`` is the row's number in a spreadsheet, from 1. ``cells`` lines up with the file's headings;
    ``marks`` says of some positions what is to be known of the cell besides its text (one of lines.MARKS)."""

    line: int
    cells: tuple[str, ...]
    marks: Mapping[int, str]
    surplus: int = 0


@dataclass
class Sheet:
    """``rows`` can be taken once, and raises FileRefused where the file turns out to be of no use. With them grow the
    others: the ``share`` of the file that has been read, from 0 to 1, how many ``lines`` those are, and which are no records
    (titles of groups, totals, notes, repeated headings), each with its number, as far as they are listed."""

    headings: tuple[str, ...]
    columns: dict[int, Column]
    rows: Iterator[Row]
    share: float = 0.0
    lines: int = 0
    passed_over: list[tuple[int, str]] = field(default_factory=list)
    passed_over_in_all: int = 0


@contextmanager
def open_sheet(file: BinaryIO, file_name: str, limits: Limits = FULL) -> Iterator[Sheet]:
    """The rows of a record file, before any transaction begins. ``file``: at any place, on the disk or in memory that has
    a number for the system.

    Raises FileRefused with what is wrong with the file as a whole; TooManyRows and TooCostly, of that kind, also when rows
    were given.
    """
    # Past the buffer of the file, which the child knows nothing of.
    size = os.fstat(file.fileno()).st_size
    if not size:
        raise FileRefused(_("“%(name)s”是空文件，请重新导出后再导入。") % {"name": file_name})
    if size > limits.size:
        raise FileRefused(
            _("“%(name)s”超过 %(limit)d MB，请拆成几个文件分别导入。")
            % {"name": file_name, "limit": limits.size // MEGABYTE}
        )
    kind = _kind_of(os.pread(file.fileno(), 8, 0), file_name)
    budget = Budget(lines=limits.rows, seconds_a_line=SECONDS_A_ROW if limits.rows > QUICK.rows else 0)
    answer = stream(
        "applications.records.importing.lines:read_lines", file, kind, str(limits.rows), budget=budget
    )
    with _in_words(file_name), closing(answer):
        yield _sheet(answer, file_name, limits)


@contextmanager
def _in_words(file_name: str) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        kind = TooCostly if refused.sentence == TOO_LARGE_UNPACKED else FileRefused
        raise kind(_(refused.sentence) % {**refused.params, "name": file_name}) from None
    except bounded.OverBudget:
        raise TooCostly(
            _(
                "“%(name)s”结构过于复杂，不能在限定的时间和内存内读取。"
                "请新建一个工作簿，只粘贴数值（不带格式），另存为 .xlsx 后再导入；仍然不行的，请拆成几个文件。"
            )
            % {"name": file_name}
        ) from None
    except bounded.NotExamined:
        raise FileRefused(_("“%(name)s”暂时无法读取，没有导入。请稍后再试。") % {"name": file_name}) from None


def _kind_of(begin: bytes, file_name: str) -> str:
    """ "csv" or "xlsx" by what the file is; refused where that is not what its name says."""
    suffix = PurePath(file_name).suffix.lower()
    if begin.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            _("“%(name)s”是旧版 Excel（.xls）或者加了密码的工作簿。请去掉密码，另存为 .xlsx 后再导入。")
            % {"name": file_name}
        )
    found = "xlsx" if begin.startswith(b"PK\x03\x04") else "csv"
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


def _sheet(answer: Iterator[bytes], file_name: str, limits: Limits) -> Sheet:
    """The sheet with its headings; its rows follow."""
    sheet = Sheet((), {}, iter(()))
    lines = _numbered(answer, sheet)
    first: Sequence[str] = ()
    for line, cells, _marked in lines:
        if is_heading_line(cells):
            sheet.headings = _without_tail([cell.lstrip(MARKS) for cell in cells])
            sheet.columns = match_headings(sheet.headings)
            sheet.rows = _rows(lines, sheet, file_name, limits)
            return sheet
        first = first or cells
        if line >= HEADING_LINES:
            break
    if len(first) == 1 and any(mark in first[0] for mark in ";\t|"):
        raise FileRefused(
            _("“%(name)s”没有用英文逗号分列。请另存为逗号分隔的 CSV 后再导入。") % {"name": file_name}
        )
    raise FileRefused(
        _("“%(name)s”中找不到列名。第一行应为导入模板的列名，如“行政相对人名称”。") % {"name": file_name}
    )


def _numbered(answer: Iterator[bytes], sheet: Sheet) -> Iterator[tuple[int, list[str], bool]]:
    """The lines that say something, each with its number."""
    for said in answer:
        if not said.startswith(b"["):
            sheet.share = float(said)
            continue
        sheet.lines += 1
        if said != b"[]" and any(cells := json.loads(said)):
            # Whether some cell may have a mark: no text has these characters.
            yield sheet.lines, cells, b"\\u000" in said
    sheet.share = 1.0


def _rows(
    lines: Iterator[tuple[int, list[str], bool]], sheet: Sheet, file_name: str, limits: Limits
) -> Iterator[Row]:
    kept = [at for at, column in sheet.columns.items() if column.kept]
    telling = {at for at in kept if sheet.columns[at].key in _OF_A_RECORD}
    width, found = len(sheet.headings), 0
    for line, cells, marked in lines:
        filled = [at for at in kept if at < len(cells) and cells[at]]
        note = "" if _is_record(cells, filled, telling) else _note(cells, filled, sheet.columns)
        if note:
            sheet.passed_over_in_all += 1
            if len(sheet.passed_over) < LISTED:
                sheet.passed_over.append((line, note))
            continue
        if not filled and len(cells) <= width:
            # A number of a row, or a time stamp, and nothing else.
            continue
        found += 1
        if found > limits.rows:
            break
        yield _row(line, cells, width, marked)
    if found > limits.rows or sheet.lines > SCANNED * limits.rows:
        raise TooManyRows(
            _("“%(name)s”超过 %(limit)d 行，请拆成几个文件分别导入。")
            % {"name": file_name, "limit": limits.rows}
        )
    if not found:
        raise FileRefused(_("“%(name)s”只有列名，没有记录。") % {"name": file_name})


def _row(line: int, cells: Sequence[str], width: int, marked: bool) -> Row:
    kept = [*cells[:width], *[""] * (width - len(cells))]
    if not marked:
        return Row(line, tuple(kept), {}, sum(bool(cell) for cell in cells[width:]))
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


def _is_record(cells: Sequence[str], filled: Sequence[int], telling: Collection[int]) -> bool:
    """Whether _note() would say nothing, seen by the first cell that tells."""
    if len(filled) < 2:
        return False
    cell = next((cells[at] for at in filled if at in telling), "")
    return bool(cell) and not cell.isdigit() and find_column(cell) is None and not _FOOT.match(fold(cell))


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
