"""The last page before an application is filed: whoever signs with the account itself signs there, and files with it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.http import SignedInRequest
from applications.accounts.models import User
from applications.commitments.models import SigningWay
from applications.commitments.signing import reliability
from applications.commitments.wording import text_digest
from applications.repairs import services, steps
from applications.repairs.models import RepairCase
from applications.repairs.services.filings import commitment_is_current, text_to_sign, to_promise
from applications.repairs.services.signing import signs_with, undated_of
from applications.repairs.signing_forms import CommitmentForm
from applications.repairs.tasklist import next_task


def address_of_next(case: RepairCase, *, after: str, user: User) -> str:
    """Where the applicant of a draft goes on from the page of this address: to the next task, or where all is looked over."""
    task = next_task(case, after)
    if task is not None and not (task.signs and signs_with(user, case)):
        return task.url
    return reverse("repairs:check", args=[case.number])


def last_signature(request: HttpRequest, case: RepairCase) -> CommitmentForm | None:
    """The signature of the account's owner, where that is what a draft still lacks; else None."""
    assert isinstance(request.user, User)
    if commitment_is_current(case) or not signs_with(request.user, case):
        return None
    return CommitmentForm(request.POST or None, user=request.user, case=case)


def to_sign(case: RepairCase) -> dict[str, Any]:
    """What the page shows with it."""
    paragraphs = text_to_sign(case)
    return {
        "paragraphs": paragraphs,
        "shown": text_digest(paragraphs),
        "undated": undated_of(to_promise(case)),
        "reliability": reliability(SigningWay.ACCOUNT),
        "person": case.record.subject.is_person,
    }


def filed_with(form: CommitmentForm, request: SignedInRequest, versions: Mapping[str, int]) -> bool:
    """Sign and file. False: the form says why not, and nothing was signed."""
    if not form.is_valid():
        return False
    try:
        steps.sign_and_submit(
            filing=form.case.filing,
            versions=versions,
            signatory=form.cleaned_data["signatory"],
            publication_consent=form.cleaned_data["publication_consent"],
            shown_sha256=request.POST.get("shown", ""),
            actor=request.user,
            at=timezone.now(),
        )
    except services.NotReady as missing:
        for problem in missing.problems:
            form.add_error(None, problem)
        form.add_error(None, _("申请没有提交，承诺书也没有签署。"))
    except services.StaleCase as stale:
        form.add_error(None, str(stale))
    return not form.errors
