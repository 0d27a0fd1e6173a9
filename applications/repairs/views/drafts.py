"""The pages on which an applicant prepares a case: one page a task."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.accounts.http import SignedInRequest, whole_number
from applications.accounts.refusals import note
from applications.commitments.signing import signing_of
from applications.files.bodies import takes_files
from applications.language import reason_of
from applications.records import access as records
from applications.records.selectors import channels
from applications.repairs import access, services, steps
from applications.repairs.assessing import BARS, assess_case
from applications.repairs.forms import (
    ContactForm,
    DatesAndProofForm,
    FulfilmentForm,
    StartForm,
    TrainingAndReportForm,
    UploadForm,
)
from applications.repairs.models import MaterialKind, RepairCase
from applications.repairs.record_list import first_day_of
from applications.repairs.services.drafts import EDITABLE, open_case_of, refuse_revoked, refuse_waiting
from applications.repairs.services.reuse import offers_of
from applications.repairs.tasklist import tasks_of
from applications.repairs.views.signing_last import address_of_next, filed_with, last_signature, to_sign
from applications.subjects.models import Subject
from applications.training.selectors import latest_certificate
from rules.materials import KINDS, Kind, alternatives
from rules.procedure import IllegalAction

Page = Callable[[SignedInRequest, str], HttpResponse]


def own_case(request: SignedInRequest, number: str) -> RepairCase:
    """The applicant's case of this number, or 404: for officers too, who have their own pages."""
    if request.user.is_staff:
        raise Http404
    cases = access.visible_to(request.user).select_related(
        "record__subject",
        "record__identifying_unit",
        "record__annotation",
        "organ",
        "filing__reception",
        "filing__commitment",
    )
    case = cases.filter(number=number).first()
    if case is None:
        access.refuse_former(request.user, Subject.objects.filter(records__cases__number=number).first())
        raise Http404
    return case


def editable_case(request: SignedInRequest, number: str) -> RepairCase | None:
    """The case while its applicant may change it; None (and a message) once it is in the officers' hands."""
    case = own_case(request, number)
    if case.status in EDITABLE:
        return case
    messages.warning(
        request,
        _("申请%(number)s现为“%(status)s”，不能再修改。")
        % {"number": case.number, "status": case.get_status_display()},
    )
    return None


def while_editable(view: Page) -> Page:
    """A page of a case that was submitted, by a colleague or in another tab, while it was being saved."""

    @wraps(view)
    def guarded(request: SignedInRequest, number: str) -> HttpResponse:
        try:
            return view(request, number)
        except services.NotReady as problem:
            messages.warning(request, _("%(problem)s刚才填写的内容没有保存。") % {"problem": problem})
            return status_page(number)

    return guarded


def status_page(case_number: str) -> HttpResponse:
    return redirect("repairs:status", case_number)


@login_required
@require_http_methods(["GET", "POST"])
def start(request: SignedInRequest, record_id: int) -> HttpResponse:
    """Choose one of the two bodies and open a draft. A record with an open case leads to that case."""
    seen = records.visible_to(request.user).select_related("subject", "identifying_unit")
    record = seen.filter(pk=record_id).first()
    if record is None:
        access.refuse_former(request.user, Subject.objects.filter(records=record_id).first())
    if record is None or request.user.is_staff:
        raise Http404
    existing = open_case_of(record)
    if existing and access.being_entered(existing):
        messages.warning(
            request,
            _("%(organ)s正在录入您在窗口（邮寄）提交的材料（%(number)s），不需要另行申请。")
            % {"organ": existing.organ, "number": existing.number},
        )
        return redirect("records:list")
    if existing:
        return status_page(existing.number)
    offers = offers_of(record.subject, [record], timezone.localdate(), None)
    form = StartForm(request.POST or None, organs=channels(record), offers=offers)
    try:
        refuse_revoked(record)
        refuse_waiting(record, timezone.localdate())
        if request.method == "POST" and form.is_valid():
            started = services.start_filing(
                choices=[(record, form.cleaned_data["organ"])],
                applicant=request.user,
                at=timezone.now(),
                again=form.cleaned_data["again"],
            )
            case = started.cases.get()
            # Who has handed in papers before knows what is asked for.
            return (
                next_page(request, case)
                if form.cleaned_data["again"]
                else redirect("repairs:tasks", case.number)
            )
    except services.NotReady as problem:
        messages.error(request, str(problem))
        return redirect("records:list")
    first_day = first_day_of(record, timezone.localdate())
    context = {"record": record, "form": form, "offers": offers, "first_day": first_day}
    return render(request, "repairs/start.html", context)


