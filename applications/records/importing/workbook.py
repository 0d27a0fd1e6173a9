"""The workbook of rejected rows: all columns, people's numbers masked, each fault marked in red with its reason.

It is stored and travels, and whoever corrects it has the numbers: in the file that was sent, under the row number.
"""

import io
from collections.abc import Mapping

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from applications.records.importing.checking import CheckedRow
from applications.records.importing.columns import (
    HEADINGS,
    IDENTITY_COLUMNS,
    REJECTION,
    ROW_NUMBER,
    Column,
)
from applications.records.importing.reading import Sheet
from applications.records.importing.texts import CODES_KEPT
from applications.spreadsheets import write_text
from applications.subjects.identity import mask_identity, mask_numbers
from rules.personal_numbers import is_personal_code

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RED = PatternFill("solid", start_color="FFFFC7CE")
GREY = PatternFill("solid", start_color="FFE7ECF1")
WIDTH, REASON_WIDTH = 18, 60
# Numbers of organisations and decisions, which say which row it is, unless a person's number stands there.
CODES = frozenset({"uscc", "penalising_organ_uscc", "source_organ_uscc", *CODES_KEPT})


def error_workbook(sheet: Sheet, rejected: list[CheckedRow]) -> bytes:
    """An XLSX that can be corrected and imported as it is: the two columns added at its end are not read again."""
    workbook = Workbook()
    worksheet = workbook.active
    worksheet.title = _("退回的记录")
    width = len(sheet.headings)
    # A workbook that comes back once more gets its row numbers and reasons anew.
    positions = [at for at in range(width) if sheet.headings[at] not in (ROW_NUMBER, REJECTION)]
    headings = [sheet.headings[at] for at in positions]
    for at, heading in enumerate([*headings, ROW_NUMBER, REJECTION], start=1):
        cell = worksheet.cell(1, at)
        write_text(cell, heading)
        cell.font, cell.fill = Font(bold=True), GREY
        worksheet.column_dimensions[get_column_letter(at)].width = WIDTH
    worksheet.column_dimensions[get_column_letter(len(headings) + 2)].width = REASON_WIDTH
    for line, each in enumerate(rejected, start=2):
        for at, position in enumerate(positions, start=1):
            cell = worksheet.cell(line, at)
            column = sheet.columns.get(position)
            write_text(cell, _masked(each.row.cells[position], column))
            reason = each.faults.get(column.key) if column else None
            if reason:
                cell.fill = RED
                cell.comment = Comment(reason, _("信用修复系统"), width=320, height=120)
        worksheet.cell(line, len(headings) + 1, each.row.line)
        summary = worksheet.cell(line, len(headings) + 2)
        write_text(summary, reasons(each.faults))
        summary.fill, summary.alignment = RED, Alignment(wrap_text=True, vertical="top")
    worksheet.freeze_panes = "A2"
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def reasons(said: Mapping[str, str]) -> str:
    """All that is said of a row (its faults, or its doubts) in one text, each under the heading that it is about."""
    return "\n".join(
        f"{at}. {HEADINGS[key]}：{message}" for at, (key, message) in enumerate(said.items(), start=1)
    )


def _masked(text: str, column: Column | None) -> str:
    if column and (column.key in IDENTITY_COLUMNS or (column.key in CODES and is_personal_code(text))):
        return mask_identity(text)
    return text if column and column.key in CODES else mask_numbers(text)
