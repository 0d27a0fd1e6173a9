"""What a subject may know of the life of its own records (Article 12), and say against them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.http import SignedInRequest
from applications.deadlines.models import Deadline
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.policies.selectors import policy_in_force
from applications.records.access import objections_visible_to, visible_to
from applications.records.forms import MissingForm, ObjectionForm
from applications.records.history import history_of
from applications.records.models import DishonestyRecord
from applications.records.objected import evidence_file, evidence_of, items_of
from applications.records.services.objections import object_to_information
from applications.records.services.result_letter import result_of
from rules.procedure import Clock


@login_required
def history(request: SignedInRequest, record_id: int) -> HttpResponse:
    """What was written about one's record: when, by which organ, from which file."""
    if request.user.is_staff:
        return redirect("admin:records_dishonestyrecord_history", record_id)
    record = get_object_or_404(visible_to(request.user).select_related("subject"), pk=record_id)
    return render(request, "records/history.html", {"record": record, "entries": history_of(record)})


@takes_files(megabytes=50)
@login_required
def object_to(request: SignedInRequest, record_id: int) -> HttpResponse:
    """Say what in one's record is wrong, and what it should say."""
    _refuse_staff(request)
    record = get_object_or_404(
        visible_to(request.user)
        .select_related("subject", "identifying_unit")
        .prefetch_related("obligations"),
        pk=record_id,
    )
    running = record.information_objections.filter(answered_at=None).first()
    if running is not None:
        messages.warning(request, _("对这条信息的异议正在处理，不能重复提出。"))
        return redirect("records:objection", running.pk)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ObjectionForm(*posted, record=record, on=timezone.localdate(), user=request.user)
    return _file(request, form, record=record)


@takes_files(megabytes=50)
@login_required
def missing(request: SignedInRequest) -> HttpResponse:
    """Say which record is missing."""
    _refuse_staff(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return _file(request, MissingForm(*posted, user=request.user), record=None)


def _refuse_staff(request: SignedInRequest) -> None:
    if request.user.is_staff:
        raise PermissionDenied


def _file(
    request: SignedInRequest, form: ObjectionForm | MissingForm, *, record: DishonestyRecord | None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        about: dict[str, Any] = (
            {"subject": record.subject, "unit": record.identifying_unit}
            if record
            else {"subject": data["subject"], "unit": data["unit"]}
        )
        try:
            objection = object_to_information(
                **about,
                record=record,
                wanted=form.words if isinstance(form, ObjectionForm) else {},
                grounds=data["grounds"],
                evidence=data["evidence"],
                actor=request.user,
                at=timezone.now(),
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("异议已收到，编号%(number)s。") % {"number": objection.number})
            return redirect("records:objection", objection.pk)
    form.keep_files()
    policy = policy_in_force(on=timezone.localdate(), unit=record.identifying_unit_id if record else None)
    context = {"form": form, "record": record, "clock": policy.clocks[Clock.INFORMATION]}
    return render(request, "records/object.html", context)


@login_required
def objections(request: SignedInRequest) -> HttpResponse:
    """The objections of the subjects that the user acts for, the latest first, each with how it stands."""
    if request.user.is_staff:
        return redirect("admin:records_informationobjection_changelist")
    found = objections_visible_to(request.user).select_related("record", "unit", "subject")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    clocks = {
        clock.case_number: clock
        for clock in Deadline.objects.filter(case_number__in=[each.number for each in page])
    }
    rows = [(each, clocks.get(each.number)) for each in page]
    return render(request, "records/objections.html", {"page": page, "rows": rows})


@login_required
def objection(request: SignedInRequest, objection_id: int) -> HttpResponse:
    """How one's objection stands, and what came of it."""
    if request.user.is_staff:
        return redirect("admin:records_informationobjection_change", objection_id)
    found = get_object_or_404(
        objections_visible_to(request.user).select_related("record", "supplied", "unit", "evidence"),
        pk=objection_id,
    )
    context = {
        "objection": found,
        "clock": Deadline.objects.filter(case_number=found.number).first(),
        "items": items_of(found),
        "evidence": evidence_of(found),
        "letter": result_of(found),
    }
    return render(request, "records/objection.html", context)


@login_required
def objection_evidence(request: SignedInRequest, objection_id: int, file_id: UUID) -> HttpResponseBase:
    """The evidence, for its subject; officers open it in their own site."""
    _refuse_staff(request)
    found = get_object_or_404(objections_visible_to(request.user).select_related("evidence"), pk=objection_id)
    return file_response(evidence_file(found, file_id), inline=True)
