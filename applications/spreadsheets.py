"""Tables for a spreadsheet: what people wrote stays text there and never becomes a formula. Every export writes its
cells through this module."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from xml.sax.saxutils import escape

from defusedcsv import csv
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# Besides what defusedcsv knows: what a spreadsheet passes over, and Chinese forms, before it looks for a formula.
FORMULA_STARTS = ("\t", "\r", "\n", "＝", "＋", "－", "＠")


class Writable(Protocol):
    def write(self, text: str, /) -> object: ...


class CsvTable:
    """A CSV in UTF-8, begun with its headings. Spreadsheets take a file without the mark for one in their own
    encoding."""

    def __init__(self, file: Writable, headings: Iterable[object]) -> None:
        file.write("\ufeff")
        self._writer = csv.writer(file)
        self.add(headings)

    def add(self, cells: Iterable[object]) -> None:
        """One line. Numbers and dates stay what they are."""
        self._writer.writerow(
            f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
            for cell in cells
        )


def write_text(cell: Cell, text: str) -> None:
    """A cell of a workbook as text, whatever it looks like."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    cell.data_type = "s"
    cell.quotePrefix = True


# -- Tables that are sent while they are made, however long they are.

# A sheet has no more, its headings among them.
MAX_ROWS = 1_048_576
_PIECE, _PACKED_PIECE = 1 << 16, 1 << 13


def stream_csv(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """A CsvTable, piece by piece."""
    file = io.StringIO(newline="")
    table = CsvTable(file, headings)
    for row in rows:
        table.add(row)
        if file.tell() > _PIECE:
            yield file.getvalue().encode()
            file.seek(0)
            file.truncate()
    yield file.getvalue().encode()


class Pieces:
    """A file that cannot be turned back, as an archive writes it: what was written is taken away."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, piece: bytes) -> int:
        self.waiting += piece
        return len(piece)

    def flush(self) -> None:
        pass

    close = flush

    def take(self) -> bytes:
        piece = bytes(self.waiting)
        self.waiting.clear()
        return piece


def stream_xlsx(title: str, headings: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """A workbook of one sheet, piece by piece; openpyxl would write it to the disk first. Of what people wrote every cell
    is text that is shown as it stands."""
    out = Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, part in _PARTS.items():
            package.writestr(
                name,
                _XML
                + part.format(
                    main=_MAIN, office=_OFFICE, package=_PACKAGE, title=escape(title, {'"': "&quot;"})
                ),
            )
        # How long it becomes is not known when it begins, and 2 GB are too much for an entry of the old kind.
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            sheet.write(_line(headings))
            for row in rows:
                sheet.write(_line(row))
                if len(out.waiting) > _PACKED_PIECE:
                    yield out.take()
            sheet.write(b"</sheetData></worksheet>")
    yield out.take()


def _line(cells: Iterable[object]) -> bytes:
    return f"<row>{''.join(map(_cell, cells))}</row>".encode(errors="replace")


def _cell(value: object) -> str:
    match value:
        case None | "":
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{value:d}</v></c>'
        case int() | float() | Decimal():
            return f"<c><v>{value}</v></c>"
        case datetime() | date():
            return f'<c t="inlineStr" s="1"><is><t>{value:%Y-%m-%d}</t></is></c>'
    text = escape(ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value)))
    return f'<c t="inlineStr" s="1"><is><t xml:space="preserve">{text}</t></is></c>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FORMATS = "http://schemas.openxmlformats.org"
_MAIN = f"{_FORMATS}/spreadsheetml/2006/main"
_OFFICE = f"{_FORMATS}/officeDocument/2006/relationships"
_PACKAGE = f"{_FORMATS}/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# All that a workbook needs besides its sheet. The second format of cells is that of texts: as they stand.
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="{package}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="{package}/relationships">'
    '<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
    '<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="{package}/relationships">'
    '<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": '<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/>'
    '<xf xfId="0" numFmtId="49" quotePrefix="1" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
