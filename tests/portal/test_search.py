"""The public search: what is in publicity, what is not, and whose name is shown how."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.db import OperationalError

from applications.portal import public_search
from applications.portal.views import search as views
from applications.records.models import DishonestyRecord
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from tests.fixtures import make_record, moment
from tests.repairs.steps import granted

NUMBER = "11010519491231002X"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(moment("2026-11-26 10:00"), tick=False):
        yield


@pytest.fixture
def somebody(db) -> Subject:
    return Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name="周示安",
        identity_type="resident_id",
        identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
        address="南京市示例路9号",
    )


@pytest.fixture
def many(db) -> list[Subject]:
    """More companies of one name than are looked at in one search, none of which has a record."""
    return Subject.objects.bulk_create(
        Subject(kind="organisation", name=f"示范{place}号公司", plain_name=f"示范{place}号公司", uscc=f"9132010000{place:08}")
        for place in range(202)
    )  # fmt: skip


def search(client, **asked) -> str:
    response = client.post("/search/", asked)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_asks_first(client, general_record):
    html = client.get("/search/").content.decode()
    assert "查询公示" in html
    assert "宁市监处罚" not in html


@pytest.mark.parametrize(
    "q",
    [
        "南京示例",
        "示例食品",
        "食品",
        "南京示例食品有限公司",
        "南 京示例\u200b食品",
        "91350100m000100y43",
        "宁市监处罚〔2026〕15号",
        "宁市监处罚[2026]１５号",
    ],
)
def test_a_company_is_found_by_name_code_or_document(client, general_record, q):
    html = search(client, q=q)
    assert "南京示例食品有限公司" in html
    assert "南京市市场监督管理局" in html
    assert "2026年5月1日至 2027年5月1日" in re.sub(r"<[^>]+>", "", html)


def test_the_unit_narrows_the_search(client, general_record):
    assert "宁市监处罚〔2026〕15号" in search(client, q="南京示例", unit="市场监督")
    assert "无公示信息" in search(client, q="南京示例", unit="生态环境")


def test_the_one_of_many_that_has_a_record_is_found(client, many, market_bureau):
    make_record(many[-1], market_bureau, document_number="宁市监处罚〔2026〕90号")
    for filters in ({}, {"unit": "市场监督"}, {"since": "2026-04-01", "until": "2026-06-01"}):
        html = search(client, q="示范", **filters)
        assert "宁市监处罚〔2026〕90号" in html and "结果较多" not in html
    for filters in ({"unit": "生态环境"}, {"since": "2026-06-01"}):
        html = search(client, q="示范", **filters)
        assert "无公示信息" in html and "结果较多" not in html


def test_a_commitment_of_one_of_many_is_found(
    client, many, alice, general_record, market_bureau, wang, li, zhao
):
    granted(general_record, market_bureau, alice, wang, li, zhao)
    Subject.objects.filter(pk=general_record.subject_id).update(plain_name="示范总公司")
    assert "信用修复型" in search(client, q="示范")


def test_where_not_all_are_shown_the_page_says_so_and_never_that_there_is_nothing(
    client, many, market_bureau
):
    for place, subject in enumerate(many[:201]):
        make_record(subject, market_bureau, document_number=f"宁市监处罚〔2026〕{100 + place}号")
    html = search(client, q="示范")
    assert "结果较多" in html and "无公示信息" not in html


@pytest.mark.parametrize(
    "q", ["例示", "不存在的公司", "%%", "__", "%_", "**", "南京_例", "南京示例%", "' OR 1=1 --"]
)
def test_nothing_else_is_found(client, general_record, q):
    html = search(client, q=q)
    assert "宁市监处罚〔2026〕15号" not in html


@pytest.mark.parametrize("q", ["", " ", "南", "南\u200b", "%", "_", "*", "长" * 200, "长" * 1000, "%" * 1000])
def test_too_little_or_too_much_is_said_beside_the_field(client, general_record, q):
    html = search(client, q=q)
    assert "<title>错误：" in html
    assert "宁市监处罚〔2026〕15号" not in html


def test_a_repaired_record_is_gone_at_once_and_not_called_repaired(
    client, alice, general_record, market_bureau, wang, li, zhao
):
    assert "宁市监处罚〔2026〕15号" in search(client, q="南京示例")
    granted(general_record, market_bureau, alice, wang, li, zhao)
    html = search(client, q="宁市监处罚〔2026〕15号")
    assert "无公示信息" in html
    assert "已修复" not in html
    response = client.get("/search/", {"q": "南京示例"})
    assert "宁市监处罚〔2026〕15号" not in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_a_published_commitment_is_listed(client, alice, general_record, market_bureau, wang, li, zhao):
    granted(general_record, market_bureau, alice, wang, li, zhao)
    html = search(client, q="南京示例")
    assert "信用修复型" in html
    assert "2026年11月20日" in html
    # The record that it was given for stays out of sight.
    assert "违反食品标签管理规定" not in html


def test_an_unpublished_commitment_is_not(client, alice, general_record, market_bureau):
    from tests.repairs.steps import submitted

    submitted(general_record, market_bureau, alice)
    assert "信用修复型" not in search(client, q="南京示例")


@pytest.mark.parametrize(("decided_on", "found"), [(date(2025, 11, 26), True), (date(2025, 11, 25), False)])
def test_publicity_ends_with_its_last_day_without_any_task(client, acme, market_bureau, decided_on, found):
    make_record(acme, market_bureau, decided_on=decided_on)
    assert ("宁市监处罚" in search(client, q="南京示例")) is found


@pytest.mark.parametrize("q", ["周示安", NUMBER, NUMBER.lower(), "宁市监处罚〔2026〕15号"])
def test_a_person_is_found_whole_and_shown_masked(client, somebody, market_bureau, q):
    make_record(somebody, market_bureau)
    html = search(client, q=q)
    assert "宁市监处罚〔2026〕15号" in html
    result = html.split("查询结果")[1]
    assert "周*安" in result
    for secret in ("周示安", NUMBER, "19491231", "示例路9号"):
        assert secret not in result


@pytest.mark.parametrize("q", ["周示安", NUMBER])
def test_no_address_finds_a_person(client, somebody, market_bureau, q):
    """What a person is found by would stay in the history of the browser and in the logs on the way."""
    make_record(somebody, market_bureau)
    html = client.get("/search/", {"q": q}).content.decode()
    assert "无公示信息" in html and "请在上面输入后按“查询”" in html
    assert '<form method="post" action="/search/"' in html


@pytest.mark.parametrize("q", ["南京示例", "91350100M000100Y43", "宁市监处罚〔2026〕15号"])
def test_an_address_finds_a_company_or_a_document(client, general_record, q):
    assert "宁市监处罚〔2026〕15号" in client.get("/search/", {"q": q}).content.decode()


@pytest.mark.parametrize("q", ["周示", "周*安", "110105194912310", "1101**********002X"])
def test_a_person_is_not_found_by_a_part(client, somebody, market_bureau, q):
    make_record(somebody, market_bureau)
    assert "无公示信息" in search(client, q=q)


def test_a_minor_is_never_found(client, somebody, market_bureau):
    record = make_record(somebody, market_bureau)
    DishonestyRecord.objects.filter(pk=record.pk).update(publicity="withheld")
    assert "无公示信息" in search(client, q="周示安")


def test_no_robot_may_index_it(client):
    response = client.get("/search/")
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()


def test_a_long_list_has_pages(client, acme, market_bureau, django_assert_max_num_queries):
    for number in range(60):
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{number}号")
    with django_assert_max_num_queries(5):
        html = search(client, q="南京示例")
    assert html.count("宁市监处罚") == 50
    assert "共60条，第1页，共2页。" in html
    # The next page is asked for as the first was: no name comes into an address.
    assert '<form method="post"' in html and "?q=" not in html
    assert search(client, q="南京示例", page="2").count("宁市监处罚") == 10


def test_brackets_of_a_name_are_one(client, general_record, acme):
    acme.name = "云杉示例商贸（南京）有限公司"
    acme.save()
    for q in ("商贸(南京)", "商贸【南京】有限", "商贸 （南京"):
        assert "云杉示例商贸（南京）有限公司" in search(client, q=q)


def test_the_days_of_the_decision_narrow_the_search(client, general_record):
    # Decided on 1 May 2026.
    assert "宁市监处罚" in search(client, q="南京示例", since="2026-05-01", until="2026-05-01")
    assert "无公示信息" in search(client, q="南京示例", since="2026-05-02")
    assert "无公示信息" in search(client, q="南京示例", until="2026-04-30")
    assert "结束日期早于开始日期" in search(client, q="南京示例", since="2026-05-02", until="2026-05-01")


def test_a_search_that_the_database_did_not_answer_is_not_counted(client, db, monkeypatch):
    """It is asked again: by the visitor, or by the portal itself where it was the replica that failed."""
    answering = public_search.search_public

    def failing(*given, **more):
        raise OperationalError("the replica is gone")

    with time_machine.travel(moment("2026-11-24 09:00:10"), tick=False):
        monkeypatch.setattr(views, "search_public", failing)
        for _attempt in range(5):
            with pytest.raises(OperationalError):
                client.get("/search/", {"q": "南京示例食品有限公司"})
        monkeypatch.setattr(views, "search_public", answering)
        answers = [client.get("/search/", {"q": "南京示例食品有限公司"}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_thirty_searches_a_minute_for_each_network(client, db):
    with time_machine.travel(moment("2026-11-24 09:00:10"), tick=False) as clock:
        for _attempt in range(30):
            assert client.get("/search/", {"q": "南京示例食品有限公司"}).status_code == 200
        clock.shift(20)
        response = client.get("/search/", {"q": "南京示例食品有限公司"})
        page = response.content.decode()
        assert response.status_code == 429
        assert response["Retry-After"] == "40"
        assert "同一网络每分钟最多查询30次。请在40秒后再点“查询”。" in page
        # What was asked for is kept; nothing was looked for.
        assert 'value="南京示例食品有限公司"' in page
        assert "查询结果" not in page
        # The page itself, and another network's searches, are not counted.
        assert client.get("/search/").status_code == 200
        assert client.get("/search/", {"q": "南京"}, REMOTE_ADDR="198.51.100.7").status_code == 200
        clock.shift(41)
        assert client.get("/search/", {"q": "南京示例食品有限公司"}).status_code == 200
