"""提出审查意见 (Article 9): an officer says of every condition what was found; the proposal follows from the rules."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.deadlines.services import assign_officer
from applications.repairs.assessing import asked_codes, assess_case, duties_of
from applications.repairs.due_days import write_due_day
from applications.repairs.models import RepairCase, Review
from applications.repairs.steps.checklist import (
    REST_CONFIRMED,
    ChecklistForm,
    beside_conditions,
    verify,
    with_rest_confirmed,
)
from applications.repairs.steps.frame import Transition, take
from applications.repairs.steps.pages import StepPage
from rules.procedure import Clock


class ReviewForm(ChecklistForm):
    opinion = forms.CharField(
        label=_("审查意见"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


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
    with take(case=case, action="review", actor=actor, at=at, version=version) as transition:
        complete, assessment = verify(transition, checklist)
        eligible = assessment.outcome == "eligible"
        review = Review.objects.create(
            case=transition.case,
            reviewer=actor,
            reviewed_at=at,
            checklist=complete,
            proposal=Review.Proposal.GRANT if eligible else Review.Proposal.REFUSE,
            opinion=opinion.strip(),
        )
        transition.payload["proposal"] = review.proposal
        transition.changes["reviewed_by"] = actor
        hand_over(transition)
    return review


def hand_over(transition: Transition) -> None:
    """The clock of 7 working days runs on, and another role answers for it now."""
    assign_officer(case_number=transition.case.number, kind=Clock.DECISION, officer=None)
    write_due_day(transition.case)


class Page(StepPage):
    action, look = "review", "primary"
    beside_materials = True
    form: ReviewForm

    def make_form(self, posted: Any) -> ReviewForm:
        assessment = assess_case(self.case, self.today)
        last = self.last_review
        beside = beside_conditions(self.case, self.actor, assessment, last=last.checklist if last else None)
        if posted and "rest" in posted:
            posted = with_rest_confirmed(posted, beside)
        return ReviewForm(
            posted,
            codes=asked_codes(assessment),
            duties=duties_of(self.case),
            beside=beside,
            initial={"version": self.case.version},
        )

    @property
    def said(self) -> str:
        """What stands on top of a page that was sent to be filled in further."""
        if self.posted and "rest" in self.posted:
            return str(REST_CONFIRMED)
        return ""

    def is_valid(self) -> bool:
        return not self.said and super().is_valid()

    @cached_property
    def last_review(self) -> Review | None:
        return self.case.reviews.select_related("reviewer").last()

    def perform(self, **common: Any) -> str:
        review = review_case(
            **common, checklist=self.form.checklist(), opinion=self.form.cleaned_data["opinion"]
        )
        return _("审查意见已提交，%(proposal)s。") % {"proposal": review.get_proposal_display()}
