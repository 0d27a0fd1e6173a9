"""Tables for a spreadsheet: what people wrote stays text there and never becomes a formula. Every export writes its
cells through this module."""

from collections.abc import Iterable
from typing import Protocol

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
