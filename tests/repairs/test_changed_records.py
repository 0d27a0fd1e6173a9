"""A record under application is changed by a new file of its unit: shown before, told after, assessed anew."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.models import DishonestyRecord
from applications.records.services import import_records, preview_import
from applications.repairs import steps
from applications.repairs.errors import NotReady, StaleCase
from applications.repairs.models import RepairCase
from rules.procedure import OPEN_STATES, TABLE
from tests.fixtures import moment
from tests.records.files import as_csv, row
from tests.repairs.steps import accepted, prepared, reviewed, submitted

pytestmark = pytest.mark.django_db

FIRST = {"行政处罚决定书文号": "宁市监处罚〔2026〕88号", "履行状态": "罚款:2026-06-02"}


def load(unit, actor, *, at="2026-11-24 15:00", **changes):
    content = as_csv(row(**{**FIRST, **changes}))
    return import_records(content=content, file_name="再报.csv", organ=unit, at=moment(at), actor=actor)


@pytest.fixture
def record(market_bureau, acme, wang):
    load(market_bureau, wang, at="2026-11-19 09:00")
    return DishonestyRecord.objects.get(document_number="宁市监处罚〔2026〕88号")


def told(user):
    return [each.body for each in Message.objects.filter(recipient=user, channel="inbox").order_by("id")]


def test_every_open_application_hears_of_a_change():
    noted = {step.source for step in TABLE if step.action == "note_change"}
    # A draft is told by a message alone: nobody but its applicant knows of it.
    assert noted == OPEN_STATES - {"draft"}


def test_the_preview_shows_what_changes_under_which_application(market_bureau, record, alice, wang):
    case = submitted(record, market_bureau, alice)
    content = as_csv(row(**{**FIRST, "失信严重程度": "严重", "履行状态": "罚款:未履行"}))
    preview = preview_import(
        content=content, file_name="再报.csv", organ=market_bureau, at=moment("2026-11-24 15:00")
    )
    (touched,) = preview.under_application
    assert (touched.line, touched.document_number) == (2, "宁市监处罚〔2026〕88号")
    assert (touched.use.number, touched.use.state) == (case.number, "已提交")
    assert ("失信严重程度", "一般失信", "严重失信") in touched.changes
    assert (
        "履行状态",
        "罚款（行政处理决定）：2026年6月2日履行完毕",
        "罚款（行政处理决定）：未履行",
    ) in touched.changes


def test_a_change_of_a_record_that_nobody_applies_for_is_not_in_that_list(market_bureau, record, wang):
    content = as_csv(row(**{**FIRST, "失信严重程度": "严重"}))
    preview = preview_import(
        content=content, file_name="再报.csv", organ=market_bureau, at=moment("2026-11-24 15:00")
    )
    assert (preview.updated, list(preview.under_application)) == (1, [])


def test_applicant_and_officer_are_told_and_the_case_shows_it(client, market_bureau, record, alice, wang, li):
    case = accepted(record, market_bureau, alice, wang)
    load(market_bureau, wang, 失信严重程度="严重")
    assert "失信严重程度：一般失信 → 严重失信" in told(alice)[-1]
    assert "失信严重程度：一般失信 → 严重失信" in told(li)[-1]
    client.force_login(alice)
    assert "失信行为信息变更" in client.get(reverse("repairs:status", args=[case.number])).content.decode()
    client.force_login(li)
    page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).content.decode()
    assert "失信行为信息变更" in page and "严重失信" in page


def test_the_conditions_are_assessed_anew_and_publicity_is_recomputed(market_bureau, record, alice, wang):
    assert record.publicity_until == date(2027, 5, 1)
    case = accepted(record, market_bureau, alice, wang)
    load(market_bureau, wang, 失信严重程度="严重")
    stored = case.assessments.get(stage="change")
    assert stored.facts["severity"] == "serious"
    assert "training_completed" in {each["code"] for each in stored.assessment["findings"]}
    record.refresh_from_db()
    # Three years from the decision of 1 May 2026.
    assert record.publicity_until == date(2029, 5, 1)


def test_a_review_on_the_old_facts_is_done_again(market_bureau, record, alice, wang, li, zhao):
    case = reviewed(accepted(record, market_bureau, alice, wang), li)
    seen = case.version
    load(market_bureau, wang, 违法事实="抽检三批次不合格。")
    case = RepairCase.objects.get(pk=case.pk)
    assert case.status == "accepted"
    with pytest.raises(StaleCase):
        steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"), version=seen)


def test_a_new_duty_is_one_that_the_applicant_can_answer(market_bureau, record, alice, wang):
    case = submitted(record, market_bureau, alice)
    load(market_bureau, wang, 履行状态="罚款:2026-06-02；责令改正:未履行")
    assert {each.obligation.name for each in case.obligations.all()} == {"罚款", "责令改正"}


def test_a_draft_is_told_to_its_applicant_alone(market_bureau, record, alice, wang):
    case = prepared(record, market_bureau, alice)
    load(market_bureau, wang, 失信严重程度="严重")
    assert "更改了您正在填写的申请" in told(alice)[-1]
    assert not Event.objects.filter(chain=case.number, verb="repair.record_changed").exists()
    with pytest.raises(NotReady, match="培训"):
        steps.submit_case(case=case, actor=alice, at=moment("2026-11-25 10:00"))
