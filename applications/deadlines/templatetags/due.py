"""A clock's last day on a page. Each takes whatever has ``due_on`` and ``provisional``: a Deadline or a Due."""

from datetime import date
from typing import Any, Protocol

from django import template
from django.utils.timezone import localdate

from applications.calendars.selectors import calendar
from applications.deadlines import wording
from applications.deadlines.selectors import running
from applications.deadlines.wording import awaiting, marked
from applications.language import day_and_weekday

register = template.Library()
register.filter("ended", wording.ended)


class Ending(Protocol):
    due_on: date
    provisional: bool


@register.filter
def last_day(clock: Ending) -> str:
    """2026年12月2日（周三）, with the mark of a date that may still move."""
    return marked(day_and_weekday(clock.due_on), clock.provisional)


@register.filter
def is_past(clock: Ending) -> bool:
    """Whether its last day is over."""
    return localdate() > clock.due_on


@register.filter
def why_provisional(clock: Ending) -> str:
    """The sentence that goes with the mark; nothing where the date is certain."""
    return awaiting(clock.due_on) if clock.provisional else ""


@register.simple_tag
def running_clock(number: str) -> dict[str, Any] | None:
    """The clock that runs under this number, with the words of its standing today; None where none does."""
    clock = running().filter(case_number=number).select_related("organ").first() if number else None
    if clock is None:
        return None
    return {"clock": clock, "standing": wording.standing(clock, calendar(clock.organ.region), localdate())}
