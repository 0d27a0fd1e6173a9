"""Records and cases as tables: what the list shows, all of it, and that somebody took it is told."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode
from openpyxl import load_workbook

from applications.accounts import admin_exports
from applications.accounts.models import Role
from applications.accounts.under_way import TookTooLong
from applications.ledger.models import Event
from applications.records.models import DishonestyRecord
from applications.records.services import import_records
from tests.fixtures import make_record, make_user, moment
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


def one_by_one(_headings, rows):
    """In place of a table: a piece for each row, as soon as it is read."""
    for cells in rows:
        yield str(cells[6]).encode()


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_open_or_written_down_while_it_is_sent(
    client, wang, acme, market_bureau, monkeypatch
):
    """Django's own iterator would have PostgreSQL write the whole answer to its disk before the first row."""
    for number in range(3):
        make_record(acme, market_bureau, document_number=f"〔2026〕{number}号")
    monkeypatch.setattr(admin_exports, "ROWS_A_READ", 1)
    monkeypatch.setattr(admin_exports, "stream_csv", one_by_one)
    client.force_login(wang)
    pieces = iter(client.get(RECORDS + "csv/").streaming_content)
    first = next(pieces)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, is_holdable FROM pg_cursors")
        assert cursor.fetchall() == []
    assert [first, *pieces] == ["〔2026〕2号".encode(), "〔2026〕1号".encode(), "〔2026〕0号".encode()]


def test_it_is_in_the_order_of_the_list(client, wang, acme, market_bureau, monkeypatch):
    """Also where a column sorts it, in which rows say the same."""
    days = ["2026-05-03", "2026-05-01", "2026-05-03", "2026-05-02", "2026-05-01"]
    for number, day in enumerate(days):
        make_record(acme, market_bureau, document_number=f"〔2026〕{number}号", decided_on=moment(f"{day} 09:00").date())  # fmt: skip
    monkeypatch.setattr(admin_exports, "ROWS_A_READ", 2)
    client.force_login(wang)
    page = client.get(reverse("admin:records_dishonestyrecord_changelist"))
    columns = page.context_data["cl"].list_display
    for asked in ({}, *({"o": f"{sign}{place}"} for place in range(len(columns)) for sign in ("", "-"))):
        listed = client.get(reverse("admin:records_dishonestyrecord_changelist"), asked)
        shown = [record.document_number for record in listed.context_data["cl"].result_list]
        taken = [row["行政处罚决定书文号"] for row in table(client.get(RECORDS + "csv/", asked))]
        assert taken == shown and len(taken) == 5, asked


def test_what_leaves_the_list_while_it_is_sent_is_in_no_later_part(
    client, wang, acme, market_bureau, monkeypatch
):
    records = [make_record(acme, market_bureau, document_number=f"〔2026〕{number}号") for number in range(3)]
    monkeypatch.setattr(admin_exports, "ROWS_A_READ", 1)
    monkeypatch.setattr(admin_exports, "stream_csv", one_by_one)
    client.force_login(wang)
    pieces = iter(client.get(RECORDS + "csv/", {"severity__exact": "general"}).streaming_content)
    first = next(pieces)
    DishonestyRecord.objects.filter(pk=records[1].pk).update(severity="serious")
    assert [first, *pieces] == ["〔2026〕2号".encode(), "〔2026〕0号".encode()]


class TestInTurn:
    """Each keeps a thread of the portal for as long as it lasts."""

    def test_one_at_a_time_for_each_person(self, client, wang, records):
        client.force_login(wang)
        under_way = client.get(RECORDS + "csv/")
        for address in (RECORDS + "xlsx/", f"/admin/repairs/repaircase/yearbook/?year=2026&organ={wang.organ_id}"):  # fmt: skip
            late = client.get(address)
            assert late.status_code == 429 and late["Retry-After"] == "60"
            assert (
                "您的另一次导出还没有结束" in late.text
                and f'href="{address.replace("&", "&amp;")}"' in late.text
            )
        # What was not taken is not told as taken; the form of the yearbook takes nothing.
        assert Event.objects.filter(verb__endswith=".exported").count() == 1
        assert client.get("/admin/repairs/repaircase/yearbook/").status_code == 200
        assert len(table(under_way)) == 2
        assert client.get(RECORDS + "xlsx/").status_code == 200

    def test_three_in_all(self, client, wang, records):
        def begun(number: int):
            client.force_login(make_user(f"w{number}@example.com", "王", wang.organ, Role.INTAKE))
            return client.get(RECORDS + "csv/")

        under_way = [begun(number) for number in range(3)]
        assert [each.status_code for each in (*under_way, begun(4))] == [200, 200, 200, 429]
        assert len(table(under_way[0])) == 2
        assert begun(5).status_code == 200

    def test_what_is_refused_takes_no_place(self, client, wang, records, monkeypatch):
        client.force_login(wang)
        for _each in range(4):
            assert client.get(RECORDS + "csv/", {"subject__name__regex": "x"}).status_code == 400
        with monkeypatch.context() as patch:
            patch.setattr(admin_exports, "MAX_ROWS", 1)
            assert client.get(RECORDS + "xlsx/").status_code == 302
        assert client.get(RECORDS + "xlsx/").status_code == 200

    def test_one_that_is_not_read_in_time_is_broken_off_and_makes_room(
        self, client, wang, records, monkeypatch
    ):
        client.force_login(wang)
        with monkeypatch.context() as patch:
            patch.setattr(admin_exports, "LONGEST", -1)
            with pytest.raises(TookTooLong):
                table(client.get(RECORDS + "csv/"))
        assert len(table(client.get(RECORDS + "csv/"))) == 2
