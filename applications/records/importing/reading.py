"""From the bytes of a CSV or XLSX file to its headings and rows of text."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import openpyxl
from django.utils.translation import gettext as _

from applications.records.importing.columns import Column, find_column, match_headings
from applications.records.importing.refusal import FileRefused

MAX_BYTES = 10 * 1024 * 1024
# What a zipped workbook may hold when unpacked.
MAX_UNPACKED = 200 * 1024 * 1024
# Checked and written in one transaction, which other writers of the embedded database wait for.
MAX_ROWS = 3_000
# Blank formatted rows count as well: a sheet can have a million of them.
MAX_SCANNED = 4 * MAX_ROWS
MAX_COLUMNS = 100
# A template may put a title above the headings.
HEADING_LINES = 10


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
    """All rows of a record file. Raises FileRefused with what is wrong with the file as a whole."""
    if not content:
        raise FileRefused(_("“%(name)s”是空文件，请重新导出后再导入。") % {"name": file_name})
    if len(content) > MAX_BYTES:
        raise FileRefused(
            _("“%(name)s”超过 %(limit)d MB，请拆成几个文件分别导入。")
            % {"name": file_name, "limit": MAX_BYTES // 1024 // 1024}
        )
    kind = _kind_of(content, file_name)
    lines = _workbook_lines(content, file_name) if kind == "xlsx" else _csv_lines(content, file_name)
    return _sheet(lines, file_name)


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


def _csv_lines(content: bytes, file_name: str) -> Iterator[tuple[str, ...]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _decode(content, "utf-16", file_name)
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _decode(content, "gb18030", file_name)
    if any(character < " " and character not in "\t\r\n" for character in text):
        raise FileRefused(
            _("“%(name)s”的内容不是文本，与扩展名 .csv 不符。请重新导出为 CSV。") % {"name": file_name}
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield tuple(_text_cell(cell) for cell in cells)
    except csv.Error:
        raise FileRefused(
            _("“%(name)s”第 %(line)d 行附近的引号不成对，无法分列。请检查该行，或另存为 .xlsx 后再导入。")
            % {"name": file_name, "line": reader.line_num}
        ) from None


def _decode(content: bytes, encoding: str, file_name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise FileRefused(
            _("“%(name)s”的编码既不是 UTF-8 也不是 GB18030，无法读取。请另存为“CSV UTF-8”后再导入。")
            % {"name": file_name}
        ) from None


def _text_cell(cell: str) -> str:
    """Without what spreadsheets put around a code to keep it text: ="320…" or a leading apostrophe."""
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].strip()
    return cell[1:] if cell.startswith("'") else cell


def _workbook_lines(content: bytes, file_name: str) -> Iterator[tuple[str, ...]]:
    broken = FileRefused(
        _("“%(name)s”不是可以读取的 Excel 工作簿，可能已损坏。请重新另存为 .xlsx 后再导入。")
        % {"name": file_name}
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            unpacked = sum(entry.file_size for entry in package.infolist())
        if unpacked > MAX_UNPACKED:
            raise FileRefused(
                _("“%(name)s”解压后超过 %(limit)d MB，请拆成几个文件分别导入。")
                % {"name": file_name, "limit": MAX_UNPACKED // 1024 // 1024}
            )
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        worksheet = workbook.worksheets[0]
        # The stated size of a sheet is often wrong, and then rows are lost.
        worksheet.reset_dimensions()
        for values in worksheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
            yield tuple(_value_text(value) for value in values)
        workbook.close()
    except FileRefused:
        raise
    except Exception:
        # openpyxl raises whatever the malformed part happens to break.
        raise broken from None


# Marks a number that a spreadsheet has already rounded; no cell can hold this character.
_LOSSY = "\x00"


def _value_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case int() | float():
            # A number cell keeps 15 digits: a longer code has lost its end.
            if abs(value) >= 10**15:
                return _LOSSY + f"{Decimal(value):f}"
            return str(int(value)) if float(value).is_integer() else f"{Decimal(repr(value)):f}"
        case _:
            return str(value).strip()


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
        lossy = frozenset(at for at, cell in enumerate(kept) if cell.startswith(_LOSSY))
        surplus = sum(bool(cell) for cell in cells[width:])
        rows.append(Row(line, tuple(cell.lstrip(_LOSSY) for cell in kept), lossy, surplus))
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
