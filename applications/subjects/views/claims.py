import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.accounts.models import User
from applications.accounts.real_name import real_name_provider
from applications.accounts.second_factor import has_second_factor
from applications.files.bodies import takes_files
from applications.files.responses import file_response, shown_file
from applications.files.viewing import upload_response
from applications.subjects import access, services
from applications.subjects.forms import ClaimForm, EndForm, KindForm, claim_form
from applications.subjects.models import Capacity, Claim, EarlierClaim, Subject
from applications.subjects.selectors import (
    acting_now,
    claims_of,
    holding_claims,
    revealed_to_officers,
    standing_claims,
    without_capacity,
)
from applications.subjects.services.claiming import capacities_for

Status = Claim.Status


def person_of(request: HttpRequest) -> User:
    """The signed-in person, who claims privately: staff accounts act for no subject."""
    if not isinstance(request.user, User) or request.user.is_staff:
        raise PermissionDenied
    return request.user


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The own claims, and who else acts for the subjects that one acts for."""
    user, today = person_of(request), timezone.localdate()
    people = [
        {
            "subject": subject,
            "claims": holding_claims(subject, today),
            "represents": access.represents(user, subject.pk, today),
        }
        for subject in access.subjects_of(user).order_by("name")
    ]
    context = {
        "to_state": without_capacity(standing_claims(user, today)),
        "claims": list(claims_of(user)),
        "people": people,
        "revealed": revealed_to_officers(user),
        "today": today,
        "provider": real_name_provider(),
    }
    return render(request, "subjects/mine.html", context)


@takes_files(megabytes=10)
@login_required
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """First whom it is about, then the form for that kind; the kind stays in the address."""
    user = person_of(request)
    choice = KindForm(request.GET if "kind" in request.GET else None)
    if not choice.is_valid():
        return render(request, "subjects/claim_kind.html", {"form": choice})
    kind = Subject.Kind(choice.cleaned_data["kind"])
    person = kind == Subject.Kind.NATURAL_PERSON
    provider = real_name_provider()
    if person and not has_second_factor(user):
        return render(request, "subjects/claim_person.html", {"provider": provider})
    form = _form(request, user, kind)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.claim_subject(user=user, kind=kind, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _answer(made))
            return redirect("subjects:mine")
    form.keep_files()
    return render(
        request, "subjects/claim.html", {"form": form, "kind": kind, "provider": provider if person else None}
    )


@login_required
@require_http_methods(["GET", "POST"])
def capacity(request: HttpRequest, pk: int) -> HttpResponse:
    """In which capacity somebody acts, of a claim from before that was asked: one question with the buttons as answers."""
    user = person_of(request)
    found = get_object_or_404(claims_of(user).filter(subject__isnull=False), pk=pk)
    if found not in without_capacity(standing_claims(user, timezone.localdate())):
        messages.warning(request, _("这件认领不用补报身份。"))
        return redirect("subjects:mine")
    assert found.subject is not None
    problem = ""
    if request.method == "POST":
        try:
            made = services.state_capacity(
                claim=found, user=user, capacity=request.POST.get("capacity", ""), at=timezone.now()
            )
        except ValidationError as error:
            problem = "".join(error.messages)
        else:
            messages.success(request, _answer(made))
            return redirect("subjects:mine")
    offered = [each for each in capacities_for(found.subject.kind) if each != Capacity.AGENT]
    context = {"claim": found, "offered": offered, "problem": problem}
    return render(request, "subjects/capacity.html", context, status=422 if problem else 200)


@takes_files(megabytes=10)
@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right what a waiting claim says."""
    user = person_of(request)
    found = get_object_or_404(claims_of(user), pk=pk)
    if found.status != Status.PENDING:
        messages.warning(
            request, _("这件认领现为“%(status)s”，不能再更改。") % {"status": found.get_status_display()}
        )
        return redirect("subjects:mine")
    kind = Subject.Kind(found.kind or (found.subject.kind if found.subject else ""))
    initial = {
        "capacity": found.capacity,
        "name": found.claimed_name,
        "identity_type": found.identity_type,
        "code": found.uscc or found.identity_number,
        "scope": "one" if found.scope_document else "all" if found.ends_on else "",
        "scope_document": found.scope_document,
        "ends_on": found.ends_on,
    }
    form = _form(request, user, kind, initial=initial, keeps_proof=found.proof_id is not None)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_claim(claim=found, user=user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("已更正，从今天起重新计算答复期限。"))
            return redirect("subjects:mine")
    form.keep_files()
    return render(request, "subjects/claim.html", {"form": form, "kind": kind, "corrected": found})


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = person_of(request)
    found = get_object_or_404(claims_of(user), pk=pk)
    if request.method == "POST":
        try:
            services.withdraw_claim(claim=found, user=user, at=timezone.now())
        except ValidationError as error:
            messages.error(request, "".join(error.messages))
        else:
            messages.success(request, _("已撤回对“%(name)s”的认领。") % {"name": found.claimed_name})
        return redirect("subjects:mine")
    return render(request, "subjects/withdraw.html", {"claim": found})


@login_required
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The subject's own representative removes somebody, or somebody gives up acting."""
    user, at = person_of(request), timezone.now()
    found = get_object_or_404(Claim.objects.select_related("subject", "user"), pk=pk)
    if not access.may_end(user, found, timezone.localdate(at)):
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.end_claim(claim=found, actor=user, reason=form.cleaned_data["reason"], at=at)
        except ValidationError as error:
            messages.error(request, "".join(error.messages))
        else:
            said = {"who": found.user, "name": found.claimed_name}
            messages.success(request, _("%(who)s不再代“%(name)s”办理，已经通知。") % said)
        return redirect("subjects:mine")
    context = {
        "form": form,
        "claim": found,
        "own": found.user_id == user.pk,
        "others": found.subject is not None
        and acting_now(found.subject, timezone.localdate(at)).exclude(pk=found.user_id).exists(),
    }
    return render(request, "subjects/end.html", context)


def _form(request: HttpRequest, user: User, kind: str, **more: Any) -> ClaimForm:
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return claim_form(kind)(*posted, user=user, kind=kind, today=timezone.localdate(), **more)


def _answer(made: Claim) -> str:
    if made.status == Status.VERIFIED:
        return _("您已经可以为“%(name)s”办理，不用再认领。") % {"name": made.claimed_name}
    return _("已提交对“%(name)s”的认领，公共信用信息工作机构核验后会通知您。") % {"name": made.claimed_name}


@login_required
@require_GET
def proof(request: HttpRequest, file_id: uuid.UUID) -> HttpResponseBase:
    """The proof of a claim, also one that was replaced, for the claimant and the officers who verify it; their reading is
    recorded."""
    claims = Claim.objects.select_related("proof")
    found = claims.filter(proof=file_id).first()
    file = found.proof if found else None
    if found is None:
        earlier = EarlierClaim.objects.select_related("claim", "proof").filter(proof=file_id).first()
        found, file = (earlier.claim, earlier.proof) if earlier else (None, None)
    if found is None or file is None or not isinstance(request.user, User):
        raise Http404
    if found.user_id != request.user.pk:
        if not access.may_verify(request.user, found):
            raise Http404
        response = upload_response(request, file, label=_("认领证明"))
        if shown_file(response):
            services.record_proof_reading(claim=found, file=file, actor=request.user, at=timezone.now())
        return response
    return file_response(file, inline=True)
