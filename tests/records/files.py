"""A record file as a unit would write it, one row at a time."""

from __future__ import annotations

import csv
import io
from typing import Any

from openpyxl import Workbook

# The 29 columns of the 双公示 standard and the four that repair needs, as a new file says them.
HEADINGS = [
    "行政相对人名称", "行政相对人类别", "行政相对人代码_1（统一社会信用代码）", "行政相对人代码_2（工商注册号）",
    "行政相对人代码_3（组织机构代码）", "行政相对人代码_4（税务登记号）", "行政相对人代码_5（事业单位证书号）",
    "行政相对人代码_6（社会组织登记证号）", "法定代表人", "法定代表人身份证号", "证件类型", "证件号码",
    "行政处罚决定书文号", "违法行为类型", "违法事实", "处罚依据", "处罚类别", "处罚内容", "罚款金额（万元）",
    "没收违法所得、没收非法财物的金额（万元）", "暂扣或吊销证照名称及编号", "处罚决定日期", "处罚有效期", "公示截止期",
    "处罚机关", "处罚机关统一社会信用代码", "数据来源单位", "数据来源单位统一社会信用代码", "备注",
    "失信严重程度", "失信领域", "失信行为", "履行状态",
]  # fmt: skip
GOOD = {
    "行政相对人名称": "南京示例食品有限公司",
    "行政相对人类别": "法人及非法人组织",
    "行政相对人代码_1（统一社会信用代码）": "91350100M000100Y43",
    "法定代表人": "陈示例",
    "行政处罚决定书文号": "宁市监处罚〔2026〕15号",
    "违法行为类型": "违反食品标签管理规定",
    "违法事实": "标签未标明生产日期。",
    "处罚依据": "《中华人民共和国食品安全法》第一百二十五条",
    "处罚类别": "罚款；没收违法所得",
    "处罚内容": "罚款5000元，没收违法所得120元",
    "罚款金额（万元）": "0.5",
    "没收违法所得、没收非法财物的金额（万元）": "0.012",
    "处罚决定日期": "2026-05-01",
    "处罚有效期": "2099-12-31",
    "处罚机关": "南京市市场监督管理局",
    "处罚机关统一社会信用代码": "11320100MB1886843H",
    "数据来源单位": "南京市市场监督管理局",
    "数据来源单位统一社会信用代码": "11320100MB1886843H",
    "失信严重程度": "一般",
    "失信领域": "食品药品",
    "失信行为": "无",
    "履行状态": "罚款:2026-06-01；没收违法所得:未履行",
}
PERSON = {
    "行政相对人名称": "周示安",
    "行政相对人类别": "自然人",
    "行政相对人代码_1（统一社会信用代码）": "",
    "法定代表人": "",
    "证件类型": "身份证",
    # The example of GB 11643: born 1949-12-31.
    "证件号码": "11010519491231002X",
}


def row(**changes: str) -> dict[str, str]:
    return GOOD | changes


def person(**changes: str) -> dict[str, str]:
    return GOOD | PERSON | changes


def as_csv(*rows: dict[str, str], headings: list[str] = HEADINGS, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([each.get(heading, "") for heading in headings] for each in rows)
    return text.getvalue().encode(encoding)


def as_xlsx(*rows: dict[str, Any], headings: list[str] = HEADINGS) -> bytes:
    workbook = Workbook()
    worksheet = workbook.active
    worksheet.append(headings)
    for each in rows:
        worksheet.append([each.get(heading, "") for heading in headings])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def read_rows(content: bytes, name: str) -> list[Any]:
    """The rows of a file, within the limits of a page that somebody waits for. Who only writes files needs no Django."""
    from applications.records.importing.reading import QUICK, open_sheet
    from applications.records.services.previews import in_memory

    with in_memory(content) as file, open_sheet(file, name, QUICK) as sheet:
        return list(sheet.rows)
