"""What the letters of one case say of the days on which its papers came, and who said or did not say what."""

import re
from datetime import date

import pytest

from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.repairs import services, steps
from applications.repairs.models import RepairCase
from applications.repairs.steps import Defect
from applications.subjects.changing import record_subject_change
from tests.fixtures import moment
from tests.repairs.steps import paper, pdf, prepared, refused, resubmitted, submitted

pytestmark = pytest.mark.django_db


def letters_of(case, kind):
    """The texts of the letters of a kind, the first issued first."""
    documents = Document.objects.filter(about=case.number, kind=kind).order_by("issued_at")
    return [re.sub(r"<[^>]+>|\s+", "", render_html(document)) for document in documents]


def test_after_a_correction_both_days_are_told(general_record, market_bureau, alice, wang):
    case = resubmitted(general_record, market_bureau, alice, wang)
    first, second = letters_of(case, "receipt")
    assert (
        "2026年11月20日10:00:00提交的信用修复申请已经收到" in first and "自收到申请之日起3个工作日" in first
    )
    assert "2026年11月24日10:00:00提交的补正材料已经收到" in second
    # Tuesday 24th: Wednesday 1, Thursday 2, Friday 3.
    assert "自收到补正材料之日起3个工作日内，即最迟于2026年11月27日（周五）" in second

    steps.accept_case(case=case, actor=wang, at=moment("2026-11-25 10:00"))
    (accepted,) = letters_of(case, "acceptance_notice")
    assert "我单位于2026年11月20日收到，补正材料于2026年11月24日收到。经审核，申请材料齐全" in accepted
    # Wednesday 25th: 26, 27, 30, 1, 2, 3, 4.
    assert "根据《通知》第九条，我单位自受理之日起7个工作日内，即最迟于2026年12月4日（周五）" in accepted


def test_a_subject_renamed_meanwhile_is_named_by_both_names(
    general_record, market_bureau, acme, alice, wang, qian
):
    case = submitted(general_record, market_bureau, alice)
    record_subject_change(
        subject=acme,
        kind="rename",
        new_name="南京新名食品有限公司",
        changed_on=date(2026, 11, 20),
        proof=pdf("变更通知书.pdf"),
        actor=qian,
        at=moment("2026-11-21 10:00"),
    )
    case = RepairCase.objects.get(pk=case.pk)
    steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    (letter,) = letters_of(case, "acceptance_notice")
    assert "南京新名食品有限公司（原名称：南京示例食品有限公司）" in letter


def test_the_commitment_names_who_decided_and_who_identified(general_record, market_bureau, alice):
    type(general_record).objects.update(penalising_organ="南京市市场监管综合执法总队")
    general_record.refresh_from_db()
    case = prepared(general_record, market_bureau, alice)
    assert case.filing.commitment.text[0].startswith(
        "南京市市场监管综合执法总队于2026年5月1日作出宁市监处罚〔2026〕15号决定，"
        "南京市市场监督管理局认定南京示例食品有限公司存在"
    )


def test_a_unit_that_has_worded_no_remedies_still_tells_those_of_the_law(
    general_record, market_bureau, alice, wang, li, zhao
):
    market_bureau.remedies = ""
    market_bureau.save()
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    (letter,) = letters_of(case, "refusal_decision")
    assert "60日内依法申请行政复议" in letter and "6个月内依法向人民法院提起行政诉讼" in letter


def test_what_is_asked_for_again_comes_with_the_reason(general_record, market_bureau, alice, wang, zhao):
    case = resubmitted(general_record, market_bureau, alice, wang)
    at = moment("2026-11-25 09:00")
    licence = Defect("licence", "没有加盖公章。", "请盖章后上传。")
    steps.draft_correction(case=case, defects=[licence], actor=wang, at=at)
    item = case.correction_notices.get(round=2).items.get()
    steps.waive_item(item=item, reason="第一次核对时漏看。", actor=zhao, at=at)
    case = steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-25 10:00"))
    first, second = letters_of(case, "correction_notice")
    assert "再次告知的理由" not in first and "确需再次要求的，由我单位负责人写明理由" in first
    assert "再次告知的理由：第一次核对时漏看。" in second
    assert "我单位于2026年11月20日收到，补正材料于2026年11月24日收到" in second

    services.add_material(
        case=case, kind="licence", upload=paper("执照.pdf"), actor=alice, at=moment("2026-11-26 09:00")
    )
    case = steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-26 10:00"))
    assert "2026年11月26日10:00:00提交的补正材料已经收到" in letters_of(case, "receipt")[-1]
