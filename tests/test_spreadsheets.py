"""Whatever is exported for a spreadsheet: what people wrote is text there and no program runs it."""

import ast
import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from applications.calendars.services import propose_notice
from applications.policies.services import keep_text
from applications.records.services import preview_import
from applications.spreadsheets import CsvTable, stream_csv, stream_xlsx
from tests.calendars.test_calendar_pages import NEW_YEAR
from tests.deadlines.test_clocks import start
from tests.fixtures import make_record, moment
from tests.policies.texts import SHORTER, new_policy
from tests.records.files import as_csv, row
from tests.rules.notice_texts import lawful

ROOT = Path(__file__).resolve().parents[1]
PLANTED = [
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1+cmd|'/C calc'!A0",
    "@SUM(1,1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "%0A=1",
]


def cells(text: str) -> list[str]:
    return [
        cell for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in line
    ]


def is_text(cell: str) -> bool:
    """What a spreadsheet shows as it stands."""
    return cell.startswith("'") or not cell.startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
    )


def test_the_only_writers_of_tables():
    """Another export goes through the same module, and joins the tests here."""
    writers = {
        path.relative_to(ROOT / "applications").as_posix()
        for path in (ROOT / "applications").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in ("csv.writer", "csv.DictWriter", "Workbook", "openpyxl.Workbook", "writer")
    }
    assert writers == {
        "spreadsheets.py",
        "records/importing/workbook.py",
        # Words of ours alone.
        "records/importing/template.py",
        # Made up, and meant to be read by the import: one row of it is a formula on purpose.
        "sample/files.py",
    }


@pytest.mark.parametrize("text", PLANTED)
def test_a_cell_of_a_csv_is_text(text):
    file = io.StringIO(newline="")
    CsvTable(file, ["名称"]).add([text])
    assert [is_text(cell) for cell in cells(file.getvalue())] == [True, True]


@pytest.mark.parametrize("text", PLANTED)
def test_so_is_one_of_a_table_that_is_sent_while_it_is_made(text):
    sent = b"".join(stream_csv(["名称"], [[text]])).decode()
    assert [is_text(cell) for cell in cells(sent)] == [True, True]
    book = b"".join(stream_xlsx("表<&>", ["名称"], [[text]]))
    sheet = load_workbook(io.BytesIO(book)).active
    cell = sheet["A2"]
    assert (sheet.title, cell.value.replace("\r", "\n"), cell.data_type) == (
        "表<&>",
        text.replace("\r", "\n"),
        "s",
    )
    assert cell.quotePrefix


def test_a_long_table_is_sent_in_pieces_and_is_whole():
    rows = [
        [f"第{n}行{n**9:x}", n, Decimal("0.5"), date(2026, 9, 1), None, True, "a\x00<b>&"]
        for n in range(9_000)
    ]
    for pieces, kind in ((stream_csv(["甲"], rows), "csv"), (stream_xlsx("表", ["甲"], rows), "xlsx")):
        sent = list(pieces)
        assert len(sent) > 2, kind
    lines = list(load_workbook(io.BytesIO(b"".join(sent)), read_only=True).active.iter_rows(values_only=True))
    assert len(lines) == 9_001
    assert lines[-1] == (f"第8999行{8999**9:x}", 8_999, 0.5, "2026-09-01", None, True, "a\ufffd<b>&")


def test_a_sheet_may_be_longer_than_an_old_archive_allows(monkeypatch):
    """That limit is 2 GB: here it is less."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10_000)
    sent = b"".join(stream_xlsx("表", ["甲"], ([f"第{n}行"] for n in range(1_000))))
    assert load_workbook(io.BytesIO(sent)).active.max_row == 1_001


def test_numbers_and_dates_stay_what_they_are():
    file = io.StringIO(newline="")
    CsvTable(file, ["数"]).add([-5, -0.5, "-5", date(2026, 9, 1), None, "2026-09-01", "南京"])
    assert cells(file.getvalue())[1:] == ["-5", "-0.5", "-5", "2026-09-01", "", "2026-09-01", "南京"]


@pytest.mark.parametrize("text", PLANTED)
def test_the_list_of_those_whom_a_policy_affects(acme, market_bureau, time_machine, tmp_path, text):
    time_machine.move_to(moment("2026-11-23 10:00"), tick=False)
    type(acme).objects.filter(pk=acme.pk).update(name=text)
    # Ten weeks old: too young under three months, old enough under two.
    make_record(acme, market_bureau, decided_on=date(2026, 9, 10))
    keep_text(policy=new_policy(SHORTER), at=moment("2026-11-23 10:00"))
    path = tmp_path / "list.csv"
    call_command("replay", "--policy", "jiangsu-2027-9", "--csv", str(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = cells(file.read())
    assert any(text.strip("\r\n\t").replace("|", "\\|") in cell for cell in found)
    assert all(is_text(cell) for cell in found)


@pytest.mark.parametrize("text", PLANTED)
def test_the_list_of_moved_clocks(client, time_machine, market_bureau, sun, text):
    time_machine.move_to(moment("2026-12-30 13:00"), tick=False)
    start(market_bureau, date(2026, 12, 30), days=3)
    notice = propose_notice(text=lawful(**NEW_YEAR), proposed_by=sun, at=moment("2026-12-30 12:00"))
    type(market_bureau).objects.filter(pk=market_bureau.pk).update(name=text)
    client.force_login(sun)
    found = cells(client.get(f"/admin/calendars/calendarnotice/{notice.pk}/moves/").content.decode())
    assert any(text.strip("\r\n\t").replace("|", "\\|") in cell for cell in found)
    assert all(is_text(cell) for cell in found)


@pytest.mark.parametrize("text", PLANTED)
def test_the_workbook_of_rejected_rows(market_bureau, text):
    content = as_csv(row(行政相对人名称=text, 失信严重程度="较重"))
    errors = io.BytesIO()
    preview_import(
        content=content,
        file_name="a.csv",
        organ=market_bureau,
        at=moment("2026-11-23 10:00"),
        errors=errors,
    )
    sheet = load_workbook(errors).active
    written = [cell for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    assert any(text.strip() in cell.value for cell in written)
    assert {cell.data_type for cell in written} == {"s"} and all(cell.quotePrefix for cell in written)
    # The number of the row in the file is a number.
    assert [line[-2].value for line in sheet.iter_rows(min_row=2)] == [2]