@login_required
def tasks(request: SignedInRequest, number: str) -> HttpResponse:
    case = own_case(request, number)
    if case.status != "draft":
        return status_page(number)
    if services.drafts_of(case.filing).count() > 1:
        return redirect("repairs:filing", case.filing_id)
    asked = tasks_of(case)
    done = sum(task.done for task in asked)
    first_day = first_day_of(case.record, timezone.localdate())
    context = {"case": case, "tasks": asked, "done": done, "first_day": first_day}
    return render(request, "repairs/tasks.html", context)


def next_page(request: SignedInRequest, case: RepairCase) -> HttpResponse:
    """Straight to what is to be done next; what is answered in a correction is on one page."""
    if case.status != "draft":
        return redirect("repairs:correction", case.number)
    return redirect(address_of_next(case, after=request.path, user=request.user))


@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def contact(request: SignedInRequest, number: str) -> HttpResponse:
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    filing = case.filing
    form = ContactForm(
        request.POST or None, initial={"name": filing.contact_name, "phone": filing.contact_phone}
    )
    if request.method == "POST" and form.is_valid():
        services.save_contact(case=case, **form.cleaned_data, actor=request.user, at=timezone.now())
        return next_page(request, case)
    return _form_page(request, case, form, _("经办人和联系方式"))


