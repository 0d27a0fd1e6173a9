"""The public lists as data: what is in the files, what never is, and how they are sent."""

import csv
import io
import json
import re

import jsonschema
import pytest
import time_machine

from applications.accounts.under_way import TookTooLong
from applications.commitments.models import Commitment
from applications.commitments.promising import withdraw_publication
from applications.organs.models import Organ
from applications.portal.models import MeasuredSet
from applications.portal.open_data import sets
from applications.portal.open_data.fields import RECORD
from applications.portal.tasks import measure_open_data
from applications.portal.views import open_data as views
from applications.records.models import DishonestyRecord
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from tests.commitments.conftest import adult, promise, promised, repaired  # noqa: F401
from tests.fixtures import make_record, moment
from tests.pages import seen, text
from tests.repairs.steps import granted

pytestmark = pytest.mark.django_db

NUMBER = "11010519491231002X"


@pytest.fixture
def somebody() -> Subject:
    return Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name="周示安",
        identity_type="resident_id",
        identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
    )


def taken(client, address: str, **asked) -> str:
    response = client.get(address, asked)
    assert response.status_code == 200, address
    return (b"".join(response) if response.streaming else response.content).decode()


def rows_of(client, name: str) -> list[dict]:
    """The rows of a set, which are those that its schema describes, and the same in both files."""
    said = json.loads(taken(client, f"/data/{name}.json"))
    assert said["set"] == name and said["terms"] and said["made_at"]
    jsonschema.validate(said["rows"], json.loads(taken(client, f"/data/{name}.schema.json")))
    table = taken(client, f"/data/{name}.csv")
    assert table.startswith("\ufeff")
    _headings, *lines = csv.reader(io.StringIO(table.removeprefix("\ufeff")))
    assert len(lines) == len(said["rows"])
    return said["rows"]


def test_a_record_says_what_the_search_shows_of_it(client, general_record):
    assert rows_of(client, "records") == [
        {
            "subject_name": "南京示例食品有限公司",
            "subject_code": "91350100M000100Y43",
            "subject_kind": "法人及非法人组织",
            "document_number": "宁市监处罚〔2026〕15号",
            "identifying_unit": "南京市市场监督管理局",
            "violation_type": general_record.violation_type,
            "penalties": general_record.penalty_labels,
            "severity": "一般失信",
            "decided_on": "2026-05-01",
            "publicity_until": "2027-05-01",
            "under_objection": False,
            "disputed": False,
        }
    ]
    table = taken(client, "/data/records.csv")
    assert "决定书文号" in table and ",2026-05-01,2027-05-01,否,否" in table


def test_no_natural_person_is_in_it_however_public(client, somebody, market_bureau, general_record):
    make_record(somebody, market_bureau, document_number="宁市监处罚〔2026〕16号")
    assert "周*安" in text(client.post("/search/", {"q": "周示安"}))
    for suffix in ("csv", "json"):
        for address, asked in (
            (f"/data/records.{suffix}", {}),
            (f"/search/results.{suffix}", {"q": "宁市监处罚〔2026〕16号"}),
            (f"/search/results.{suffix}", {"q": "周示安"}),
        ):
            file = taken(client, address, **asked)
            assert "周" not in file.replace(asked.get("q", "-"), "") and NUMBER not in file
            assert "宁市监处罚〔2026〕16号" not in file.replace('"q":"宁市监处罚〔2026〕16号"', "")


@pytest.mark.parametrize(
    "now",
    [
        {"publicity": "withheld"},
        {"publicity": "withdrawn", "publicity_ended_at": moment("2026-11-20 09:00")},
        {"publicity_until": moment("2026-11-22 09:00").date()},
    ],
)
def test_what_is_not_public_is_in_no_file(client, general_record, now):
    DishonestyRecord.objects.filter(pk=general_record.pk).update(**now)
    assert rows_of(client, "records") == []
    assert json.loads(taken(client, "/search/results.json", q="南京示例"))["count"] == 0


def test_what_is_repaired_while_a_file_is_sent_is_in_none_of_its_later_parts(
    client, acme, market_bureau, alice, wang, li, zhao, monkeypatch
):
    monkeypatch.setattr(sets, "A_READ", 1)
    first, second = (
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{n}号") for n in (1, 2)
    )
    pieces = iter(client.get("/data/records.json").streaming_content)
    parts = [next(pieces)]
    granted(second, market_bureau, alice, wang, li, zhao)
    file = b"".join([*parts, *pieces]).decode()
    assert str(first) in file and str(second) not in file


def test_many_are_read_some_at_a_time(client, acme, market_bureau, monkeypatch):
    monkeypatch.setattr(sets, "A_READ", 3)
    numbers = {f"宁市监处罚〔2026〕{number}号" for number in range(7)}
    for number in numbers:
        make_record(acme, market_bureau, document_number=number)
    assert {row["document_number"] for row in rows_of(client, "records")} == numbers


