"""What a subject may know of its own records (Article 12), and where each can be repaired."""

from collections import Counter

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.accounts.models import User
from applications.policies.selectors import policy_in_force
from applications.records.access import visible_to
from applications.records.selectors import readings_of
from applications.records.services.notices import notice_of
from applications.repairs.access import refuse_former
from applications.repairs.record_list import assess_record, records_of, standing_of
from applications.subjects.models import Subject
from rules.explanation import explain
from rules.procedure import OPEN_STATES


@login_required
def record_list(request: HttpRequest) -> HttpResponse:
    """Every record of the subjects that the user acts for, with the one action that each allows."""
    assert isinstance(request.user, User)
    if request.user.is_staff:
        return redirect("admin:records_dishonestyrecord_changelist")
    standings = records_of(request.user, timezone.localdate())
    startable = Counter(each.record.subject_id for each in standings if each.may_start)
    several = {subject for subject, records in startable.items() if records > 1}
    return render(request, "repairs/records.html", {"standings": standings, "several": several})


@login_required
def record(request: HttpRequest, record_id: int) -> HttpResponse:
    """One record in full, with the reasons for what can be done about it."""
    assert isinstance(request.user, User)
    if request.user.is_staff:
        return redirect("admin:records_dishonestyrecord_change", record_id)
    records = visible_to(request.user).select_related(
        "subject", "identifying_unit", "annotation__deciding_organ"
    )
    found = records.prefetch_related("obligations", "cases").filter(pk=record_id).first()
    if found is None:
        refuse_former(request.user, Subject.objects.filter(records=record_id).first())
        raise Http404
    assessment = assess_record(
        found, policy_in_force(on=timezone.localdate(), unit=found.identifying_unit), timezone.localdate()
    )
    objections = list(found.information_objections.all())
    context = {
        "record": found,
        "annotation": getattr(found, "annotation", None),
        "standing": standing_of(found, assessment, found.cases.all()),
        "explanation": explain(assessment),
        "applied": any(case.status in OPEN_STATES for case in found.cases.all()),
        "unregistered": any(duty.fulfilled_on is None for duty in found.obligations.all()),
        "readings": readings_of(found),
        "notice": notice_of(found),
        "objections": objections,
        "objecting": any(each.answered_at is None for each in objections),
    }
    return render(request, "repairs/record.html", context)
