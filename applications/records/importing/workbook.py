"""The workbook of rejected rows: all columns, people's numbers masked, each fault marked in red with its reason.

It is stored and travels, and whoever corrects it has the numbers: in the file that was sent, under the row number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from applications.masking import mask_identity, mask_numbers
from applications.records.importing.columns import (
    HEADINGS,
    IDENTITY_COLUMNS,
    REJECTION,
    ROW_NUMBER,
    Column,
)
from applications.records.importing.drafts import CheckedRow
from applications.records.importing.reading import LISTED
from applications.records.importing.texts import CODES_KEPT
from applications.spreadsheets import write_text
from rules.personal_numbers import is_personal_code

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RED = PatternFill("solid", start_color="FFFFC7CE")
GREY = PatternFill("solid", start_color="FFE7ECF1")
WIDTH, REASON_WIDTH = 18, 60
# Numbers of organisations and decisions, which say which row it is, unless a person's number stands there.
CODES = frozenset({"uscc", "penalising_organ_uscc", "source_organ_uscc", *CODES_KEPT})


class ErrorWorkbook:
    """An XLSX that can be corrected and imported as it is: the two columns added at its end are not read again.

    Its rows are on the disk before it is saved. The first LISTED have their reasons as comments beside the cells too,
    which a spreadsheet keeps in memory.
    """

    def __init__(self, headings: Sequence[str], columns: Mapping[int, Column]) -> None:
        # A workbook that comes back once more gets its row numbers and reasons anew.
        self._positions = [
            (at, columns.get(at))
            for at in range(len(headings))
            if headings[at] not in (ROW_NUMBER, REJECTION)
        ]
        self._titles = [*(headings[at] for at, _column in self._positions), ROW_NUMBER, REJECTION]
        self._workbook: Workbook | None = None
        self._sheet: Any = None
        self.rows = 0

    def _begin(self) -> None:
        self._workbook = Workbook(write_only=True)
        self._sheet = self._workbook.create_sheet(_("退回的记录"))
        for at in range(1, len(self._titles) + 1):
            self._sheet.column_dimensions[get_column_letter(at)].width = WIDTH
        self._sheet.column_dimensions[get_column_letter(len(self._titles))].width = REASON_WIDTH
        self._sheet.freeze_panes = "A2"
        line = [self._cell(title) for title in self._titles]
        for cell in line:
            cell.font, cell.fill = Font(bold=True), GREY
        self._sheet.append(line)

    def add(self, rejected: Iterable[CheckedRow]) -> None:
        for each in rejected:
            if not self.rows:
                self._begin()
            self.rows += 1
            line: list[Any] = []
            for position, column in self._positions:
                cell = self._cell(_masked(each.row.cells[position], column))
                reason = each.faults.get(column.key) if column else None
                if reason:
                    cell.fill = RED
                    if self.rows <= LISTED:
                        cell.comment = Comment(reason, _("信用修复系统"), width=320, height=120)
                line.append(cell)
            summary = self._cell(reasons(each.faults))
            summary.fill, summary.alignment = RED, Alignment(wrap_text=True, vertical="top")
            self._sheet.append([*line, each.row.line, summary])

    def _cell(self, text: str) -> Cell:
        cell = WriteOnlyCell(self._sheet)
        write_text(cell, text)
        return cell

    def save(self, file: IO[bytes]) -> None:
        """Write it to a file, where there are rows; nothing can be added then."""
        workbook, self._workbook = self._workbook, None
        if workbook is not None:
            workbook.save(file)

    def close(self) -> None:
        """Remove what was not saved from the disk."""
        if self._workbook is not None:
            self._sheet.close()
            self._sheet._writer.cleanup()


def reasons(said: Mapping[str, str]) -> str:
    """All that is said of a row (its faults, or its doubts) in one text, each under the heading that it is about."""
    return "\n".join(
        f"{at}. {HEADINGS[key]}：{message}" for at, (key, message) in enumerate(said.items(), start=1)
    )


def _masked(text: str, column: Column | None) -> str:
    if column and (column.key in IDENTITY_COLUMNS or (column.key in CODES and is_personal_code(text))):
        return mask_identity(text)
    return text if column and column.key in CODES else mask_numbers(text)
