"""From the bytes of a CSV or XLSX file to lines of text, in the child process (see applications.files.bounded_child).

Nothing here imports Django. A sentence that refuses a file names it as ``%(name)s``, which the parent fills in.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from applications.files.bounded_child import Refused
from rules.gb18030 import real_characters

# What a zipped workbook may hold when unpacked, and how many parts.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_PARTS = 2_000
# Of a part that is read as a whole whatever the rows say: formats, names, relations.
MAX_AROUND = 8 * 1024 * 1024
CELLS = re.compile(r"/worksheets/[^/]*$|/sharedstrings[^/]*$|/media/|/embeddings/", re.I)
# Checked and written in one transaction, which other writers of the embedded database wait for.
MAX_ROWS = 3_000
# Blank formatted rows count as well: a sheet can have a million of them.
MAX_SCANNED = 4 * MAX_ROWS
MAX_COLUMNS = 100
# A comma too many now and then is told by the row; more cells than this are no record file.
MAX_CELLS = 1_000
# A template may put a title above the headings.
HEADING_LINES = 10
MAX_CELL_LENGTH = 131_072
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Marks a number that a spreadsheet has already rounded; no cell can hold this character.
LOSSY = "\x00"


def _(sentence: str) -> str:
    """Marks a sentence that the parent translates."""
    return sentence


def read_lines(content: bytes, kind: str) -> Iterator[bytes]:
    """Each line of the file as a line of JSON, an array of texts without the blanks at its end.

    ``kind``: csv or xlsx. Ends where it is certain that the file has too many rows. Raises Refused.
    """
    filled = 0
    lines = _workbook_lines(content) if kind == "xlsx" else _csv_lines(content)
    for number, cells in enumerate(lines, start=1):
        while cells and not cells[-1]:
            cells.pop()
        # In a workbook too: what it holds was often a file of an older system before.
        line = real_characters(json.dumps(cells, ensure_ascii=False))
        yield line.encode(errors="surrogatepass") + b"\n"
        filled += bool(cells)
        if number > MAX_SCANNED or filled > HEADING_LINES + MAX_ROWS:
            return


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _decode(content, "utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _decode(content, "gb18030")
    if CONTROL.search(text):
        raise Refused(_("“%(name)s”的内容不是文本，与扩展名 .csv 不符。请重新导出为 CSV。"))
    csv.field_size_limit(MAX_CELL_LENGTH)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if len(cells) > MAX_CELLS:
                raise Refused(
                    _("“%(name)s”第 %(line)d 行有 %(n)d 个单元格，不是记录文件。请检查该行后再导入。"),
                    line=reader.line_num,
                    n=len(cells),
                )
            yield [_text_cell(cell) for cell in cells]
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
            _("“%(name)s”第 %(line)d 行附近的引号不成对，无法分列。请检查该行，或另存为 .xlsx 后再导入。"),
            line=reader.line_num,
        ) from None


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(
            _("“%(name)s”的编码既不是 UTF-8 也不是 GB18030，无法读取。请另存为“CSV UTF-8”后再导入。")
        ) from None


def _text_cell(cell: str) -> str:
    """Without what spreadsheets put around a code to keep it text: ="320…" or a leading apostrophe."""
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].strip()
    return cell[1:] if cell.startswith("'") else cell


def _workbook_lines(content: bytes) -> Iterator[list[str]]:
    import openpyxl
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    # The stated size of a sheet is often wrong, and then rows are lost; where none is stated, each sheet of the
    # workbook would be read to its end to find it.
    ReadOnlyWorksheet._get_size = ReadOnlyWorksheet.reset_dimensions
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_parts(package.infolist())
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        worksheet = workbook.worksheets[0]
        for values in worksheet.iter_rows(values_only=True):
            yield ["" if value is None else _value_text(value) for value in values[:MAX_COLUMNS]]
    except (Refused, MemoryError):
        raise
    except Exception:
        # openpyxl raises whatever the malformed part happens to break.
        raise Refused(
            _("“%(name)s”不是可以读取的 Excel 工作簿，可能已损坏。请重新另存为 .xlsx 后再导入。")
        ) from None


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    """Before anything is unpacked: what the package says of itself, which its reader holds it to."""
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Refused(
            _("“%(name)s”解压后超过 %(limit)d MB，请拆成几个文件分别导入。"),
            limit=MAX_UNPACKED // 1024 // 1024,
        )
    around = max((part.file_size for part in parts if not CELLS.search(part.filename)), default=0)
    if len(parts) > MAX_PARTS or around > MAX_AROUND:
        raise Refused(
            _(
                "“%(name)s”的格式、名称等附加内容过多，无法读取。"
                "请新建一个工作簿，只粘贴数值（不带格式），另存为 .xlsx 后再导入。"
            )
        )


def _value_text(value: Any) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case int() | float():
            # A number cell keeps 15 digits: a longer code has lost its end.
            if abs(value) >= 10**15:
                return LOSSY + f"{Decimal(value):f}"
            return str(int(value)) if float(value).is_integer() else f"{Decimal(repr(value)):f}"
        case _:
            return str(value).strip()
