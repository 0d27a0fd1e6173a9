"""A unit hands in a file that changes a record under application: what it sees before it confirms, in a browser."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from applications.sample.province import make_province
from tests.e2e.test_main_job import PASSWORD

pytestmark = [pytest.mark.server, pytest.mark.browser]


def row_of(document: str) -> dict[str, str]:
    """The line by which the unit's file brought this record into the demonstration's province."""
    content = make_province(localdate()).files()["records/nj-scjg.csv"].decode("utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(content)) if row["行政处罚决定书文号"] == document)


def as_file(row: dict[str, str]) -> dict[str, object]:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(row))
    writer.writeheader()
    writer.writerow(row)
    return {"name": "更正.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_preview_says_whose_application_it_changes(demo, visit, javascript):
    intake = visit(javascript=javascript).log_in("intake.nj-scjg@example.com", PASSWORD)
    page = intake.open("/admin/repairs/repaircase/?queue=open")
    number = page.locator("#result_list tbody tr").first.locator("a").first.inner_text().strip()
    page.get_by_role("link", name=number).first.click()
    document = re.search(r"\S+〔\d{4}〕\S+号", page.locator("dl.summary").first.inner_text())[0]
    row = row_of(document)
    row["违法事实"] += "经复核更正。" if javascript else "经再次复核更正。"

    page = intake.open("/admin/records/importbatch/import/")
    page.locator("[name=file]").set_input_files(as_file(row))
    page.locator("#content form [type=submit], main form [type=submit]").last.click()
    table = page.locator("#under-application")
    expect(table).to_contain_text("正在申请修复的记录")
    expect(table).to_contain_text(number)
    expect(table).to_contain_text("违法事实：")
    page.locator("form:has([name=token]) [type=submit]").click()
    expect(page.locator("body")).to_contain_text("更新 1 条")

    page = intake.open(f"/admin/repairs/repaircase/?queue=all&q={number}")
    page.get_by_role("link", name=number).first.click()
    expect(page.locator("body")).to_contain_text("失信行为信息变更")
    assert intake.faults == []
