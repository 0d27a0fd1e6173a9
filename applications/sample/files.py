"""The sample as files: organs.csv, staff.csv, one record file a unit, and one file of rows that are refused."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook

from applications.records.importing.columns import REPAIR, STANDARD
from applications.sample.organs import SampleOrgan
from applications.sample.people import PASSWORD, SampleOfficer
from applications.sample.records import Row

HEADINGS = [column.heading for column in (*STANDARD, *REPAIR)]
DATE_HEADINGS = ("处罚决定日期", "处罚有效期")
# One unit still exports from an old system, one from a spreadsheet; both kinds of file must be read.
GB18030_UNIT, WORKBOOK_UNIT = "sz-sthj", "wx-scjg"
OLD_HEADINGS = {
    "违法事实": "处罚事由",
    "处罚内容": "处罚结果",
    "处罚有效期": "处罚截止期",
    "行政相对人代码_1（统一社会信用代码）": "行政相对人代码_1",
}


def record_file_name(unit: str) -> str:
    return f"{unit}.xlsx" if unit == WORKBOOK_UNIT else f"{unit}.csv"


def record_file(unit: str, rows: Sequence[Row]) -> bytes:
    """A unit's record file."""
    table = [HEADINGS, *([row.get(heading, "") for heading in HEADINGS] for row in rows)]
    if unit == WORKBOOK_UNIT:
        return _workbook(table)
    if unit == GB18030_UNIT:
        return _old_csv(table)
    return _csv(table).encode("utf-8-sig")


def _csv(table: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def _old_csv(table: Sequence[Sequence[str]]) -> bytes:
    """As an old system writes it: GB18030, older headings, the wording of 2018, dates with slashes."""
    dates = [table[0].index(heading) for heading in DATE_HEADINGS]
    old = [[OLD_HEADINGS.get(heading, heading) for heading in table[0]]]
    for line in table[1:]:
        cells = [cell.replace("吊销许可证件", "吊销许可证").replace("；", ";") for cell in line]
        for at in dates:
            cells[at] = cells[at].replace("-", "/")
        old.append(cells)
    return _csv(old).encode("gb18030")


def _workbook(table: Sequence[Sequence[str]]) -> bytes:
    """Dates and amounts as a spreadsheet keeps them."""
    workbook = Workbook()
    worksheet = workbook.active
    amounts = [at for at, heading in enumerate(table[0]) if heading.endswith("（万元）")]
    dates = [table[0].index(heading) for heading in DATE_HEADINGS]
    worksheet.append(table[0])
    for line in table[1:]:
        worksheet.append(
            [
                date.fromisoformat(cell) if at in dates else float(cell) if at in amounts and cell else cell
                for at, cell in enumerate(line)
            ]
        )
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def faulty_file(rows: Sequence[Row], elsewhere: SampleOrgan) -> bytes:
    """A CSV of one good row and of rows that are each refused for another reason."""
    good = [dict(row) for row in rows]
    good[0]["行政处罚决定书文号"] += "（演示）"
    good[1]["行政处罚决定书文号"] = ""
    good[2]["处罚决定日期"] = "2026-02-30"
    good[3]["失信严重程度"] = "较重"
    good[4]["处罚机关统一社会信用代码"] = elsewhere.uscc
    good[5]["履行状态"] = "缴了"
    good[6]["处罚类别"] = "暂扣或者吊销许可证"
    code = "行政相对人代码_1（统一社会信用代码）"
    wrong = next(row for row in good[7:] if row[code])
    wrong[code] = wrong[code][:-1] + ("0" if wrong[code][-1] != "0" else "1")
    formula = good[-1]
    formula["行政相对人名称"] = '=HYPERLINK("http://example.com","示例")'
    chosen = [*good[:7], wrong, formula]
    return _csv([HEADINGS, *([row.get(heading, "") for heading in HEADINGS] for row in chosen)]).encode(
        "utf-8-sig"
    )


def organs_file(organs: Sequence[SampleOrgan]) -> bytes:
    headings = [name for name in SampleOrgan._fields if name != "trade"]
    table = [headings, *([getattr(organ, name) for name in headings] for organ in organs)]
    return _csv(table).encode("utf-8-sig")


def staff_file(officers: Sequence[SampleOfficer]) -> bytes:
    table: list[Sequence[str]] = [["email", "name", "organ", "roles", "password"]]
    table += [[each.email, each.name, each.organ, ";".join(each.roles), PASSWORD] for each in officers]
    return _csv(table).encode("utf-8-sig")
