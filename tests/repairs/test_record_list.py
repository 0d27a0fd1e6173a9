"""The applicant's records: what each says, and the one action that it allows."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.repairs import services, steps
from tests.fixtures import make_record, moment
from tests.repairs.steps import granted, prepared, refused, submitted

LIST = "/records/"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
        yield


def page(client, user, url=LIST) -> str:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def links(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('href="')[1:]]


def test_a_record_whose_time_has_come_can_be_applied_for(client, alice, general_record):
    html = page(client, alice)
    assert "宁市监处罚〔2026〕15号" in html
    assert "可以申请" in html
    assert reverse("repairs:start", args=[general_record.pk]) in links(html)
    # Its fine is not marked as paid: said, but no obstacle to applying with proof.
    assert "认定单位尚未登记履行：罚款" in html


def test_a_record_whose_time_has_not_come_says_from_when(client, alice, acme, market_bureau):
    """Identified on 2026-09-01: three months are over when 2026-12-01 is."""
    record = make_record(acme, market_bureau, decided_on=date(2026, 9, 1))
    html = page(client, alice)
    assert "尚不能申请" in html
    assert "2026年12月2日起可以申请" in html
    assert reverse("repairs:start", args=[record.pk]) not in links(html)


def test_a_specific_serious_record_says_when_publicity_ends(client, alice, acme, market_bureau):
    record = make_record(
        acme, market_bureau, penalties=("fine", "revoke_permit"), domains=["food_drug"], severity="serious"
    )
    html = page(client, alice)
    assert "不予信用修复" in html
    assert "最长公示期至2029年5月1日届满，届满后无需修复" in html
    assert reverse("repairs:start", args=[record.pk]) not in links(html)


def test_a_record_after_publicity_needs_no_repair(client, alice, acme, market_bureau):
    make_record(acme, market_bureau, decided_on=date(2025, 10, 1))
    html = page(client, alice)
    assert "公示期满" in html and "无需修复" in html


def test_a_draft_is_continued(client, alice, general_record, market_bureau):
    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-23 09:00")
    )
    html = page(client, alice)
    assert "继续填写" in html
    assert reverse("repairs:tasks", args=[case.number]) in links(html)


def test_a_filed_case_is_followed(client, alice, bob, general_record, market_bureau):
    case = submitted(general_record, market_bureau, alice)
    for user in (alice, bob):
        html = page(client, user)
        assert "查看进度" in html
        assert reverse("repairs:status", args=[case.number]) in links(html)


def test_a_withdrawn_case_leaves_the_record_open(client, alice, general_record, market_bureau):
    case = submitted(general_record, market_bureau, alice)
    steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-23 09:00"))
    html = page(client, alice)
    assert "上一次申请：已撤回" in html
    assert reverse("repairs:start", args=[general_record.pk]) in links(html)


def test_a_decision_is_shown(client, alice, general_record, serious_record, market_bureau, wang, li, zhao):
    first = granted(general_record, market_bureau, alice, wang, li, zhao)
    second = refused(serious_record, market_bureau, alice, wang, li, zhao)
    html = page(client, alice)
    assert "准予修复" in html
    assert "已撤销公示" in html
    assert "不予修复" in html
    for case in (first, second):
        assert reverse("repairs:status", args=[case.number]) in links(html)


def test_somebody_without_a_subject_is_told_why_and_what_to_do(client, charlie, general_record):
    html = page(client, charlie)
    assert "宁市监处罚" not in html
    assert "还没有认领主体" in html
    assert reverse("subjects:mine") in links(html)


def test_nobody_without_an_account(client, general_record):
    for url in (LIST, f"/records/{general_record.pk}/"):
        response = client.get(url)
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


def test_officers_have_their_own_list(client, wang, general_record):
    client.force_login(wang)
    assert client.get(LIST).url == reverse("admin:records_dishonestyrecord_changelist")


def test_ever_the_same_number_of_queries(client, alice, acme, market_bureau, django_assert_max_num_queries):
    for number in range(30):
        record = make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{100 + number}号")
        if number % 3 == 0:
            services.start_case(
                record=record, organ=market_bureau, applicant=alice, at=moment("2026-11-23 09:00")
            )
    client.force_login(alice)
    client.get(LIST)
    # Session, person, claims, whose duties came to their subjects; records, their obligations and cases, the adopted
    # policy, the units' rules.
    with django_assert_max_num_queries(9):
        html = client.get(LIST).content.decode()
    assert html.count("</tr>") == 31


def test_a_duty_that_is_not_registered_is_not_called_unfulfilled(client, alice, general_record):
    html = page(client, alice, f"/records/{general_record.pk}/")
    assert "罚款（行政处理决定）：认定单位尚未登记履行" in html
    assert "没有写明下列义务是否已经履行：罚款" in html and "没有履行完毕" not in html
    assert "已经履行而没有登记的" in html


def test_nothing_is_asked_about_duties_where_there_is_none(client, alice, acme, market_bureau):
    record = make_record(acme, market_bureau, penalties=("warning",), obligations=())
    html = page(client, alice, f"/records/{record.pk}/")
    assert "没有须履行的义务" in html and "没有确定须履行的义务" in html
    assert "已经履行而没有登记的" not in html


def test_the_record_explains_each_clause(client, alice, general_record):
    html = page(client, alice, f"/records/{general_record.pk}/")
    assert "自2026年5月1日起不少于3个月的期限已满，2026年8月2日起可以申请" in html
    assert "第六条：不属于特定严重失信行为" in html
    assert "公示中，2026年5月1日至2027年5月1日" in html
    assert "标签未标明生产日期" in html


def test_a_repaired_record_shows_its_annotation(client, alice, general_record, market_bureau, wang, li, zhao):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    html = page(client, alice, f"/records/{general_record.pk}/")
    assert case.decision_number in html
    assert "这个结论是怎样得出的" not in html


@pytest.mark.parametrize("person", ["charlie", "alice"])
def test_the_record_of_others_does_not_exist(client, request, general_record, acme, market_bureau, person):
    user = request.getfixturevalue(person)
    client.force_login(user)
    own = person == "alice"
    assert client.get(f"/records/{general_record.pk}/").status_code == (200 if own else 404)
    assert client.get("/records/999999/").status_code == 404


def test_a_prepared_case_is_still_a_draft(client, alice, general_record, market_bureau):
    prepared(general_record, market_bureau, alice)
    assert "继续填写" in page(client, alice)
