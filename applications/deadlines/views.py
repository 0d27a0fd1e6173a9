import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applications.deadlines.forms import CalculatorForm
from applications.deadlines.models import Deadline
from applications.deadlines.selectors import calendar, last_sweep, sweep_is_stale
from applications.policies.selectors import policy_in_force
from rules.errors import InputError, NoPolicyError
from rules.workdays import Due

log = logging.getLogger(__name__)


@require_safe
def calculator(request: HttpRequest) -> HttpResponse:
    """“今天提交，最迟……前答复”, with every day of it; a GET, so that an answer can be sent to somebody."""
    today = timezone.localdate()
    asked = (
        request.GET if {"start", "days"} & request.GET.keys() else {"start": today.isoformat(), "days": "3"}
    )
    form = CalculatorForm(asked)
    due = form.due if form.is_valid() else None
    context = {
        "form": form,
        "due": due,
        "days": due.explain()["days"] if due else (),
        "today": today,
        "legal": _legal_clocks(due) if due else (),
    }
    return render(request, "deadlines/calculator.html", context, status=200 if due else 400)


def _legal_clocks(due: Due) -> list[dict[str, Any]]:
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
            each = calendar().due(due.start, clock.working_days)
        except InputError:
            continue
        found.append({"label": kind.label, "article": clock.source.article, "due": each})
    return found


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Whether the clocks are watched: 503 once no sweep has ended for 10 minutes."""
    at = timezone.now()
    stale = sweep_is_stale(at)
    sweep = last_sweep()
    if stale:
        log.error("no sweep of the deadlines has ended since %s", sweep.finished_at if sweep else "ever")
    return JsonResponse(
        {
            "status": "failing" if stale else "ok",
            "last_sweep": sweep.finished_at.isoformat() if sweep and sweep.finished_at else None,
            "failed_in_last_sweep": sweep.failed if sweep else None,
        },
        status=503 if stale else 200,
    )
