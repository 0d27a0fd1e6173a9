import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.calendars.selectors import calendar, closures_between
from applications.database import replica
from applications.deadlines.forms import CalculatorForm
from applications.deadlines.models import Deadline, basis_of
from applications.deadlines.selectors import behind, sweep_health
from applications.files.storage import free_megabytes, is_away, is_nearly_full
from applications.notifications.faults import faults_in_sight
from applications.organs import regions
from applications.policies.selectors import clock_article, policy_in_force
from rules.errors import InputError, NoPolicyError
from rules.workdays import Due

log = logging.getLogger(__name__)


@require_safe
def calculator(request: HttpRequest) -> HttpResponse:
    """“今天提交，最迟……前答复”, with every day of it; a GET, so that an answer can be sent to somebody."""
    today = timezone.localdate()
    asked = request.GET.dict()
    if not {"start", "days"} & asked.keys():
        asked |= {"start": today.isoformat(), "days": "3"}
    form = CalculatorForm(asked)
    due = form.due if form.is_valid() else None
    region = form.cleaned_data.get("region") or None
    closures = closures_between(due.start, due.due_on, region) if due else []
    context = {
        "form": form,
        "due": due,
        "days": due.explain()["days"] if due else (),
        "today": today,
        "place": regions.name(region) if region else "",
        "counted_closures": [each for each in closures if each.counted],
        "other_closures": [each for each in closures if not each.counted],
        "legal": _legal_clocks(due, region) if due else (),
    }
    return render(request, "deadlines/calculator.html", context, status=200 if due else 400)


def _legal_clocks(due: Due, region: str | None) -> list[dict[str, Any]]:
    """The clocks of the policy that is in force on the start; none where no policy is."""
    try:
        policy = policy_in_force(on=due.start)
    except NoPolicyError:
        return []
    found: list[dict[str, Any]] = []
    for kind in Deadline.Kind:
        clock = policy.clocks.get(kind.value)
        if clock is None or clock.working_days is None:
            continue
        try:
            each = calendar(region).due(due.start, clock.working_days)
        except InputError:
            continue
        found.append({"label": kind.label, "basis": basis_of(clock_article(policy, kind.value)), "due": each})
    return found


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Whether the clocks are watched, everything is said that was to be said, and files can be kept: 503 otherwise.

    No sweep has ended for 10 minutes, the last one failed at something, something of a day before it is unsaid, or
    some other work failed without being able to say so in its own row.
    """
    now = timezone.now()
    seen, unrecorded = sweep_health(now), faults_in_sight(now)
    last = seen.last
    late = behind(last).count() if last else 0
    if seen.stale:
        log.error("no sweep of the deadlines has ended since %s", last.finished_at if last else "ever")
    if seen.failed or late:
        log.error("the last sweep failed at %s things; %s clocks are behind", seen.failed, late)
    if unrecorded:
        log.error("%s failures of late could not be noted in their own rows", unrecorded)
    free = free_megabytes()
    if is_nearly_full(free):
        log.error("the disk of files and data is nearly full: %s MB are free", free)
    away = is_away()
    if away:
        log.error("the store of the files does not answer")
    failing = seen.alarming or late > 0 or unrecorded > 0 or is_nearly_full(free) or away
    return JsonResponse(
        {
            "status": "failing" if failing else "ok",
            "last_sweep": last.finished_at.isoformat() if last and last.finished_at else None,
            "failed_in_last_sweep": last.failed if last else None,
            "clocks_behind": late,
            "unrecorded_failures": unrecorded,
            "disk_free_mb": free,
            "files_away": away,
            # Without it the primary answers, so nothing fails.
            "replica": replica.state(),
        },
        status=503 if failing else 200,
    )
