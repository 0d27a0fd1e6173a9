"""What the pages of a sitting offer and say before it is filed."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.commitments.signing import how_signed
from applications.repairs import services, steps
from applications.repairs.models import Filing
from tests.fixtures import make_record, moment
from tests.pages import one_line
from tests.repairs.sitting import SITTING, choose, page, sat, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th():
    with time_machine.travel(moment("2026-11-20 10:00"), tick=False):
        yield


@pytest.fixture
def pair(general_record, acme, market_bureau, credit_bureau, alice):
    other = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕21号", decided_on=date(2026, 4, 1)
    )
    return sat(alice, [(general_record, market_bureau), (other, credit_bureau)])


def test_no_record_is_taken_out_for_what_all_of_them_lack(client, pair, alice):
    first = pair[0]
    services.save_contact(case=first, name="陈经办", phone="", actor=alice, at=SITTING)
    client.force_login(alice)
    words = one_line(client.get(page("filing_check", first.filing_id)))
    assert words.count("请填写经办人姓名和联系电话。") == 1 and "提交 2 件申请" not in words
    assert "移出" not in words


def test_a_signature_that_all_lack_is_asked_for_once_though_by_different_articles(
    client, general_record, serious_record, market_bureau, alice
):
    [first, _second] = sat(alice, [(general_record, market_bureau), (serious_record, market_bureau)])
    Filing.objects.filter(pk=first.filing_id).update(commitment=None)
    client.force_login(alice)
    words = one_line(client.get(page("filing_check", first.filing_id)))
    assert words.count("尚未作出信用承诺。请签署信用修复承诺书。") == 1
    # What one of them lacks is said of that one.
    assert "第五条：" in words and "移出这条" in words


def test_where_nothing_can_join_there_is_no_button(client, pair, alice):
    client.force_login(alice)
    words = one_line(client.get(page("filing_add", pair[0].filing_id)))
    assert words.count("已在这次申请中") == 2
    assert "现在没有其他可以一并申请的记录。" in words and "加入这次申请</button>" not in words


def test_the_page_before_filing_says_who_signed_and_how(client, pair, alice):
    client.force_login(alice)
    words = one_line(client.get(page("filing_check", pair[0].filing_id)))
    assert "陈示例，2026年11月20日" in words
    assert how_signed(pair[0].filing.commitment.way, person=False) in words


def test_a_sitting_offers_what_a_draft_alone_does(client, pair, alice):
    client.force_login(alice)
    words = one_line(client.get(page("filing", pair[0].filing_id)))
    assert "法定代表人（负责人）变更证明" in words and "授权委托书" in words
    # What is about one record is offered beside it; a paper that is signed has its own page.
    for case in pair:
        assert reverse("repairs:files", args=[case.number, "other"]) in words
        assert page("withdraw", case.number) in words
    assert "signed_commitment" not in words
    client.post(page("withdraw", pair[1].number))
    assert client.get(page("filing", pair[0].filing_id)).url == page("tasks", pair[0].number)


@pytest.mark.parametrize(
    ("act", "name"),
    [("take_out", "take_out"), ("start_filing", "filing_add"), ("submit_filing", "filing_submit")],
)
def test_who_stops_acting_for_the_subject_meanwhile_is_told_so(
    client, pair, alice, acme, market_bureau, monkeypatch, act, name
):
    def refuse(**_given):
        raise services.NotAllowed("the subject is not the applicant's")

    monkeypatch.setattr(steps if act == "submit_filing" else services, act, refuse)
    third = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕33号", decided_on=date(2026, 4, 2)
    )
    client.force_login(alice)
    key = pair[0].number if name == "take_out" else pair[0].filing_id
    form = shown(pair) | choose((third, market_bureau))
    answer = client.post(page(name, key), form)
    assert answer.status_code == 403 and "您的账号不能办理这件事" in answer.content.decode()
