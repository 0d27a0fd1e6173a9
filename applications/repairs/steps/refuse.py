"""不予修复 (Article 9): the reason for each condition that fails, how to apply again, and how to object."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.documents import remedies
from applications.repairs import letters
from applications.repairs.assessing import Checklist, store_assessment
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase, Review, StoredAssessment
from applications.repairs.outcome import in_words
from applications.repairs.steps.deciding import (
    ReviewedPage,
    outcome_of_review,
    reviewed,
    say_why_it_differs,
)
from applications.repairs.steps.frame import Transition, take
from rules.eligibility import Assessment

MESSAGE = gettext_lazy(
    "不予信用修复。\n%(reasons)s\n不同意这个决定的，可以在办理进度页面提出异议，由没有参与原决定的人员在%(days)d个工作日内处理。"
)


def refuse_case(
    *, case: RepairCase, reason: str = "", actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Refuse, with a reason for each condition that fails (Article 9). NotReady where all are met.

    ``reason``: why, where the review proposed to grant."""
    with take(case=case, action="refuse", actor=actor, at=at, version=version) as transition:
        review, assessment = reviewed(transition)
        if assessment.outcome == "eligible":
            raise NotReady(
                _(
                    "依据审查意见，各项条件均已具备，不能不予修复。不同意审查意见的，请退回重新审查并写明理由。"
                )
            )
        say_why_it_differs(transition, review, Review.Proposal.REFUSE, reason)
        store_assessment(
            case=transition.case, stage=StoredAssessment.Stage.DECISION, assessment=assessment, at=at
        )
        document = transition.issue(
            "refusal_decision",
            refusal_decision(transition, assessment=assessment, checklist=review.checklist),
        )
        transition.message = MESSAGE % {
            "reasons": in_words(document.kind, document.content),
            "days": transition.legal_days("objection")[0],
        }
        transition.ask = _("不同意的可以提出异议。")
        transition.changes |= {
            "decided_on": transition.on,
            "decided_by": actor,
            "decision_number": document.number,
        }
        transition.payload["failed"] = [finding.code for finding in assessment.open_findings]
    return transition.case


def refusal_decision(
    transition: Transition, *, assessment: Assessment, checklist: Checklist
) -> dict[str, Any]:
    """Each condition that fails, with the officer's note and what would mend it; how to apply again; objection."""
    case, clock = transition.case, assessment.policy.clocks["objection"]
    return letters.heading(case, transition.at) | {
        "accepted_on": case.accepted_on.isoformat() if case.accepted_on else "",
        "policy": letters.policy(assessment.policy),
        "findings": letters.failed(assessment, checklist),
        "reapply": letters.how_to_apply_again(assessment),
        "objection": {
            "organ": case.organ.name,
            "working_days": clock.working_days,
            "article": clock.source.article,
        },
        "remedies": remedies.told(case.organ, transition.at),
    }


class Page(ReviewedPage):
    action, look = "refuse", "danger"
    decides = Review.Proposal.REFUSE

    @classmethod
    def is_open(cls, case: RepairCase, actor: User, today: date) -> bool:
        return outcome_of_review(case, actor, today) not in (None, "eligible")

    def perform(self, **common: Any) -> None:
        refuse_case(**common, reason=self.form.cleaned_data.get("reason", ""))
