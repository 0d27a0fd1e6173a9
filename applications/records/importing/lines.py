"""From a CSV or XLSX file to lines of text, in the child process (see applications.files.bounded_child).

The file is read as the lines are taken: nothing of it that grows with its rows stays in memory. Nothing here imports Django. A sentence that refuses a file names it as ``%(name)s``, which the parent fills in.
"""

import codecs
import csv
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from applications.files.bounded_child import Refused
from applications.records.importing.columns import is_heading_line
from applications.records.importing.strings import PlainText, StringsOnDisk
from rules.gb18030 import real_characters
from rules.sameness import visible

# What a zipped workbook may hold when unpacked, or for each row that it may have, and how many parts.
MAX_UNPACKED, UNPACKED_A_ROW = 200 * 1024 * 1024, 6 * 1024
MAX_PARTS = 2_000
# Of a part that is read as a whole whatever the rows say: formats, names, relations.
MAX_AROUND = 8 * 1024 * 1024
CELLS = re.compile(r"/worksheets/[^/]*$|/sharedstrings[^/]*$|/media/|/embeddings/", re.I)
MAX_ROWS = 100_000
# Blank formatted rows count as well: a sheet can have a million of them. So many times as many as there may be rows.
SCANNED = 4
# So often it is said how much of the file has been read.
LINES_A_SHARE = 500
MAX_COLUMNS = 100
# So many sheets are looked at for the one with the headings.
MAX_SHEETS = 20
# A comma too many now and then is told by the row; more cells than this are no record file.
MAX_CELLS = 1_000
# A template may put a title above the headings.
HEADING_LINES = 10
MAX_CELL_LENGTH = 131_072
_SURROGATES = frozenset(map(chr, range(0xD800, 0xE000)))
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# What is to be known of a cell besides its text stands before it; no cell can hold these characters. A number that the
# spreadsheet has rounded, a formula, an error, and a number in a workbook whose days are counted from 1904.
LOSSY, FORMULA, ERROR, FROM_1904 = MARKS = "\x00\x01\x02\x03"
_ERROR = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA|#+)"
)
_CALCULATION = re.compile(r"=[A-Za-z0-9+\-@($]")
# By this code of an error lxml says what Python says by MemoryError.
_XML_NO_MEMORY = 2
# How a workbook's XML writes what XML cannot hold.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _(sentence: str) -> str:
    """Marks a sentence that the parent translates."""
    return sentence


TOO_LARGE_UNPACKED = _("“%(name)s”解压后超过 %(limit)d MB，请拆成几个文件分别导入。")


def read_lines(file: BinaryIO, kind: str, rows: str) -> Iterator[bytes]:
    """Each line of the file as a line of JSON, an array of texts without the blanks at its end; and now and then a number
    from 0 to 1, the share of the file that has been read.

    ``kind``: csv or xlsx; ``rows``: how many of them the file may have. Which lines are rows is for whoever takes them to
    say; this ends early only after more lines than any such file has, which is to be taken for a file of too many rows.
    Raises Refused.
    """
    most = int(rows)
    reading = _Workbook(file, most) if kind == "xlsx" else _Csv(file)
    for number, cells in enumerate(reading.lines(), start=1):
        while cells and not cells[-1]:
            cells.pop()
        # In a workbook too: what it holds was often a file of an older system before.
        line = real_characters(_encode(cells))
        yield line.encode(errors="surrogatepass") + b"\n"
        if number > SCANNED * most:
            return
        if number % LINES_A_SHARE == 0:
            yield b"%.4f\n" % min(reading.share(), 1)


_encode = json.JSONEncoder(ensure_ascii=False).encode


