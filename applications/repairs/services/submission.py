"""Submitting (Article 7), answering the correction notice (Article 8), withdrawing (Article 2: voluntary)."""

from datetime import date, datetime

from django.db import transaction

from applications.accounts.models import User
from applications.repairs import letters
from applications.repairs.assessing import assess_case, store_assessment
from applications.repairs.models import CorrectionItem, RepairCase, StoredAssessment
from applications.repairs.selectors import correction_in_hand, officer_of_answer
from applications.repairs.services.drafts import _edit, _save, commitment_is_current
from applications.repairs.services.procedure import NotReady, Turn, turn
from rules.eligibility import Assessment
from rules.materials import Requirement, required
from rules.wording import remedy


def required_materials(case: RepairCase) -> tuple[Requirement, ...]:
    """What Article 7 asks of this case."""
    return required(person=case.record.subject.is_person, severity=case.record.severity)


def blocking_problems(case: RepairCase, on: date, assessment: Assessment | None = None) -> list[str]:
    """Why a case cannot be submitted today, as sentences with their remedy; empty when it can.

    A bar of Article 6 does not stop a submission: whether it applies is the officers' decision, and only a
    decision can be objected to. A period that has not run out and an incomplete file do.
    """
    problems = []
    if not case.contact_name or not case.contact_phone:
        problems.append("请填写经办人姓名和联系电话。")
    kinds = set(case.materials.values_list("kind", flat=True))
    problems += [
        f"请上传{asked.names}（{asked.reason}）。"
        for asked in required_materials(case)
        if not kinds & set(asked.kinds)
    ]
    if case.status == "draft" and getattr(case, "commitment", None) and not commitment_is_current(case):
        problems.append("您修改了申请内容，承诺书需要重新签署。")
    assessment = assessment or assess_case(case, on)
    if assessment.outcome in ("out_of_scope", "not_needed"):
        problems += [finding.reason for finding in assessment.open_findings] or [
            "最长公示期已满，信息已停止公示，无需修复。"
        ]
    else:
        problems += [
            finding.reason + remedy(finding, "zh")
            for finding in assessment.open_findings
            if finding.article != "六"
        ]
    return problems


def submit_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """File the application. NotReady lists everything that is missing at once; nothing is written then."""
    with turn(case=case, action="submit", actor=actor, at=at, version=version) as now:
        now.changes["first_submitted_at"] = at
        _submit(now)
    return now.case


def resubmit_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """Answer the correction notice. Every item needs an answer or a new file; new 3 working days begin."""
    with turn(case=case, action="resubmit", actor=actor, at=at, version=version) as now:
        unanswered = [
            f"第{number}项“{item.get_material_kind_display()}”还没有补正材料或说明。"
            for number, item in enumerate(correction_in_hand(now.case), 1)
            if not item.answer
            and not now.case.materials.filter(kind=item.material_kind, round=now.case.round + 1)
        ]
        if unanswered:
            raise NotReady(*unanswered)
        # Whoever asked for the correction examines it.
        now.officer_id = officer_of_answer(now.case)
        _submit(now)
    return now.case


def _submit(now: Turn) -> None:
    case = now.case
    assessment = assess_case(case, now.on)
    problems = blocking_problems(case, now.on, assessment)
    if problems:
        raise NotReady(*problems)
    now.changes |= {"submitted_at": now.at, "round": case.round + 1}
    store_assessment(
        case=case,
        stage=StoredAssessment.Stage.SUBMISSION,
        assessment=assessment,
        at=now.at,
    )
    now.issue("receipt", letters.receipt(case, due=now.due("acceptance", now.on), at=now.at))


@transaction.atomic
def answer_correction(*, item: CorrectionItem, answer: str, actor: User, at: datetime) -> None:
    """Keep the applicant's words about one item of the notice in hand; an empty answer takes them back."""
    locked = _edit(item.notice.case, actor)
    if not correction_in_hand(locked).filter(pk=item.pk).exists():
        raise NotReady("这项补正要求已经答复过了。")
    CorrectionItem.objects.filter(pk=item.pk).update(answer=answer)
    _save(locked, at)


def withdraw_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """Give the application up. The record can be applied for anew; nothing of the archive is lost."""
    with turn(case=case, action="withdraw", actor=actor, at=at, version=version) as now:
        pass
    return now.case
