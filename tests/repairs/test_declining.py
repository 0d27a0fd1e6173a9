"""不予受理: on one of the grounds that there are, and a body that is named is one of the register."""

from datetime import date

import pytest

from applications.documents.models import Document
from applications.records.models import DishonestyRecord
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.repairs.services import NotReady
from tests.fixtures import make_record, moment
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-23 10:00")


def letter_of(case):
    return Document.objects.get(about=case.number, kind="non_acceptance_notice").content


def no_longer_ours(case, unit):
    """The record turns out to be of another unit after its application came."""
    DishonestyRecord.objects.filter(pk=case.record_id).update(identifying_unit=unit)
    return RepairCase.objects.get(pk=case.pk)


def test_whoever_the_applicant_may_choose_sends_nobody_on(
    general_record, market_bureau, credit_bureau, alice, wang
):
    """Article 7: the choice between the unit and the bureau is the applicant's."""
    case = submitted(general_record, market_bureau, alice)
    with pytest.raises(NotReady, match="不能以由其他机构办理为由不予受理"):
        steps.decline_case(
            case=case,
            ground="other_organ",
            reason="已改由中心办理。",
            competent_body=credit_bureau,
            actor=wang,
            at=AT,
        )
    assert not steps.decline.other_handling_organs(case)
    case.refresh_from_db()
    assert case.status == "submitted"


def test_another_body_is_named_with_its_telephone(
    general_record, market_bureau, ecology_bureau, credit_bureau, alice, wang
):
    case = no_longer_ours(submitted(general_record, market_bureau, alice), ecology_bureau)
    found = {"case": case, "ground": "other_organ", "reason": "已改由中心办理。", "actor": wang, "at": AT}
    for nobody in (None, market_bureau):
        with pytest.raises(NotReady, match="请选择应当向哪个机构申请"):
            steps.decline_case(**found, competent_body=nobody)
    steps.decline_case(**found, competent_body=credit_bureau)
    assert letter_of(case)["whereto"] == (
        "本事项由南京市公共信用信息中心办理，请向该单位提出申请。该单位的联系电话：025-00000002。"
    )


def test_a_department_handles_no_applications(
    general_record, market_bureau, ecology_bureau, credit_department, alice, wang
):
    case = no_longer_ours(submitted(general_record, market_bureau, alice), ecology_bureau)
    with pytest.raises(NotReady, match="请选择应当向哪个机构申请"):
        steps.decline_case(
            case=case,
            ground="other_organ",
            reason="不归我单位。",
            competent_body=credit_department,
            actor=wang,
            at=AT,
        )


def test_only_a_body_that_takes_applications_for_the_record_is_named(
    general_record, market_bureau, ecology_bureau, credit_bureau, alice, wang
):
    """A unit that did not identify the record would have to decline it again."""
    case = no_longer_ours(submitted(general_record, market_bureau, alice), ecology_bureau)
    assert {*steps.decline.other_handling_organs(case)} == {credit_bureau, ecology_bureau}


def test_publicity_that_runs_is_not_called_over(acme, general_record, market_bureau, alice, wang):
    running = submitted(general_record, market_bureau, alice)
    with pytest.raises(NotReady, match="公示期未满"):
        steps.decline_case(case=running, ground="not_needed", reason="已停止公示。", actor=wang, at=AT)
    # Public for one year, through 22 November.
    ending = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2025〕3号", decided_on=date(2025, 11, 22)
    )
    case = submitted(ending, market_bureau, alice, at="2026-11-21 10:00")
    steps.decline_case(case=case, ground="not_needed", reason="11月22日期满。", actor=wang, at=AT)
    letter = letter_of(case)
    assert letter["ground"].endswith("最长公示期已满，不需要修复。")
    assert letter["whereto"] == "不需要再次提出申请。"
