"""准予修复 (Articles 9 and 11): the record is annotated and leaves publicity at once; the decision is shared."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.documents.models import Document
from applications.records.models import DishonestyRecord
from applications.repairs import letters, message_words, messages
from applications.repairs.assessing import store_assessment
from applications.repairs.errors import NotReady
from applications.repairs.evidence import confirmed_unseen, opened_by, papers_of
from applications.repairs.models import RepairCase, Review, StoredAssessment
from applications.repairs.steps.deciding import (
    ReviewedPage,
    outcome_of_review,
    reviewed,
    say_why_it_differs,
)
from applications.repairs.steps.frame import Transition, take
from rules.eligibility import Assessment

MESSAGE = _("准予信用修复。")

WITHDRAWN = "在相关平台和网站上撤销公示；"
EFFECTS = [
    "在上述失信行为信息及信用档案中予以标注；",
    WITHDRAWN,
    "上述失信行为信息不再作为信用惩戒的依据。",
]

PLATFORM = "公共信用信息共享平台"


def grant_case(
    *, case: RepairCase, reason: str = "", actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Confirm the repair on the review of another officer. NotReady names each condition that is lacking, and each paper
    that the other confirmed without having opened it. ``reason``: why, where the other proposed to refuse."""
    with take(case=case, action="grant", message=MESSAGE, actor=actor, at=at, version=version) as transition:
        review, assessment = reviewed(transition)
        if assessment.outcome != "eligible":
            raise NotReady(
                gettext("依据审查意见，尚有条件不具备，不能准予修复："),
                *[f.reason for f in assessment.open_findings],
            )
        unseen = confirmed_unseen(
            papers=papers_of(transition.case),
            opened=opened_by(review.reviewer_id, transition.case),
            checklist=review.checklist,
        )
        if unseen:
            raise NotReady(
                gettext("审查人员没有打开过%(names)s，不能据此准予修复。请退回重新审查。")
                % {"names": "、".join(f"“{paper.name}”（{paper.label}）" for paper, _codes in unseen)}
            )
        say_why_it_differs(transition, review, Review.Proposal.GRANT, reason)
        confirm(transition, assessment, StoredAssessment.Stage.DECISION)
    return transition.case


def confirm(
    transition: Transition,
    assessment: Assessment,
    stage: str,
    *,
    instead_of: Document | None = None,
    objected_on: date | None = None,
) -> None:
    """What a grant is, whether it is the first decision or, on an objection of a day, takes the place of a refusal."""
    store_assessment(case=transition.case, stage=stage, assessment=assessment, at=transition.at)
    content = grant_decision(transition, assessment=assessment)
    if instead_of and objected_on:
        content["instead_of"] = {"number": instead_of.number, "objected_on": objected_on.isoformat()}
    document = transition.issue("grant_decision", content, replaces=instead_of)
    messages.send_copy(case=transition.case, document=document, at=transition.at)
    transition.message = f"{transition.message}{message_words.in_public(transition.case.record)}。"
    transition.changes |= {
        "decided_on": transition.on,
        "decided_by": transition.actor,
        "decision_number": document.number,
        "shared_at": None,
    }


def grant_decision(transition: Transition, *, assessment: Assessment) -> dict[str, Any]:
    case, at = transition.case, transition.at
    return letters.heading(case, at) | {
        "accepted_on": case.accepted_on.isoformat() if case.accepted_on else "",
        "policy": letters.policy(assessment.policy),
        "findings": letters.findings(assessment),
        "effects": [each for each in EFFECTS if each != WITHDRAWN or not case.record.is_withheld],
        # Publicity may have ended before, where the unit stated a shorter one.
        "publicity_withdrawn_at": at.isoformat(timespec="seconds")
        if case.record.publicity == DishonestyRecord.Publicity.PUBLISHED
        else "",
        "copies": copies_of(case),
    }


def copies_of(case: RepairCase) -> list[str]:
    """Who else gets the decision: the platform by its delivery, the identifying unit of a bureau's case by a message."""
    unit = case.record.identifying_unit
    return [PLATFORM, *([unit.name] if unit != case.organ else [])]


class Page(ReviewedPage):
    action, look = "grant", "primary"
    decides = Review.Proposal.GRANT

    @classmethod
    def is_open(cls, case: RepairCase, actor: User, today: Any) -> bool:
        return outcome_of_review(case, actor, today) == "eligible"

    def perform(self, **common: Any) -> None:
        grant_case(**common, reason=self.form.cleaned_data.get("reason", ""))
