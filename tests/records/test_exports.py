"""Records and cases as tables: what the list shows, all of it, and that somebody took it is told."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse
from django.utils.http import urlencode
from openpyxl import load_workbook

from applications.accounts import admin_exports
from applications.ledger.models import Event
from applications.records.services import import_records
from tests.fixtures import moment
from tests.records.files import as_csv, person, row
from tests.repairs.steps import submitted

RECORDS = "/admin/records/dishonestyrecord/export/"
CASES = "/admin/repairs/repaircase/export/"


def table(response) -> list[dict[str, str]]:
    assert response.streaming and response["Content-Disposition"].startswith("attachment")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def records(market_bureau):
    import_records(
        content=as_csv(row(), person(行政处罚决定书文号="〔2026〕2号", 失信严重程度="严重")),
        file_name="a.csv",
        organ=market_bureau,
        at=moment("2026-11-20 10:00"),
        actor=None,
    )


def test_records_in_the_words_of_a_record_file(client, wang, records):
    client.force_login(wang)
    one, two = sorted(
        table(client.get(RECORDS + "csv/")), key=lambda each: each["行政处罚决定书文号"], reverse=True
    )
    assert one["行政相对人名称"] == "南京示例食品有限公司"
    assert one["处罚类别"] == "罚款；没收违法所得"
    assert (one["罚款金额（万元）"], one["处罚决定日期"], one["处罚有效期"]) == (
        "0.500000",
        "2026-05-01",
        "长期",
    )
    assert one["履行状态"] == "罚款（行政处理决定）:2026-06-01；没收违法所得（行政处理决定）:未履行"
    assert (one["公示状态"], one["修复决定文号"]) == ("公示中", "")
    # A person's number is masked here too.
    assert two["行政相对人代码"] == "1101**********002X"


def test_the_workbook_says_the_same(client, wang, records):
    client.force_login(wang)
    book = b"".join(client.get(RECORDS + "xlsx/").streaming_content)
    lines = list(load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True))
    assert len(lines) == 3
    told = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert {each["行政处罚决定书文号"] for each in told} == {"宁市监处罚〔2026〕15号", "〔2026〕2号"}
    assert {each["罚款金额（万元）"] for each in told} == {0.5}


def test_it_has_what_the_list_has(client, wang, records):
    client.force_login(wang)
    assert [
        each["失信严重程度"] for each in table(client.get(RECORDS + "csv/", {"severity__exact": "serious"}))
    ] == ["严重失信"]
    assert len(table(client.get(RECORDS + "csv/", {"q": "宁市监处罚〔2026〕15号"}))) == 1
    page = client.get(
        reverse("admin:records_dishonestyrecord_changelist"), {"severity__exact": "serious"}
    ).text
    assert (
        f'href="{RECORDS}csv/?severity__exact=serious"' in page
        and f'href="{RECORDS}xlsx/?severity__exact=serious"' in page
    )


def test_others_records_are_not_in_it(client, outsider, records):
    client.force_login(outsider)
    assert table(client.get(RECORDS + "csv/")) == []


def test_who_took_what_stands_in_the_archive(client, wang, records):
    client.force_login(wang)
    client.get(RECORDS + "csv/", {"q": "宁市监处罚〔2026〕15号"})
    event = Event.objects.get(verb="dishonestyrecord.exported")
    assert (event.actor, event.organ, event.payload) == (
        wang,
        wang.organ,
        {"rows": 1, "kind": "csv", "searched": True},
    )


def test_a_workbook_that_is_too_long_is_refused_and_not_told_as_taken(client, wang, records, monkeypatch):
    monkeypatch.setattr(admin_exports, "MAX_ROWS", 1)
    client.force_login(wang)
    answer = client.get(RECORDS + "xlsx/", {"severity__exact": "serious", "q": "〔2026〕2号"}, follow=True)
    assert "一张工作表放不下1行" in answer.text
    assert answer.request["QUERY_STRING"] == urlencode({"severity__exact": "serious", "q": "〔2026〕2号"})
    assert not Event.objects.filter(verb="dishonestyrecord.exported").exists()


def test_cases(client, wang, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    (told,) = table(client.get(CASES + "csv/", {"queue": "all"}))
    assert (told["办件编号"], told["状态"], told["信用主体"]) == (
        case.number,
        "已提交",
        general_record.subject.name,
    )
    assert told["截止日期"] == case.due_on.isoformat()
    assert (
        len(
            list(
                load_workbook(
                    io.BytesIO(b"".join(client.get(CASES + "xlsx/", {"queue": "all"}).streaming_content))
                ).active.rows
            )
        )
        == 2
    )
    page = client.get(reverse("admin:repairs_repaircase_changelist")).text
    assert f'href="{CASES}csv/"' in page


def test_a_parameter_that_the_list_does_not_offer(client, wang, records):
    client.force_login(wang)
    assert client.get(RECORDS + "csv/", {"subject__name__regex": "x"}).status_code == 400
    assert not Event.objects.filter(verb="dishonestyrecord.exported").exists()