@takes_files(megabytes=100)
@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def fulfilment(request: SignedInRequest, number: str) -> HttpResponse:
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    # What a correction asks for is handed in with its answer.
    form_class = DatesAndProofForm if case.status == "draft" else FulfilmentForm
    form = form_class(*posted, case=case, today=timezone.localdate())
    if request.method == "POST":
        if form.is_valid():
            services.save_fulfilment(
                case=case,
                corrected_on=form.cleaned_data["corrected_on"],
                fulfilled=form.fulfilled(),
                improvements=form.cleaned_data["improvements"],
                actor=request.user,
                at=timezone.now(),
            )
        _keep_uploads(request, case, MaterialKind.FULFILMENT, form)
        if not form.errors:
            return next_page(request, case)
    proofs = case.materials.filter(kind__in=[MaterialKind.FULFILMENT, MaterialKind.REPAIR_FORM])
    return render(
        request,
        "repairs/fulfilment.html",
        {
            "case": case,
            "form": form,
            "known": [
                duty for duty in case.obligations.select_related("obligation") if duty.obligation.fulfilled_on
            ],
            "proofs": proofs.select_related("file__scan"),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
@while_editable
def training(request: SignedInRequest, number: str) -> HttpResponse:
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    fields = (
        "training_completed_on",
        "training_certificate_number",
        "report_issued_on",
        "report_issuer",
        "report_institution",
        "report_number",
    )
    stated = {name: getattr(case.filing, name) for name in fields}
    known = latest_certificate(case.filing.subject_id, timezone.localdate())
    if known and not case.filing.training_certificate_number:
        stated["training_completed_on"] = known.completed_on
        stated["training_certificate_number"] = known.number
    form = TrainingAndReportForm(request.POST or None, today=timezone.localdate(), initial=stated)
    if request.method == "POST" and form.is_valid():
        services.save_training_and_report(
            case=case, **form.cleaned_data, actor=request.user, at=timezone.now()
        )
        return next_page(request, case)
    return _form_page(request, case, form, _("培训证书和信用报告的信息"))


def _form_page(request: SignedInRequest, case: RepairCase, form: Any, title: str) -> HttpResponse:
    return render(request, "repairs/form.html", {"case": case, "form": form, "title": title})


def _keep_uploads(request: SignedInRequest, case: RepairCase, kind: str, form: Any) -> None:
    """Keep the good files of a form, whatever else is wrong with it; a refused one becomes an error of the form."""
    for upload in form.cleaned_data.get("uploads", []):
        try:
            services.add_material(case=case, kind=kind, upload=upload, actor=request.user, at=timezone.now())
        except ValidationError as refused:
            for sentence in refused.messages:
                form.add_error("uploads", sentence)
        except services.NotReady as refused:
            form.add_error("uploads", str(refused))


@takes_files(megabytes=100)
@login_required
@require_http_methods(["GET", "POST"])
def files(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """One material: what it should be, what is there already, and the choice of files. Good files of a batch
    are kept when another is refused."""
    if kind not in MaterialKind.values:
        raise Http404
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        _keep_uploads(request, case, kind, form)
        if not form.errors:
            return redirect("repairs:files", number, kind)
    material_kind = MaterialKind(kind)
    return render(
        request,
        "repairs/files.html",
        {
            "case": case,
            "form": form,
            "kind": material_kind,
            "record": None if KINDS[Kind(kind)].about_subject else case.record,
            "hint": _(KINDS[Kind(kind)].hint),
            "alternatives": [MaterialKind(other) for other in alternatives(kind) if other != kind],
            "materials": case.materials.filter(kind=kind).select_related("file__scan"),
            "onward": next_page(request, case)["Location"],
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def remove_file(request: SignedInRequest, number: str, material_id: int) -> HttpResponse:
    """Ask, then take back a file that was not submitted yet."""
    case = editable_case(request, number)
    if case is None:
        return status_page(number)
    material = get_object_or_404(case.materials.select_related("file"), pk=material_id)
    if request.method == "POST":
        try:
            services.remove_material(case=case, material=material, actor=request.user, at=timezone.now())
            messages.success(request, _("已删除“%(name)s”。") % {"name": material.file.name})
        except services.NotReady as problem:
            messages.error(request, str(problem))
        return redirect("repairs:files", number, material.kind)
    return render(request, "repairs/remove_file.html", {"case": case, "material": material})


@login_required
@require_http_methods(["GET", "POST"])
def check(request: SignedInRequest, number: str) -> HttpResponse:
    """Everything on one page before it is filed, with a way back to each answer; whoever signs with the account itself signs
    here, and files with it."""
    case = own_case(request, number)
    if case.status != "draft":
        filed = request.method == "POST" and case.submitted_at
        return redirect("repairs:submitted", number) if filed else status_page(number)
    if services.drafts_of(case.filing).count() > 1:
        return redirect("repairs:filing_check", case.filing_id)
    assessment = assess_case(case, timezone.localdate())
    form = last_signature(request, case)
    problems = steps.blocking_problems(case, assessment, but_signing=form is not None)
    if form is not None and problems:
        # Signed is what can be filed.
        form, problems = None, steps.blocking_problems(case, assessment)
    if form is not None and request.method == "POST":
        if filed_with(form, request, {number: _version(request, case)}):
            return redirect("repairs:submitted", number)
        case.refresh_from_db(fields=["status"])
        if case.status != "draft":
            return redirect("repairs:submitted", number)
    return render(
        request,
        "repairs/check.html",
        {
            "case": case,
            "form": form,
            **(to_sign(case) if form is not None else {}),
            "problems": problems,
            "materials": case.materials.select_related("file__scan"),
            "duties": case.obligations.select_related("obligation"),
            "signing": signing_of(case.filing.commitment) if case.filing.commitment else None,
            "bars": [reason_of(finding) for finding in assessment.open_findings if finding.article == BARS],
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def submit(request: SignedInRequest, number: str) -> HttpResponse:
    """File the application. Twice the same button gives the same receipt and one case."""
    case = own_case(request, number)
    if request.method == "GET":
        # Where signing in again leads back to.
        return redirect("repairs:check", number)
    if case.status != "draft" and case.submitted_at:
        if case.status != "submitted":
            # More than the same button twice.
            note("IllegalAction", act="submit", about=number)
        return redirect("repairs:submitted", number)
    if services.drafts_of(case.filing).count() > 1:
        # What was signed about several is filed about all of them.
        return redirect("repairs:filing_check", case.filing_id)
    try:
        steps.submit_case(case=case, actor=request.user, at=timezone.now(), version=_version(request, case))
    except services.NotReady as missing:
        for problem in missing.problems:
            messages.error(request, problem)
        return redirect("repairs:check", number)
    except (services.StaleCase, IllegalAction):
        return redirect("repairs:submitted", number)
    return redirect("repairs:submitted", number)


def _version(request: SignedInRequest, case: RepairCase) -> int:
    """The version of the case that the page showed; a page without a valid one counts as out of date."""
    version = whole_number(request.POST.get("version", ""))
    return -1 if version is None else version
