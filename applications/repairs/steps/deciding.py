"""What a decision rests on (Article 9): the review of another officer, and what the rules say by it on the day.

The two decisions, grant.py and refuse.py, stand on this.
"""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.repairs import messages
from applications.repairs.assessing import assess_case
from applications.repairs.cross_checks import remarks_on
from applications.repairs.errors import NotReady
from applications.repairs.evidence import Paper, opened_by, papers_of
from applications.repairs.models import RepairCase, Review
from applications.repairs.steps.frame import Transition
from applications.repairs.steps.pages import PlainForm, StepPage
from applications.repairs.verdicts import Verdict, verdicts_of
from rules.eligibility import Assessment


def reviewed(transition: Transition) -> tuple[Review, Assessment]:
    """The review that a decision rests on, by another officer, and what the rules say about it today."""
    review = transition.case.reviews.last()
    if review is None:
        raise NotReady(_("还没有审查意见。"))
    if transition.actor is None or review.reviewer_id == transition.actor.pk:
        raise NotReady(_("审查和审批应当由不同的人员负责，请由本单位其他审批人员作出决定。"))
    return review, assess_case(transition.case, transition.on, review.checklist)


def assess_by_review(case: RepairCase, on: date) -> Assessment:
    """What the rules say by the latest review; without one, by what the applicant states."""
    review = case.reviews.last()
    return assess_case(case, on, review.checklist if review else None)


def outcome_of_review(case: RepairCase, actor: User, on: date) -> str | None:
    """What the rules say of the latest review that this officer may decide on; None where there is none.

    The two decisions both ask; a case that was read once is assessed once.
    """
    known: dict[date, tuple[int, str] | None] = case.__dict__.setdefault("_outcome_of_review", {})
    if on not in known:
        review = case.reviews.last()
        known[on] = (review.reviewer_id, assess_case(case, on, review.checklist).outcome) if review else None
    found = known[on]
    return None if found is None or found[0] == actor.pk else found[1]


def say_why_it_differs(transition: Transition, review: Review, decision: str, reason: str) -> None:
    """A decision other than the one that was proposed has a reason, which is kept, and told to whoever proposed it and to
    the head of the organ. It comes of what changed between the two: a paper that grew too old, a period that passed."""
    if review.proposal == decision:
        return
    if not reason.strip():
        raise NotReady(
            _("审查人员%(proposal)s，您的决定与此不同，请写明理由。")
            % {"proposal": review.get_proposal_display()}
        )
    transition.payload["reason"] = reason.strip()
    messages.tell_of_difference(
        case=transition.case,
        step=transition.step,
        review=review,
        reason=reason.strip(),
        actor=transition.actor,
        at=transition.at,
    )


class DecisionForm(PlainForm):
    """A decision as proposed needs no words; another one says why."""

    reason = forms.CharField(
        label=gettext_lazy("与审查意见不同的理由"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("记入台账，并告知审查人员和本单位负责人；不写入决定书。"),
    )


class ReviewedPage(StepPage):
    """A page of whoever decides on a review: all that the other officer saw and found."""

    # What the decision of this page would have been proposed as; None where it is no decision.
    decides: ClassVar[str | None] = None

    @cached_property
    def review(self) -> Review | None:
        return self.case.reviews.select_related("reviewer").last()

    @cached_property
    def verdicts(self) -> list[Verdict]:
        if self.review is None:
            return []
        before = self.case.reviews.exclude(pk=self.review.pk).last()
        remarks = remarks_on(self.case, assess_case(self.case, self.today))
        return verdicts_of(self.review, before=before, remarks=remarks)

    @cached_property
    def papers(self) -> list[tuple[Paper, bool]]:
        """Each with whether this officer opened it."""
        opened = opened_by(self.actor.pk, self.case)
        return [(paper, paper.key in opened) for paper in papers_of(self.case)]

    def make_form(self, posted: Any) -> Any:
        differs = self.decides and self.review and self.review.proposal != self.decides
        # Where the rules rule it out, no reason helps.
        if differs and self.is_open(self.case, self.actor, self.today):
            return DecisionForm(posted, initial={"version": self.case.version})
        return super().make_form(posted)

    def assess(self) -> Assessment | None:
        return assess_by_review(self.case, self.today) if self.decides else None
