"""退回重新审查: the approver sends a review back, with the reason. The clock of Article 9 runs on."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.repairs import messages
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.steps.deciding import ReviewedPage
from applications.repairs.steps.frame import take
from applications.repairs.steps.pages import PlainForm
from applications.repairs.steps.review import hand_over


class ReturnForm(PlainForm):
    reason = forms.CharField(label=_("退回的理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


def return_case(
    *, case: RepairCase, reason: str, actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Send a review back to be done again, with the reason. The clock of 7 working days runs on."""
    if not reason.strip():
        raise NotReady(gettext("请填写退回的理由。"))
    with take(case=case, action="return", actor=actor, at=at, version=version) as transition:
        transition.payload["reason"] = reason.strip()
        messages.tell_of_return(case=transition.case, step=transition.step, reason=reason.strip(), at=at)
        hand_over(transition)
    return transition.case


class Page(ReviewedPage):
    action, look = "return", "secondary"

    def make_form(self, posted: Any) -> ReturnForm:
        return ReturnForm(posted, initial={"version": self.case.version})

    def perform(self, **common: Any) -> None:
        return_case(**common, reason=self.form.cleaned_data["reason"])