def test_a_cell_is_never_a_formula(client, general_record):
    DishonestyRecord.objects.filter(pk=general_record.pk).update(violation_type="=cmd|'/c calc'!A1")
    assert ",'=cmd" in taken(client, "/data/records.csv")


def test_commitments_are_those_of_own_will(client, promised, repaired, adult, credit_bureau):  # noqa: F811
    """A list of those for a repair would be one of who once had a record, and persons are found one by one."""
    subject, user = adult
    promise(subject, user, credit_bureau)
    [row] = rows_of(client, "commitments")
    assert row["subject_name"] == "南京示例食品有限公司" and row["published_on"] == "2026-11-20"
    assert row["address"].endswith(f"/commitments/{promised.pk}/") and row["broken_on"] is None


def test_one_that_is_taken_back_is_gone(client, promised, alice):  # noqa: F811
    withdraw_publication(commitment=promised, actor=alice, at=moment("2026-11-23 09:00"))
    assert rows_of(client, "commitments") == []
    assert f"/commitments/{promised.pk}/" not in taken(client, "/feeds/commitments.atom")


def test_organs_are_those_that_one_may_apply_to(client, market_bureau, credit_bureau, credit_department):
    rows = rows_of(client, "organs")
    assert [row["code"] for row in rows] == [market_bureau.code, credit_bureau.code]
    assert rows[0]["phone"] == "025-00000001" and rows[0]["office"] is None


def test_files_are_kept_by_nobody_and_listed_by_no_robot(client, general_record):
    for address in ("/data/records.csv", "/data/records.json", "/search/results.csv?q=南京示例"):
        answer = client.get(address)
        assert b"".join(answer)
        assert "no-store" in answer["Cache-Control"] and answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Content-Disposition"].startswith("attachment")
    head = client.head("/data/records.csv")
    assert head.status_code == 200 and head.content == b""


@pytest.mark.parametrize(
    "address", ["/data/nothing.csv", "/data/records.xlsx", "/data/nothing.schema.json", "/search/results.xml"]
)
def test_other_files_there_are_not(client, address):
    assert client.get(address).status_code == 404


def test_the_language_of_a_reader_is_not_that_of_a_file(client, general_record):
    english = {"accept-language": "en"}
    page = text(client.get("/data/", headers=english))
    assert "Open data" in page
    for address in ("/data/records.json", "/data/records.csv"):
        file = b"".join(client.get(address, headers=english)).decode()
        assert "一般失信" in file and "General" not in file
    assert "决定书文号" in text(client.get("/data/records.schema.json", headers=english))


def test_twenty_files_an_hour_for_each_network(client):
    for _each in range(20):
        taken(client, "/data/organs.csv")
    late = client.get("/data/organs.json")
    assert late.status_code == 429 and "下载过于频繁" in seen(late) and int(late["Retry-After"]) > 3500
    assert client.head("/data/organs.json").status_code == 200
    assert client.get("/data/organs.csv", REMOTE_ADDR="198.51.100.7").status_code == 200


def test_two_at_a_time_for_each_network_and_three_in_all(client, general_record):
    """Each keeps a thread of the portal; one that ends, or whose reader has gone, makes room."""

    def begun(network: int):
        return client.get("/data/records.csv", REMOTE_ADDR=f"198.51.100.{network}")

    first, second = begun(1), begun(1)
    late = begun(1)
    assert late.status_code == 429 and late["Retry-After"] == "60"
    assert b"".join(first) and begun(1).status_code == 200
    others = [begun(2), begun(3)]
    assert [each.status_code for each in (second, *others)] == [200, 200, 429]
    # Its reader goes after the first piece.
    next(iter(others[0].streaming_content))
    others[0].close()
    third = begun(3)
    assert third.status_code == 200
    # And this one's before it.
    third.close()
    assert begun(3).status_code == 200


def test_one_that_is_not_read_in_time_is_broken_off_and_makes_room(client, general_record, monkeypatch):
    monkeypatch.setattr(views, "LONGEST", -1)
    for _each in range(3):
        with pytest.raises(TookTooLong):
            b"".join(client.get("/data/records.csv"))


class TestPage:
    def test_it_names_each_set_its_fields_and_its_terms(self, client, general_record):
        page = text(client.get("/data/"))
        for data in sets.SETS.values():
            assert f'id="{data.name}"' in page and f'href="/data/{data.name}.csv"' in page
            assert (
                f'href="/data/{data.name}.json"' in page and f'href="/data/{data.name}.schema.json"' in page
            )
            assert all(f"<code>{field.name}</code>" in page for field in data.fields)
        assert "新文件里已经没有的信息应当删除" in page and "失信行为信息没有订阅" in page
        assert "每小时最多下载20次" in page

    def test_it_says_how_large_they_were_last_night(self, client, general_record):
        assert "条。" not in seen(client.get("/data/")).partition("字段")[0]
        with time_machine.travel(moment("2026-11-23 03:30"), tick=False):
            measure_open_data()
        measured = MeasuredSet.objects.get(name="records")
        assert measured.rows == 1
        assert measured.csv_bytes == len(taken(client, "/data/records.csv").encode())
        assert "2026年11月23日03:30共1条" in seen(client.get("/data/"))

    def test_whom_to_ask_is_the_province(self, client):
        Organ.objects.create(code="js", name="江苏省公共信用信息中心", document_prefix="苏信", kind="credit_bureau", level="province",
                             region="320000", uscc="12320000000000002B", phone="025-1")  # fmt: skip
        assert "请问江苏省公共信用信息中心，电话025-1" in seen(client.get("/data/"))


