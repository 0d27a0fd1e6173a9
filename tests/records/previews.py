"""What a preview says of a file, in few words."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES

from applications.organs.models import Organ
from applications.records.importing.drafts import CheckedRow
from applications.records.services import ImportPreview, preview_import
from tests.fixtures import moment
from tests.records.files import HEADINGS, as_csv, row

NOW = moment("2026-11-23 10:00")
FINE = "罚款金额（万元）"
CONFISCATED = "没收违法所得、没收非法财物的金额（万元）"
CODE = "行政相对人代码_1（统一社会信用代码）"
# A warning has no amount.
NO_AMOUNTS = {FINE: "", CONFISCATED: "", "处罚类别": "警告", "处罚内容": "警告", "履行状态": "无"}


def preview(organ: Organ, content: bytes, name: str = "a.csv") -> ImportPreview:
    return preview_import(content=content, file_name=name, organ=organ, at=NOW)


def preview_row(organ: Organ, *rows: dict[str, str], headings: list[str] = HEADINGS) -> ImportPreview:
    return preview(organ, as_csv(*rows, headings=headings))


def faults(organ: Organ, one: dict[str, str]) -> dict[str, str]:
    found = preview_row(organ, one)
    return found.rejected[0].faults if found.rejected else {}


def doubts(organ: Organ, one: dict[str, str]) -> dict[str, str]:
    found = preview_row(organ, one)
    assert not found.rejected, said(found.rejected[0])
    return found.doubtful[0].doubts if found.doubtful else {}


def said(checked: CheckedRow) -> str:
    return "；".join(checked.faults.values())


def workbook(
    *sheets: tuple[str, list[list[Any]]], epoch: Any = None, formats: dict[str, str] | None = None
) -> bytes:
    """A workbook of named sheets with the cells given; ``formats`` is the number format of some of the first sheet."""
    book = Workbook()
    book.remove(book.active)
    if epoch:
        book.epoch = epoch
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
        for each in sheet.iter_rows():
            for cell in each:
                if cell.value in ERROR_CODES:
                    cell.data_type = "e"
    for place, form in (formats or {}).items():
        book.worksheets[0][place].number_format = form
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def one_row(**changes: Any) -> list[list[Any]]:
    """Headings and the good row, with cells of any type."""
    values: dict[str, Any] = {**row(), **changes}
    return [HEADINGS, [values.get(heading) for heading in HEADINGS]]
