"""Who signs the commitment, and how (Article 15): the applicant's pages. What a link opens is in signing_link.py."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.accounts.http import SignedInRequest
from applications.commitments.models import SigningWay
from applications.commitments.signing import reliability, signing_of
from applications.commitments.wording import text_digest
from applications.documents import qr
from applications.repairs import services
from applications.repairs.models import RepairCase
from applications.repairs.services.filings import (
    code_of_text,
    commitment_is_current,
    paper_to_sign,
    text_to_sign,
    to_promise,
)
from applications.repairs.services.signing import expected_signatory, paper_of, signs_with, undated_of
from applications.repairs.services.signing_links import (
    address_of_link,
    make_link,
    open_links,
    revoke_links,
    until_in_words,
    why_closed,
)
from applications.repairs.signing_forms import AgentForm, CommitmentForm, LinkForm, PaperForm
from applications.repairs.views.drafts import editable_case, next_page, status_page, while_editable


def _page(
    request: SignedInRequest, template: str, case: RepairCase, way: SigningWay | None = None, **more: Any
) -> HttpResponse:
    paragraphs = text_to_sign(case)
    context = {
        "case": case,
        "person": case.record.subject.is_person,
        "paragraphs": paragraphs,
        "shown": text_digest(paragraphs),
        "undated": undated_of(to_promise(case)),
        "reliability": reliability(way) if way else [],
    }
    return render(request, f"repairs/{template}.html", context | more)


def _sign(request: SignedInRequest, case: RepairCase, form: Any, **how: Any) -> HttpResponse | None:
    """Sign what a valid form says, and go on; None where the service refuses, with the reasons in the form."""
    try:
        services.sign_commitment(
            case=case,
            signatory=form.cleaned_data["signatory"],
            publication_consent=form.cleaned_data["publication_consent"],
            actor=request.user,
            at=timezone.now(),
            # A page that does not say which text it showed is one of before: what it shows is checked when it is filed.
            shown_sha256=request.POST.get("shown") or None,
            **how,
        )
    except services.NotReady as refused:
        case.refresh_from_db(fields=["status"])
        if case.status not in ("draft", "correcting"):
            raise
        for problem in refused.problems:
            form.add_error(None, problem)
        return None
    messages.success(request, _("承诺书已签署。"))
    return next_page(request, case)


@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def commitment(request: SignedInRequest, number: str) -> HttpResponse:
    """The text, how it was signed, the ways of signing, and the signature of whoever's account it is."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    form = CommitmentForm(request.POST or None, user=request.user, case=case)
    if request.method == "POST" and form.is_valid() and not undated_of(to_promise(case)):
        signed = _sign(request, case, form)
        if signed:
            return signed
    signed_now = case.filing.commitment
    return _page(
        request,
        "commitment",
        case,
        SigningWay.ACCOUNT,
        form=form,
        current=commitment_is_current(case),
        signing=signing_of(signed_now) if signed_now else None,
        own=form.is_bound or signs_with(request.user, case),
        expected=expected_signatory(case.record.subject),
        links=_links(case),
    )


@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def agent(request: SignedInRequest, number: str) -> HttpResponse:
    """The handler signs under a power of attorney."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    form = AgentForm(request.POST or None, user=request.user, case=case)
    if request.method == "POST" and form.is_valid():
        signed = _sign(request, case, form, how=SigningWay.AGENT)
        if signed:
            return signed
    paper = paper_of(case, SigningWay.AGENT)
    return _page(request, "signing_agent", case, SigningWay.AGENT, form=form, paper=paper)


@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def paper(request: SignedInRequest, number: str) -> HttpResponse:
    """Printed, signed, and scanned."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    form = PaperForm(request.POST or None, user=request.user, case=case, expected_code=code_of_text(case))
    if request.method == "POST" and form.is_valid():
        signed = _sign(request, case, form, how=SigningWay.PAPER, signed_on=form.cleaned_data["signed_on"])
        if signed:
            return signed
    scan = paper_of(case, SigningWay.PAPER)
    return _page(request, "signing_paper", case, SigningWay.PAPER, form=form, paper=scan)


@login_required
@require_GET
def print_text(request: SignedInRequest, number: str) -> HttpResponse:
    """The PDF of the text, to be signed by hand. It is no document: it has no number, and nothing is issued."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    try:
        answer = HttpResponse(paper_to_sign(case), content_type="application/pdf")
    except services.NotReady as undated:
        messages.warning(request, str(undated))
        return redirect("repairs:signing_paper", number)
    answer["Content-Disposition"] = f'inline; filename="{case.number}.pdf"'
    return answer


def _links(case: RepairCase) -> list[dict[str, Any]]:
    """The links that are neither used nor revoked, with what is to be handed over, and why they open no more."""
    now = timezone.now()
    return [
        {
            "link": each,
            "until": until_in_words(each),
            "closed": why_closed(each, now),
            "address": address_of_link(each.token) if each.token else "",
            "qr": qr.drawn(address_of_link(each.token)) if each.token else "",
        }
        for each in open_links(case.filing).select_related("case__record__subject", "case__filing", "made_by")
    ]


@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def link(request: SignedInRequest, number: str) -> HttpResponse:
    """Make a link for the representative's or the person's own telephone."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    form = LinkForm(request.POST or None, user=request.user, case=case)
    if request.method == "POST" and form.is_valid() and not undated_of(to_promise(case)):
        make_link(
            case=case,
            signatory=form.cleaned_data["signatory"],
            email=form.cleaned_data["email"],
            actor=request.user,
            at=timezone.now(),
        )
        return redirect("repairs:signing_link", number)
    return _page(request, "signing_link", case, SigningWay.LINK, form=form, links=_links(case))


@login_required
@require_POST
@while_editable
def revoke(request: SignedInRequest, number: str) -> HttpResponse:
    """Make the links void that are open."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    if revoke_links(case=case, actor=request.user, at=timezone.now()):
        messages.success(request, _("签署链接已作废。"))
    return redirect("repairs:signing_link", number)
