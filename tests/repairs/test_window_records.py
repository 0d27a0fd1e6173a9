"""The records that a window offers: what no application can begin for is shown with the reason, and cannot be chosen."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.objections.steps import file_objection
from applications.records.services import source
from applications.repairs import steps
from applications.repairs.models import Reception
from tests.fixtures import make_record, moment
from tests.opening import approve_act
from tests.pages import text
from tests.repairs.steps import granted, paper, refused, submitted
from tests.repairs.test_reception_pages import brought

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_30th():
    with time_machine.travel(moment("2026-11-30 10:00"), tick=False):
        yield


@pytest.fixture
def free(acme, market_bureau):
    return make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕77号")


def address(subject):
    return reverse("admin:repairs_reception_receive", args=[subject.pk])


def revoked(record, wang, zhao):
    at = moment("2026-11-24 10:00")
    act = source.propose_act(
        record=record, kind="revoke", grounds="复议撤销。", document=paper("复议.pdf"),
        effective_on=at.date(), actor=wang, at=at,
    )  # fmt: skip
    approve_act(act=act, actor=zhao, at=at)


@pytest.mark.parametrize("what", ["open", "repaired", "revoked"])
def test_it_is_shown_with_why_not_and_cannot_be_chosen(
    client, what, free, general_record, acme, market_bureau, alice, wang, li, zhao
):
    if what == "open":
        case = submitted(general_record, market_bureau, alice)
        why = f"已有办理中的申请 {case.number}（"
    elif what == "repaired":
        case = granted(general_record, market_bureau, alice, wang, li, zhao)
        why = f"已由决定 {case.decision_number} 修复"
    else:
        revoked(general_record, wang, zhao)
        why = "处罚已被撤销，信息已经撤回，不需要修复"
    client.force_login(wang)
    page = text(client.get(address(acme)))
    assert f"{general_record}，{market_bureau}：{why}" in page
    assert f'name="records" value="{free.pk}"' in page
    assert f'name="records" value="{general_record.pk}"' not in page
    refused = client.post(address(acme), brought(general_record))
    assert "现在不能收件，请按本页列出的信息重新选择" in text(refused) and not Reception.objects.exists()


def test_a_case_that_is_open_again_counts_though_a_later_one_was_given_up(
    client, general_record, acme, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    later = submitted(general_record, market_bureau, alice, at="2026-11-27 10:00")
    steps.withdraw_case(case=later, actor=alice, at=moment("2026-11-27 11:00"))
    file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-27 12:00"))
    client.force_login(wang)
    page = text(client.get(address(acme)))
    assert f"已有办理中的申请 {case.number}（" in page
    assert f'name="records" value="{general_record.pk}"' not in page


def test_where_none_is_left_nothing_is_asked(client, general_record, acme, market_bureau, alice, wang):
    submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    page = text(client.get(address(acme)))
    assert "现在都不能收件" in page and 'name="came_name"' not in page


def test_what_the_rules_would_refuse_today_is_taken_in_all_the_same(client, acme, market_bureau, wang):
    early = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕78号", decided_on=date(2026, 11, 20)
    )
    client.force_login(wang)
    page = text(client.get(address(acme)))
    assert f'name="records" value="{early.pk}"' in page and "尚不能申请" in page
