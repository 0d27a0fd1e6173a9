"""Articles 9, 11 and 13: examine, decide within 7 working days, share, and handle an objection within 5."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.deadlines.models import Deadline
from applications.deadlines.services import assign_officer
from applications.repairs import access, letters
from applications.repairs.assessing import (
    CHECKLIST,
    Checklist,
    asked_codes,
    assess_case,
    assess_facts,
    case_facts,
    store_assessment,
    verified_facts,
)
from applications.repairs.models import RepairCase, Review, StoredAssessment
from applications.repairs.services.drafts import open_case_of
from applications.repairs.services.procedure import NotReady, Turn, turn
from rules.eligibility import Assessment
from rules.procedure import Clock


def _verify(now: Turn, checklist: Mapping[str, Mapping[str, Any]]) -> tuple[Checklist, Assessment]:
    """The checklist with every point answered, and a note beside each that was not confirmed; what follows of it."""
    facts = case_facts(now.case)
    problems, complete = [], {}
    for code in asked_codes(assess_facts(now.case, facts, now.on)):
        verdict = checklist.get(code)
        if verdict is None or verdict.get("confirmed") is None:
            problems.append(f"请核对“{CHECKLIST[code]}”。")
            continue
        note = str(verdict.get("note", "")).strip()
        if not verdict["confirmed"] and not note:
            problems.append(f"“{CHECKLIST[code]}”核对为否，请写明查明的事实和理由。")
        complete[code] = {"confirmed": bool(verdict["confirmed"]), "note": note}
    if problems:
        raise NotReady(*problems)
    return complete, assess_facts(now.case, verified_facts(facts, complete), now.on)


def review_case(
    *,
    case: RepairCase,
    checklist: Mapping[str, Mapping[str, Any]],
    opinion: str = "",
    actor: User,
    at: datetime,
    version: int | None = None,
) -> Review:
    """Record what an officer found on every condition. What is proposed follows from the facts and the rules."""
    with turn(case=case, action="review", actor=actor, at=at, version=version) as now:
        complete, assessment = _verify(now, checklist)
        eligible = assessment.outcome == "eligible"
        review = Review.objects.create(
            case=now.case,
            reviewer=actor,
            reviewed_at=at,
            checklist=complete,
            proposal=Review.Proposal.GRANT if eligible else Review.Proposal.REFUSE,
            opinion=opinion.strip(),
        )
        now.payload["proposal"] = review.proposal
        _turn_to_others(now)
    return review


def return_case(
    *, case: RepairCase, reason: str, actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Send a review back to be done again, with the reason. The clock of 7 working days runs on."""
    if not reason.strip():
        raise NotReady("请填写退回的理由。")
    with turn(case=case, action="return", actor=actor, at=at, version=version) as now:
        now.payload["reason"] = reason.strip()
        _turn_to_others(now)
    return now.case


def _turn_to_others(now: Turn) -> None:
    """The clock of 7 working days runs on, and another role answers for it now."""
    assign_officer(case_number=now.case.number, kind=Clock.DECISION, officer=None)


def _reviewed(now: Turn) -> tuple[Review, Assessment]:
    """The review that a decision rests on, by another officer, and what the rules say about it today."""
    review = now.case.reviews.last()
    if review is None:
        raise NotReady("还没有审查意见。")
    if now.actor is None or review.reviewer_id == now.actor.pk:
        raise NotReady("审查和审批应当由不同的人员负责，请由本单位其他审批人员作出决定。")
    return review, assess_case(now.case, now.on, review.checklist)


def grant_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """Confirm the repair: the record is annotated and leaves publicity at once, the decision is shared."""
    with turn(case=case, action="grant", actor=actor, at=at, version=version) as now:
        _, assessment = _reviewed(now)
        if assessment.outcome != "eligible":
            raise NotReady(
                "依据审查意见，尚有条件不具备，不能准予修复：", *[f.reason for f in assessment.open_findings]
            )
        _grant(now, assessment, StoredAssessment.Stage.DECISION)
    return now.case


def _grant(now: Turn, assessment: Assessment, stage: str) -> None:
    store_assessment(case=now.case, stage=stage, assessment=assessment, at=now.at)
    document = now.issue("grant_decision", letters.grant_decision(now.case, assessment=assessment, at=now.at))
    now.changes |= {
        "decided_on": now.on,
        "decided_by": now.actor,
        "decision_number": document.number,
        "shared_at": None,
    }


