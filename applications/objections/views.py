from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from applications.accounts.http import SignedInRequest
from applications.deadlines.selectors import calendar
from applications.documents.models import Document
from applications.files.responses import file_response
from applications.objections import services
from applications.objections.forms import ObjectionForm
from applications.objections.models import Evidence
from applications.repairs import access
from applications.repairs.assessing import policy_of
from applications.repairs.services import NotReady, StaleCase, record_reading
from applications.repairs.views.drafts import own_case
from rules.procedure import IllegalAction


@login_required
@require_http_methods(["GET", "POST"])
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Object to the refusal of one's case (Article 13)."""
    case = own_case(request, number)
    if case.status != "refused":
        messages.warning(request, f"申请{number}现为“{case.get_status_display()}”，不能提出异议。")
        return redirect("repairs:status", number)
    decision = get_object_or_404(Document, about=number, number=case.decision_number)
    findings = decision.content["findings"]
    form = ObjectionForm(
        request.POST or None, request.FILES or None, findings=[finding["code"] for finding in findings]
    )
    today = timezone.localdate()
    clock = policy_of(case, today).clocks["objection"]
    if request.method == "POST" and form.is_valid():
        try:
            services.file_objection(
                case=case,
                disputed=form.cleaned_data["disputed"],
                grounds=form.cleaned_data["grounds"],
                uploads=form.cleaned_data["uploads"],
                actor=request.user,
                at=timezone.now(),
            )
        except ValidationError as refused:
            form.add_error("uploads", refused)
        except (NotReady, StaleCase, IllegalAction) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "异议已收到。")
            return redirect("repairs:status", number)
    return render(
        request,
        "objections/file.html",
        {
            "case": case,
            "form": form,
            "findings": findings,
            "clock": clock,
            "due": calendar(case.organ.region).due(today, clock.working_days or 0),
        },
    )


@login_required
def open_evidence(request: SignedInRequest, number: str, evidence_id: int) -> HttpResponseBase:
    """A piece of evidence, for those who may see the case."""
    case = get_object_or_404(access.visible_to(request.user), number=number)
    evidence = get_object_or_404(
        Evidence.objects.select_related("file"), objection__case=case, pk=evidence_id
    )
    record_reading(case=case, file=evidence.file, reader=request.user, at=timezone.now())
    return file_response(evidence.file, inline=True)
