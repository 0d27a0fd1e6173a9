from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.accounts.http import SignedInRequest, whole_number
from applications.accounts.refusals import note
from applications.calendars.selectors import calendar
from applications.documents.models import Document
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.files.scanning import is_withheld
from applications.files.viewing import viewer_page
from applications.objections import services
from applications.objections.forms import ObjectionForm
from applications.objections.models import Evidence
from applications.objections.steps import file_objection
from applications.objections.steps.object import why_not
from applications.repairs import access
from applications.repairs.assessing import policy_of
from applications.repairs.models import RepairCase
from applications.repairs.services import NotReady, StaleCase, record_reading
from applications.repairs.views.drafts import own_case
from rules.procedure import IllegalAction


@takes_files(megabytes=100)
@login_required
@require_http_methods(["GET", "POST"])
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """Object to the refusal of one's case (Article 13)."""
    case = own_case(request, number)
    refused = case.status == "refused"
    why = why_not(case) if refused else ""
    if request.method == "POST" and (why or not refused):
        note("NotReady" if refused else "IllegalAction", act="object", about=number)
    if not refused:
        messages.warning(
            request,
            _("申请%(number)s现为“%(status)s”，不能提出异议。")
            % {"number": number, "status": case.get_status_display()},
        )
        return redirect("repairs:status", number)
    if why:
        messages.warning(request, why)
        return redirect("repairs:status", number)
    decision = get_object_or_404(Document, about=number, number=case.decision_number)
    findings = decision.content["findings"]
    codes = [finding["code"] for finding in findings]
    # An empty form that was posted gets its errors like any other.
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ObjectionForm(*posted, findings=codes)
    today = timezone.localdate()
    clock = policy_of(case, today).clocks["objection"]
    if request.method == "POST":
        form.is_valid()
        _keep_good_files(request, case, form)
        if "remove" in request.POST:
            form = _without_one_file(request, case, form)
        elif not form.errors:
            try:
                file_objection(
                    case=case,
                    disputed=form.cleaned_data["disputed"],
                    grounds=form.cleaned_data["grounds"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except (NotReady, StaleCase, IllegalAction) as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("异议已收到。"))
                return redirect("repairs:status", number)
    return render(
        request,
        "objections/file.html",
        {
            "case": case,
            "form": form,
            "findings": findings,
            "kept": Evidence.objects.filter(case=case, objection=None).select_related("file"),
            "clock": clock,
            "due": calendar(case.organ.region).due(today, clock.working_days or 0),
        },
    )


def _keep_good_files(request: SignedInRequest, case: RepairCase, form: ObjectionForm) -> None:
    """Keep the files whatever else is wrong with the form; a refused one becomes an error of the form."""
    for upload in form.cleaned_data.get("uploads", []):
        try:
            services.keep_evidence(case=case, upload=upload, actor=request.user, at=timezone.now())
        except ValidationError as refused:
            for sentence in refused.messages:
                form.add_error("uploads", sentence)
        except NotReady as refused:
            form.add_error("uploads", str(refused))


def _without_one_file(request: SignedInRequest, case: RepairCase, form: ObjectionForm) -> ObjectionForm:
    """Take back a file that was kept. What was typed stays on the page; nothing is asked for yet."""
    for sentence in form.errors.get("uploads", []):
        messages.error(request, str(sentence))
    kept = case.objection_evidence.select_related("file", "case")
    chosen = whole_number(request.POST["remove"])
    evidence = kept.filter(pk=chosen).first() if chosen is not None else None
    if evidence is None:
        messages.warning(request, _("这个文件已经删除。"))
    else:
        try:
            services.remove_evidence(evidence=evidence, actor=request.user, at=timezone.now())
            messages.success(request, _("已删除“%(name)s”。") % {"name": evidence.file.name})
        except NotReady as problem:
            messages.error(request, str(problem))
    typed = {
        "disputed": request.POST.getlist("disputed"),
        "grounds": request.POST.get("grounds", ""),
    }
    return ObjectionForm(initial=typed, findings=form.findings)


@login_required
def open_evidence(request: SignedInRequest, number: str, evidence_id: int) -> HttpResponseBase:
    """A piece of evidence, or one page of it (``?page``), for those who may see the case; before it is filed, for the
    applicant's side alone."""
    case = get_object_or_404(access.visible_to(request.user), number=number)
    visible = case.objection_evidence.select_related("file__scan")
    if request.user.is_staff:
        visible = visible.exclude(objection=None)
    evidence = get_object_or_404(visible, pk=evidence_id)
    paged = "page" in request.GET or (request.user.is_staff and is_withheld(evidence.file))
    response = (
        viewer_page(request, evidence.file, label=_("异议证据"))
        if paged
        else file_response(evidence.file, inline=True)
    )
    if response.status_code == 200:
        record_reading(case=case, file=evidence.file, reader=request.user, at=timezone.now(), goes_on=paged)
    return response
