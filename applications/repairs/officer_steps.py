"""Each step of an officer as one page: its form, what will follow, and the service that takes it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.forms import Form
from django.urls import reverse

from applications.accounts.models import User
from applications.documents.models import Kind
from applications.repairs import access, services
from applications.repairs.assessing import assess_case, clock_article, policy_of
from applications.repairs.models import RepairCase
from applications.repairs.officer_forms import (
    DeclineForm,
    DefectFormSet,
    PlainForm,
    ReturnForm,
    ReviewForm,
    defect_formset,
    review_form,
)
from applications.repairs.selectors import officer_of
from rules.eligibility import Assessment
from rules.procedure import CLOCK_LABELS, Step, find_step

# The look of each step's button. Steps that are not here are not an officer's on this page.
BUTTONS = {
    "accept": "primary",
    "request_correction": "secondary",
    "decline": "danger",
    "review": "primary",
    "grant": "primary",
    "refuse": "danger",
    "return": "secondary",
}


@dataclass
class OfficerStep:
    case: RepairCase
    step: Step
    actor: User
    today: date
    form: Form
    formset: DefectFormSet | None = None
    # What the rules say, given the review; for the two decisions.
    assessment: Assessment | None = None
    problems: list[str] = field(default_factory=list)
    posted: Any = None

    @property
    def drafts_only(self) -> bool:
        """Of a correction notice: keep the items and do not send them."""
        return bool(self.posted) and "draft" in self.posted

    @property
    def after(self) -> str:
        """Where the officer goes next: on with the notice, or back to the case."""
        if self.drafts_only:
            return reverse("admin:repairs_step", args=[self.case.pk, self.step.action])
        return reverse("admin:repairs_repaircase_change", args=[self.case.pk])

    def is_valid(self) -> bool:
        # Both, so that both show their errors.
        form, formset = self.form.is_valid(), self.formset is None or self.formset.is_valid()
        return form and formset

    def consequences(self) -> list[str]:
        """What follows from the step, read off the procedure table."""
        step, policy = self.step, policy_of(self.case, self.today)
        names = "、".join(f"《{Kind(kind).label}》" for kind in step.documents)
        lines = [f"出具{names}"] if names else []
        lines += [f"停止计算“{CLOCK_LABELS[clock]}”期限" for clock in step.meets]
        lines += [
            f"开始计算“{CLOCK_LABELS[clock]}”期限：{policy.clocks[clock].working_days}个工作日（第{clock_article(policy, clock)}条）"
            for clock in step.starts
        ]
        if step.annotates:
            lines.append("在失信行为信息上标注，并立即停止公示")
        if step.publishes:
            lines.append("公开信用承诺（申请人同意公开的）")
        if step.shares:
            lines.append("把决定推送到公共信用信息共享平台")
        lines.append("通知申请人" if step.tells else "不通知申请人")
        return lines

    def take(self, *, at: datetime) -> str:
        """Take the step; the sentence for the officer who did."""
        common = {
            "case": self.case,
            "actor": self.actor,
            "at": at,
            "version": self.form.cleaned_data["version"],
        }
        match self.step.action:
            case "accept":
                services.accept_case(**common)
            case "decline":
                services.decline_case(
                    **common,
                    reason=self.form.cleaned_data["reason"],
                    competent_body=self.form.cleaned_data["competent_body"],
                )
            case "request_correction":
                assert self.formset is not None
                services.draft_correction(
                    case=self.case, defects=self.formset.defects(), actor=self.actor, at=at
                )
                if self.drafts_only:
                    # A draft is somebody's: reminders go to whoever began it, unless another has the case.
                    if officer_of(self.case) is None:
                        services.assign_case(case=self.case, officer=self.actor, actor=self.actor, at=at)
                        return "补正事项已保存，还没有发给申请人。这件申请现在由您承办。"
                    return "补正事项已保存，还没有发给申请人。"
                services.request_correction(**common)
            case "review":
                assert isinstance(self.form, ReviewForm)
                review = services.review_case(
                    **common, checklist=self.form.checklist(), opinion=self.form.cleaned_data["opinion"]
                )
                return f"审查意见已提交，{review.get_proposal_display()}。"
            case "return":
                services.return_case(**common, reason=self.form.cleaned_data["reason"])
            case "grant":
                services.grant_case(**common)
            case "refuse":
                services.refuse_case(**common)
        return f"{self.case.number}：已办理“{self.step.label}”。"


def impossible_decisions(case: RepairCase, actor: User, today: date) -> set[str]:
    """The decisions that this officer cannot take on the review as it is: the one that the facts do not bear out,
    or both where the review is the officer's own."""
    review = case.reviews.last()
    if review is None:
        return set()
    if review.reviewer_id == actor.pk:
        return {"grant", "refuse"}
    eligible = assess_case(case, today, review.checklist).outcome == "eligible"
    return {"refuse"} if eligible else {"grant"}


def step_for(case: RepairCase, action: str, actor: User, today: date, posted: Any = None) -> OfficerStep:
    """The page of an action. IllegalAction where the table has no such row, NotAllowed where it is not theirs."""
    step = find_step(case.status, action)
    if not access.may_act(actor, step.role, case):
        raise services.NotAllowed(action)
    initial = {"version": case.version}
    page = OfficerStep(
        case=case, step=step, actor=actor, today=today, form=PlainForm(posted, initial=initial)
    )
    page.posted = posted
    match action:
        case "decline":
            page.form = DeclineForm(posted, initial=initial)
        case "return":
            page.form = ReturnForm(posted, initial=initial)
        case "request_correction":
            page.formset = defect_formset(case, actor, posted)
        case "review":
            page.form = review_form(case, today, posted)
        case "grant" | "refuse":
            review = case.reviews.last()
            page.assessment = assess_case(case, today, review.checklist if review else None)
    return page