class _Csv:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = max(1, os.fstat(file.fileno()).st_size)

    def share(self) -> float:
        return self._file.tell() / self._size

    def lines(self) -> Iterator[list[str]]:
        text = io.TextIOWrapper(self._file, _encoding(self._file), newline="")
        csv.field_size_limit(MAX_CELL_LENGTH)
        reader = csv.reader(text, strict=True)
        try:
            for cells in reader:
                if len(cells) > MAX_CELLS:
                    raise Refused(
                        _("“%(name)s”第 %(line)d 行有 %(n)d 个单元格，不是记录文件。请检查该行后再导入。"),
                        line=reader.line_num,
                        n=len(cells),
                    )
                yield [_text_cell(cell) if cell else cell for cell in cells]
        except csv.Error as error:
            if "limit" in str(error):
                raise Refused(
                    _(
                        "“%(name)s”第 %(line)d 行附近有一个单元格超过 %(limit)d 个字，可能是引号不成对。"
                        "请检查该行，或另存为 .xlsx 后再导入。"
                    ),
                    line=reader.line_num,
                    limit=MAX_CELL_LENGTH,
                ) from None
            raise Refused(
                _(
                    "“%(name)s”第 %(line)d 行附近的引号不成对，无法分列。请检查该行，或另存为 .xlsx 后再导入。"
                ),
                line=reader.line_num,
            ) from None


def _encoding(file: BinaryIO) -> str:
    """The encoding in which the whole file can be read, and is text; leaves the file at its beginning."""
    begin = file.read(2)
    utf16 = begin in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        file.seek(0)
        try:
            # The last piece is empty: it asks for the end of a character that has begun.
            decode = codecs.getincrementaldecoder(encoding)().decode
            pieces = iter(lambda: file.read(1 << 20), b"")
            is_text = not any(CONTROL.search(decode(piece)) for piece in pieces) and decode(b"", True) == ""
        except UnicodeDecodeError:
            continue
        file.seek(0)
        if not is_text:
            raise Refused(_("“%(name)s”的内容不是文本，与扩展名 .csv 不符。请重新导出为 CSV。"))
        return encoding
    raise Refused(_("“%(name)s”的编码既不是 UTF-8 也不是 GB18030，无法读取。请另存为“CSV UTF-8”后再导入。"))


def _text_cell(cell: str) -> str:
    """Without what spreadsheets put around a code to keep it text: ="320…"."""
    cell = _plain(cell)
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].strip()
    return FORMULA + cell if cell[:1] == "=" and _CALCULATION.match(cell) else cell


def _plain(text: str) -> str:
    """A text without escapes and invisible characters; an error's words are marked, also where they are only words."""
    if "_x" in text:
        text = _ESCAPED.sub(_unescape, text)
    text = visible(text).strip()
    if text[:1] == "'" and "'" not in text[1:]:
        # It keeps a code a text, and is no quotation.
        return text[1:].strip()
    return ERROR + text if text[:1] == "#" and _ERROR.fullmatch(text) else text


def _unescape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    # A character that no text may hold stays as it was written.
    return (
        "\n"
        if character == "\r"
        else found[0]
        if CONTROL.match(character) or character in _SURROGATES
        else character
    )


