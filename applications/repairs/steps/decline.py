"""不予受理 (Article 8): another body is competent, or there is nothing to repair; with the reason."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.repairs import letters
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import Transition, take
from applications.repairs.steps.pages import PlainForm, StepPage

MESSAGE = _("您的申请不予受理，告知书写明了理由。")


class DeclineForm(PlainForm):
    reason = forms.CharField(
        label=_("不予受理的理由"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明事实和依据，例如该信息不是在本省被认定的。"),
    )
    competent_body = forms.CharField(
        label=_("应当向哪个机构申请"),
        max_length=200,
        required=False,
        help_text=_("由其他机构办理的，写明机构名称。"),
    )


def decline_case(
    *,
    case: RepairCase,
    reason: str,
    competent_body: str = "",
    actor: User,
    at: datetime,
    version: int | None = None,
) -> RepairCase:
    """Not accept, with the reason and, where another body is competent, its name."""
    if not reason.strip():
        raise NotReady(gettext("请填写不予受理的理由。"))
    with take(
        case=case, action="decline", message=MESSAGE, actor=actor, at=at, version=version
    ) as transition:
        transition.payload["reason"] = reason
        transition.case.correction_notices.filter(sent_at=None).delete()
        transition.issue(
            "non_acceptance_notice",
            non_acceptance_notice(transition, reason=reason, competent_body=competent_body),
        )
    return transition.case


def non_acceptance_notice(transition: Transition, *, reason: str, competent_body: str) -> dict[str, Any]:
    case = transition.case
    return letters.heading(case, transition.at) | {
        "received_on": letters.received_on(case),
        "reason": reason,
        "competent_body": competent_body,
        "remedies": case.organ.remedies,
    }


class Page(StepPage):
    action, look = "decline", "danger"
    form_class = DeclineForm

    def perform(self, **common: Any) -> None:
        data = self.form.cleaned_data
        decline_case(**common, reason=data["reason"], competent_body=data["competent_body"])
