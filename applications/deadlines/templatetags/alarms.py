"""What staff must see on every page: clocks that nobody watches, a year whose holidays nobody has loaded."""

import logging
from typing import Any

from django import template
from django.core.cache import cache
from django.utils import timezone

from applications.calendars.access import may_propose
from applications.calendars.selectors import missing_year
from applications.deadlines.selectors import SWEEP_STALE_AFTER, SweepHealth, sweep_health

log = logging.getLogger(__name__)
register = template.Library()


@register.inclusion_tag("deadlines/alarms.html", takes_context=True)
def sweep_alarm(context: dict[str, Any]) -> dict[str, Any]:
    """``{% load alarms %}{% sweep_alarm %}``: one query for staff; nothing at all, and none, for others."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_staff:
        return {}
    health = sweep_health(timezone.now())
    if health.alarming:
        _log(health)
    return {"health": health}


@register.inclusion_tag("deadlines/alarms.html", takes_context=True)
def clock_alarms(context: dict[str, Any]) -> dict[str, Any]:
    """The same on the officers' pages, where the department is also told of a year that is not loaded."""
    shown = sweep_alarm(context)
    user = getattr(context.get("request"), "user", None)
    if shown and user is not None and may_propose(user):
        shown["missing_year"] = missing_year(timezone.localdate())
    return shown


def _log(health: SweepHealth) -> None:
    """What people see is in the log too, once in ten minutes however many look."""
    if cache.add("sweep-alarm", True, SWEEP_STALE_AFTER.total_seconds()):
        log.error(
            "staff are shown that the clocks are not watched: last sweep %s, failed at %s things",
            health.last.finished_at if health.last else "never",
            health.failed,
        )