class Formula:
    """A cell whose value somebody's spreadsheet worked out."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Error:
    """A cell that shows an error."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Workbook:
    def __init__(self, file: BinaryIO, rows: int) -> None:
        self._file = file
        self._most_unpacked = max(MAX_UNPACKED, rows * UNPACKED_A_ROW)
        # The sheet that is read, unpacked, and its size.
        self._part: Any = None
        self._size = 1

    def share(self) -> float:
        return self._part.tell() / self._size if self._part else 0.0

    def lines(self) -> Iterator[list[str]]:
        import openpyxl
        from openpyxl.reader import excel
        from openpyxl.worksheet import _reader as reader
        from openpyxl.worksheet._read_only import ReadOnlyWorksheet

        # The stated size of a sheet is often wrong, and then rows are lost; where none is stated, each sheet of the
        # workbook would be read to its end to find it.
        ReadOnlyWorksheet._get_size = ReadOnlyWorksheet.reset_dimensions
        excel.read_string_table = StringsOnDisk
        reader.Text = PlainText
        parse_cell = reader.WorkSheetParser.parse_cell

        def with_its_kind(self: Any, element: Any) -> Any:
            """Of a formula openpyxl gives either the text or the value; this says that the value is one's."""
            cell = parse_cell(self, element)
            if cell["data_type"] == "e":
                cell["value"] = Error(cell["value"])
            elif element.find(reader.FORMULA_TAG) is not None:
                cell["value"] = Formula(cell["value"])
            return cell

        reader.WorkSheetParser.parse_cell = with_its_kind
        try:
            with zipfile.ZipFile(self._file) as package:
                _check_parts(package.infolist(), self._most_unpacked)
            workbook = openpyxl.load_workbook(self._file, read_only=True, data_only=True)
            mark = FROM_1904 if workbook.epoch == openpyxl.utils.datetime.MAC_EPOCH else ""
            sheet = _data_sheet(workbook, mark)
            self._part = workbook._archive.open(sheet._worksheet_path)
            self._size = max(1, workbook._archive.getinfo(sheet._worksheet_path).file_size)
            sheet._get_source = lambda: self._part
            for values in sheet.iter_rows(values_only=True):
                yield _texts(values, mark)
        except (Refused, MemoryError):
            raise
        except Exception as error:
            # Python says SystemError where not even an error found room.
            if isinstance(error, SystemError) or getattr(error, "code", None) == _XML_NO_MEMORY:
                raise MemoryError from error
            # openpyxl raises whatever the malformed part happens to break.
            raise Refused(
                _("“%(name)s”不是可以读取的 Excel 工作簿，可能已损坏。请重新另存为 .xlsx 后再导入。")
            ) from None


def _data_sheet(workbook: Any, mark: str) -> Any:
    """The sheet with the headings, whatever stands before it; the first where none has them. Refused where two have."""
    shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    # Two names may stand for one sheet.
    sheets = list({sheet._worksheet_path: sheet for sheet in reversed(shown or workbook.worksheets)}.values())
    sheets.reverse()
    if len(sheets) == 1:
        return sheets[0]
    found = [sheet for sheet in sheets[:MAX_SHEETS] if _has_headings(sheet, mark)]
    if len(found) > 1:
        raise Refused(
            _(
                "“%(name)s”有不止一张数据表（“%(first)s”“%(second)s”），一次只能导入一张。请分别另存为文件后再导入。"
            ),
            first=found[0].title,
            second=found[1].title,
        )
    return found[0] if found else sheets[0]


def _has_headings(sheet: Any, mark: str) -> bool:
    rows = sheet.iter_rows(max_row=HEADING_LINES, values_only=True)
    return any(is_heading_line(_texts(values, mark)) for values in rows)


def _texts(values: Sequence[Any], mark: str) -> list[str]:
    return ["" if value is None else _value_text(value, mark) for value in values[:MAX_COLUMNS]]


def _check_parts(parts: list[zipfile.ZipInfo], most: int) -> None:
    """Before anything is unpacked: what the package says of itself, which its reader holds it to. ``most``: bytes."""
    if sum(part.file_size for part in parts) > most:
        raise Refused(TOO_LARGE_UNPACKED, limit=most // 1024 // 1024)
    around = max((part.file_size for part in parts if not CELLS.search(part.filename)), default=0)
    if len(parts) > MAX_PARTS or around > MAX_AROUND:
        raise Refused(
            _(
                "“%(name)s”的格式、名称等附加内容过多，无法读取。"
                "请新建一个工作簿，只粘贴数值（不带格式），另存为 .xlsx 后再导入。"
            )
        )


def _value_text(value: Any, mark: str) -> str:
    """A cell's value as text; ``mark`` is that of the workbook's plain numbers."""
    match value:
        case str():
            return _plain(value)
        case Error():
            return ERROR + str(value.value)
        case Formula():
            return FORMULA + ("" if value.value is None else _value_text(value.value, "").lstrip(MARKS))
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            midnight = value.time() == time.min
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case int() | float():
            # A number cell keeps 15 digits: a longer code has lost its end, and a sum has false ones at its end.
            if abs(value) >= 10**15:
                return LOSSY + f"{Decimal(value):f}"
            if float(value).is_integer():
                return mark + str(int(value))
            return mark + f"{Decimal(f'{value:.15g}'):f}"
        case _:
            return _plain(str(value))