class TestResults:
    def test_they_are_those_of_the_search(self, client, acme, general_record, market_bureau, ecology_bureau):
        make_record(
            acme, ecology_bureau, document_number="苏环罚1号", decided_on=moment("2026-06-01 09:00").date()
        )
        for asked, found in (
            ({"q": "南京示例"}, {"宁市监处罚〔2026〕15号", "苏环罚1号"}),
            ({"q": "南京示例", "unit": "生态环境"}, {"苏环罚1号"}),
            ({"q": "南京示例", "until": "2026-05-01"}, {"宁市监处罚〔2026〕15号"}),
            ({"q": "南京示例", "since": "2026-06-02"}, set()),
            ({"q": "宁市监处罚[2026]15号"}, {"宁市监处罚〔2026〕15号"}),
        ):
            said = json.loads(taken(client, "/search/results.json", **asked))
            assert {row["document_number"] for row in said["rows"]} == found
            assert said["count"] == len(found) and said["asked"]["q"] == asked["q"] and not said["more"]
            posted = client.post("/search/results.csv", asked).content.decode()
            assert all(
                (number in posted) == (number in found) for number in ("宁市监处罚〔2026〕15号", "苏环罚1号")
            )
            assert all(set(row) == {field.name for field in RECORD} for row in said["rows"])

    def test_the_page_offers_them_as_it_was_asked(self, client, general_record):
        """A search that was posted keeps what was looked for out of the address."""
        for page, method in (
            (client.post("/search/", {"q": "南京示例"}), "post"),
            (client.get("/search/?q=南京示例"), "get"),
        ):
            [form] = [
                each for each in re.findall(r"<form.*?</form>", text(page), re.S) if "formaction" in each
            ]
            assert f'method="{method}"' in form and 'formaction="/search/results.csv"' in form
            assert 'value="南京示例"' in form

    def test_a_page_leads_to_the_next(self, client, acme, market_bureau, monkeypatch):
        from applications.portal import public_search

        monkeypatch.setattr(public_search, "FILED", 2)
        for number in range(3):
            make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{number}号")
        first = client.get("/search/results.json", {"q": "南京示例"})
        assert len(first.json()["rows"]) == 2 and first.json()["pages"] == 2
        following = re.fullmatch(r'<https?://[^/]+(.+)>; rel="next"', first["Link"]).group(1)
        second = client.get(following)
        assert len(second.json()["rows"]) == 1 and "Link" not in second

    @pytest.mark.parametrize(
        "asked", [{}, {"q": "南"}, {"q": "南京", "since": "2026-05-02", "until": "2026-05-01"}]
    )
    def test_what_cannot_be_looked_for_is_said(self, client, asked):
        answer = client.get("/search/results.csv", asked)
        assert answer.status_code == 400 and "<title>错误：" in text(answer)

    def test_they_count_as_searches(self, client):
        for _each in range(30):
            assert client.get("/search/results.csv?q=南京示例").status_code == 200
        assert client.get("/search/results.csv?q=南京示例").status_code == 429
        assert client.get("/search/?q=南京示例").status_code == 429


def test_commitments_of_own_will_are_announced_without_their_maker(client, promised, repaired):  # noqa: F811
    """A reader of feeds keeps what it read; whoever promised may take the publication back."""
    feed = taken(client, "/feeds/commitments.atom")
    assert feed.count("<entry>") == 1 and f"/commitments/{promised.pk}/" in feed
    assert "南京市公共信用信息中心公示一份主动型信用承诺" in feed
    assert "南京示例" not in feed and Commitment.objects.count() == 2


def test_where_only_persons_are_found_no_file_is_offered(client, somebody, market_bureau, general_record):
    make_record(somebody, market_bureau, document_number="宁市监处罚〔2026〕16号")
    assert "formaction" not in text(client.post("/search/", {"q": "周示安"}))
    assert "formaction" in text(client.post("/search/", {"q": "南京示例"}))


def test_a_read_costs_one_question(client, acme, market_bureau, django_assert_num_queries):
    for number in range(5):
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{number}号")
    # The rows, and that there are no more.
    with django_assert_num_queries(2):
        taken(client, "/data/records.csv")
