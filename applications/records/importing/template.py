"""The workbook that a unit fills in: every column that is read, under the name that it should have."""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from applications.records.importing.columns import REPAIR, STANDARD
from applications.records.importing.lines import MAX_ROWS

WIDTH = 20
NEEDED, OTHER = (PatternFill("solid", start_color=colour) for colour in ("FFFFE9A8", "FFE7ECF1"))


def template_workbook() -> bytes:
    """An XLSX whose first sheet has the headings alone, in columns of text: a number typed there keeps its digits."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = _("失信行为信息")
    for at, column in enumerate([*STANDARD, *REPAIR], start=1):
        letter = get_column_letter(at)
        cell = sheet.cell(1, at, column.heading)
        cell.font, cell.fill = Font(bold=True), NEEDED if column.needed else OTHER
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = WIDTH
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    notes = workbook.create_sheet(_("说明"))
    for line in (
        _("一行一条处罚决定、一个相对人；黄色的列必须有。最多 %(rows)d 行。") % {"rows": MAX_ROWS},
        _("金额以万元为单位；日期写成 2026-05-01；长期有效的，处罚有效期写“长期”。"),
        _("自然人的证件号码只填在“证件号码”一列，其他各列不得出现。"),
        _("失信严重程度填“一般”或“严重”；失信领域、失信行为不属于所列的填“无”。"),
        _("履行状态如“罚款:2026-06-01；责令改正:未履行”，都没有履行的填“未履行”。"),
    ):
        notes.append([line])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
