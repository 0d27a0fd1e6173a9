"""Dates as readers of the page read them. Documents hold dates as ISO text, pages hold them as objects: both work."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from applications.language import day_and_weekday, day_in_words

register = template.Library()


def _as_date(value: date | datetime | str) -> date:
    """The day in Shanghai. Text is ISO 8601, a date or a moment; other text is a ValueError."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value


@register.filter
def zh_date(value: date | datetime | str | None) -> str:
    """2026-12-02 → 2026年12月2日（周三）, in English 2 December 2026 (Wed). Nothing stays nothing."""
    if not value:
        return ""
    return day_and_weekday(_as_date(value))


@register.filter
def zh_day(value: date | datetime | str | None) -> str:
    """2026-12-02 → 2026年12月2日, as official documents are dated."""
    if not value:
        return ""
    return day_in_words(_as_date(value))


@register.filter
def zh_moment(value: datetime | str | None, precision: str = "minute") -> str:
    """An aware moment → 2026年12月2日 14:03 in Shanghai; ``zh_moment:"second"`` → 2026年12月2日 14:03:09."""
    if not value:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return f"{zh_day(moment)} {moment:{'%H:%M:%S' if precision == 'second' else '%H:%M'}}"
