"""What staff must see on every page: clocks that nobody watches, a year whose holidays nobody has loaded."""

from typing import Any

from django import template
from django.utils import timezone

from applications.deadlines.access import may_propose
from applications.deadlines.selectors import last_sweep, missing_year, sweep_is_stale

register = template.Library()


@register.inclusion_tag("deadlines/alarms.html", takes_context=True)
def clock_alarms(context: dict[str, Any]) -> dict[str, Any]:
    """``{% load alarms %}{% clock_alarms %}``; nothing at all for those who are not staff."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_staff:
        return {}
    at = timezone.now()
    return {
        "stale": sweep_is_stale(at),
        "last_sweep": last_sweep(),
        "missing_year": missing_year(timezone.localdate(at)) if may_propose(user) else None,
    }
