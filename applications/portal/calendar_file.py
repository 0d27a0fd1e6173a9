"""The first day to apply as a calendar file, with a reminder at nine in the morning."""

import hashlib
from datetime import date, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from applications.calendar_files import CalendarEvent, calendar_response


def first_day_file(
    request: HttpRequest, *, name: str, day: date, summary: str, description: str, at: datetime
) -> HttpResponse:
    """The first day to apply, to be saved, in the words of whoever reckoned it. ``name``: what the day belongs to, so that a
    later file replaces an earlier one."""
    event = CalendarEvent(
        uid=f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@{request.get_host()}",
        starts=day,
        ends=day + timedelta(days=1),
        summary=summary,
        description=description,
        url=settings.SITE_URL + reverse("portal:home"),
        written_at=at,
        reminder=timedelta(hours=9),
    )
    return calendar_response([event], f"credit-repair-{day:%Y%m%d}")
