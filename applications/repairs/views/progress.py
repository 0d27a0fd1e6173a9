"""What an applicant sees of a case that was filed, and may do about it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.accounts.http import SignedInRequest
from applications.accounts.refusals import note
from applications.documents.models import Document, Kind
from applications.files.bodies import takes_files
from applications.repairs import services, steps
from applications.repairs.assessing import FINDING_LABELS
from applications.repairs.forms import CorrectionAnswerForm
from applications.repairs.models import CorrectionNotice, RepairCase
from applications.repairs.own_files import stream_own_files
from applications.repairs.progress import progress_of
from applications.repairs.selectors import correction_in_hand
from applications.repairs.services.proofs import letters_of
from applications.repairs.views.drafts import own_case, status_page
from rules.procedure import OPEN_STATES, IllegalAction, State


@login_required
def status(request: SignedInRequest, number: str) -> HttpResponse:
    case = own_case(request, number)
    if case.status == "draft":
        return redirect("repairs:tasks", number)
    progress = progress_of(case, timezone.localdate())
    nothing_left = progress.repaired_since or case.record.source_state == case.record.SourceState.REVOKED
    context = {
        "case": case,
        "progress": progress,
        # What was said of a record that is repaired or withdrawn since is history: its letter is among the others.
        "outcome": None if nothing_left else progress.outcome,
        "materials": case.materials.select_related("file__scan"),
        "letters_to_serve": letters_of(case),
        "together": services.filed_together(case, request.user),
        "objection_receipt": next(
            (each for each in progress.letters if each.kind == Kind.OBJECTION_RECEIPT), None
        ),
        "disputed": [_(FINDING_LABELS[code]) for code in case.objection.disputed if code in FINDING_LABELS]
        if hasattr(case, "objection")
        else [],
    }
    return render(request, "repairs/status.html", context)


@login_required
@require_POST
def urge(request: SignedInRequest, number: str) -> HttpResponse:
    """One press: the officers and their head hear that the applicant waits."""
    case = own_case(request, number)
    try:
        messages.success(request, services.urge_case(case=case, actor=request.user, at=timezone.now()))
    except services.NotReady as problem:
        messages.warning(request, str(problem))
    return status_page(number)


@login_required
def submitted(request: SignedInRequest, number: str) -> HttpResponse:
    """The receipt: only for what was really filed, and the same however often it is opened."""
    case = own_case(request, number)
    if case.submitted_at is None:
        return redirect("repairs:tasks", number)
    receipt = Document.objects.filter(about=number, kind="receipt").order_by("-issued_at").first()
    return render(
        request,
        "repairs/submitted.html",
        {"case": case, "receipt": receipt, "progress": progress_of(case, timezone.localdate())},
    )


@login_required
def own_files(request: SignedInRequest, number: str) -> HttpResponseBase:
    """All that was handed in and sent, for the applicant's side."""
    case = own_case(request, number)
    return StreamingHttpResponse(
        stream_own_files(case, timezone.now()),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{case.number}-files.zip"'},
    )


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask, then withdraw."""
    case = own_case(request, number)
    if request.method == "POST":
        try:
            steps.withdraw_case(case=case, actor=request.user, at=timezone.now())
        except (IllegalAction, services.StaleCase, services.NotReady) as problem:
            messages.error(request, str(problem))
            return status_page(number)
        messages.success(request, _("申请%(number)s已撤回。") % {"number": number})
        return redirect("records:list")
    together = [other for other in services.filed_together(case, request.user) if other.status in OPEN_STATES]
    return render(request, "repairs/withdraw.html", {"case": case, "together": together})


@takes_files(megabytes=100)
@login_required
@require_http_methods(["GET", "POST"])
def correction(request: SignedInRequest, number: str) -> HttpResponse:
    """One notice, one page: every item with its answer and files; what is saved stays saved until all is sent."""
    case = own_case(request, number)
    if case.status != "correcting":
        return _moved_on(request, case) if request.method == "POST" else status_page(number)
    notice = CorrectionNotice.objects.select_related("document").get(case=case, round=case.round)
    data, uploads = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    forms = [CorrectionAnswerForm(data, uploads, item=item) for item in correction_in_hand(case)]
    if request.method == "POST":
        valid = True
        for form in forms:
            valid &= _keep_answer(request, case, form)
        case.refresh_from_db(fields=["status"])
        if case.status != "correcting":
            return _moved_on(request, case)
        if valid and "send" in request.POST:
            try:
                steps.resubmit_case(case=case, actor=request.user, at=timezone.now())
            except (IllegalAction, services.StaleCase):
                case.refresh_from_db(fields=["status"])
                return _moved_on(request, case)
            except services.NotReady as missing:
                for problem in missing.problems:
                    messages.error(request, problem)
                return redirect("repairs:correction", number)
            return redirect("repairs:submitted", number)
        if valid:
            messages.success(request, _("已保存。全部答复后请点“提交补正”。"))
            return redirect("repairs:correction", number)
    new = case.materials.filter(round=case.round + 1).select_related("file__scan")
    answered = sum(
        bool(form.item.answer) or any(material.kind == form.item.material_kind for material in new)
        for form in forms
    )
    return render(
        request,
        "repairs/correction.html",
        {
            "case": case,
            "notice": notice,
            "rows": [
                (form, [material for material in new if material.kind == form.item.material_kind])
                for form in forms
            ],
            "answered": answered,
        },
    )


def _moved_on(request: SignedInRequest, case: RepairCase) -> HttpResponse:
    """The same button twice, or a colleague was quicker: what was sent is sent, once; what was given up takes no
    answer."""
    if case.status != State.SUBMITTED:
        note("IllegalAction", act="resubmit", about=case.number)
    if case.status in (State.WITHDRAWN, State.CLOSED):
        messages.warning(
            request,
            _("申请%(number)s现为“%(status)s”，这次填写的内容没有提交。")
            % {"number": case.number, "status": case.get_status_display()},
        )
        return status_page(case.number)
    return redirect("repairs:submitted", case.number)


def _keep_answer(request: SignedInRequest, case: RepairCase, form: CorrectionAnswerForm) -> bool:
    """Save the answer and the good files of one item, each of them whatever is wrong with the others; a refused file becomes
    an error of the form."""
    form.is_valid()
    answer = form.cleaned_data.get("answer", form.item.answer).strip()
    if answer != form.item.answer:
        try:
            steps.answer_correction(item=form.item, answer=answer, actor=request.user, at=timezone.now())
        except services.NotReady as late:
            form.add_error("answer", str(late))
            return False
    for upload in form.cleaned_data.get("uploads", []):
        try:
            services.add_material(
                case=case, kind=form.item.material_kind, upload=upload, actor=request.user, at=timezone.now()
            )
        except ValidationError as refused:
            form.add_error("uploads", refused)
        except services.NotReady as refused:
            form.add_error("uploads", str(refused))
    return not form.errors
