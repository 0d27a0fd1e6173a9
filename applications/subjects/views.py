import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.accounts.models import User
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.files.viewing import upload_response
from applications.subjects import services
from applications.subjects.access import may_verify
from applications.subjects.forms import KindForm, OrganisationClaimForm, PersonClaimForm
from applications.subjects.models import Claim, Subject
from applications.subjects.selectors import claims_of


def _person(request: HttpRequest) -> User:
    """The signed-in person, who claims privately: staff accounts act for no subject."""
    if not isinstance(request.user, User) or request.user.is_staff:
        raise PermissionDenied
    return request.user


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    claims = list(claims_of(_person(request)))
    may_act = any(each.status == Claim.Status.VERIFIED for each in claims)
    return render(request, "subjects/mine.html", {"claims": claims, "may_act": may_act})


@takes_files(megabytes=10)
@login_required
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """First whom it is about, then the form for that kind; the kind stays in the address."""
    user = _person(request)
    choice = KindForm(request.GET if "kind" in request.GET else None)
    if not choice.is_valid():
        return render(request, "subjects/claim_kind.html", {"form": choice})
    kind = Subject.Kind(choice.cleaned_data["kind"])
    form: PersonClaimForm | OrganisationClaimForm
    if kind == Subject.Kind.NATURAL_PERSON:
        form = PersonClaimForm(request.POST or None, initial={"name": user.name})
    else:
        form = OrganisationClaimForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.claim_subject(user=user, kind=kind, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _answer(made))
            return redirect("subjects:mine")
    if isinstance(form, OrganisationClaimForm):
        form.keep_files()
    return render(request, "subjects/claim.html", {"form": form, "kind": kind})


def _answer(made: Claim) -> str:
    if made.status == Claim.Status.VERIFIED:
        return _("已核验，您现在可以为“%(name)s”办理信用修复。") % {"name": made.claimed_name}
    return _("已提交对“%(name)s”的认领，公共信用信息工作机构核验后会通知您。") % {"name": made.claimed_name}


@login_required
@require_GET
def proof(request: HttpRequest, file_id: uuid.UUID) -> HttpResponseBase:
    """The proof of a claim, for the claimant and the officers who verify it; their reading is recorded."""
    found = Claim.objects.select_related("proof").filter(proof=file_id).first()
    if found is None or found.proof is None or not isinstance(request.user, User):
        raise Http404
    if found.user_id != request.user.pk:
        if not may_verify(request.user, found):
            raise Http404
        services.record_proof_reading(claim=found, actor=request.user, at=timezone.now())
        return upload_response(request, found.proof, label=_("认领证明"))
    return file_response(found.proof, inline=True)