def refuse_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """Refuse, with a reason for each condition that fails (Article 9)."""
    with turn(case=case, action="refuse", actor=actor, at=at, version=version) as now:
        review, assessment = _reviewed(now)
        if assessment.outcome == "eligible":
            raise NotReady(
                "依据审查意见，各项条件均已具备，不能不予修复。不同意审查意见的，请退回重新审查并写明理由。"
            )
        store_assessment(case=now.case, stage=StoredAssessment.Stage.DECISION, assessment=assessment, at=at)
        document = now.issue(
            "refusal_decision",
            letters.refusal_decision(now.case, assessment=assessment, checklist=review.checklist, at=at),
        )
        now.changes |= {"decided_on": now.on, "decided_by": actor, "decision_number": document.number}
        now.payload["failed"] = [finding.code for finding in assessment.open_findings]
    return now.case


def record_receipt(
    *, case_number: str, position: int, receipt_number: str, received_at: datetime, at: datetime
) -> RepairCase:
    """The sharing platform has confirmed a decision (Article 11): its clock of 2 working days stops.

    It stops on the day on which the platform received the decision, which may lie before the one on which the
    portal hears of it. Where there is a later decision, the case is not shared yet and nobody is told.
    InputError: ``received_at`` lies before the decision. NotReady: no decision of that number waits for a receipt.
    """
    case = RepairCase.objects.only("pk", "number").get(number=case_number)
    with turn(case=case, action="record_receipt", actor=None, at=at) as now:
        now.answered_round, now.answered_on = position, localdate(received_at)
        met_on = dict(
            Deadline.objects.filter(case_number=case_number, kind=Clock.SHARING).values_list(
                "round", "met_on"
            )
        )
        if met_on.get(position, at) is not None:
            raise NotReady(f"申请{case_number}没有等待平台签收的第{position}次决定。")
        if max(met_on) > position:
            now.untold = True
        else:
            now.changes["shared_at"] = received_at
        now.payload |= {
            "position": position,
            "receipt": receipt_number,
            "received_at": received_at.isoformat(timespec="seconds"),
        }
    return now.case


def file_objection(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """An objection to a refusal has been received: 5 working days begin. The objections room keeps its words."""
    with turn(case=case, action="object", actor=actor, at=at, version=version) as now:
        other = open_case_of(now.case.record)
        if other is not None:
            raise NotReady(
                f"您已就同一失信行为信息提出新的申请 {other.number}。请先撤回该申请，再对原决定提出异议。"
            )
    return now.case


def decide_objection(
    *,
    case: RepairCase,
    overturn: bool,
    checklist: Mapping[str, Mapping[str, Any]],
    reasons: str,
    objection: dict[str, Any],
    actor: User,
    at: datetime,
    version: int | None = None,
) -> RepairCase:
    """Handle an objection (Article 13) by an officer who took no part in the refusal.

    ``checklist`` is what the officer verified anew; the outcome must follow from it. ``objection`` is what the
    result letter says of it: filed_on, decision_number, grounds. Overturning makes a new decision and leaves
    the old one as it is.
    """
    if not reasons.strip():
        raise NotReady("请填写处理理由。")
    action = "overturn" if overturn else "uphold"
    with turn(case=case, action=action, actor=actor, at=at, version=version) as now:
        if access.took_part(actor, now.case):
            raise NotReady("异议应当由没有参与原决定的人员处理，请由本单位其他审批人员处理。")
        _, assessment = _verify(now, checklist)
        eligible = assessment.outcome == "eligible"
        if overturn and not eligible:
            raise NotReady("依据核实情况，尚有条件不具备：", *[f.reason for f in assessment.open_findings])
        if eligible and not overturn:
            raise NotReady("依据核实情况，各项条件均已具备，应当撤销原决定、准予修复。")
        if overturn:
            _grant(now, assessment, StoredAssessment.Stage.OBJECTION)
        else:
            store_assessment(
                case=now.case, stage=StoredAssessment.Stage.OBJECTION, assessment=assessment, at=at
            )
        now.issue(
            "objection_result",
            letters.objection_result(
                now.case,
                objection=objection,
                overturned=overturn,
                reasons=reasons.strip(),
                new_decision=now.changes.get("decision_number"),
                assessment=assessment,
                at=at,
            ),
        )
        now.payload["outcome"] = action
    return now.case
