"""One all-day event as a calendar file (RFC 5545), and the first day to apply as such a one."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from icalendar import Alarm, Calendar, Event


@dataclass(frozen=True)
class AllDayEvent:
    """A day to remember. ``uid`` makes a second import replace the first; ``written_at`` is aware."""

    uid: str
    on: date
    summary: str
    description: str
    url: str
    written_at: datetime

    def to_ics(self) -> bytes:
        """The file. A date has no time zone, so it is the same day wherever the calendar is read; the reminder
        comes at nine in the morning of that day."""
        reminder = Alarm()
        reminder.add("action", "DISPLAY")
        reminder.add("description", self.summary)
        reminder.add("trigger", timedelta(hours=9))
        event = Event()
        event.add("uid", self.uid)
        event.add("dtstamp", self.written_at.astimezone(UTC))
        event.add("dtstart", self.on)
        event.add("dtend", self.on + timedelta(days=1))
        event.add("summary", self.summary)
        event.add("description", self.description)
        event.add("url", self.url)
        event.add("transp", "TRANSPARENT")
        event.add_component(reminder)
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//Credit Repair Portal//Self-check//ZH")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-timezone", "Asia/Shanghai")
        calendar.add_component(event)
        content: bytes = calendar.to_ical()
        return content


def first_day_file(
    request: HttpRequest, *, name: str, day: date, summary: str, description: str, at: datetime
) -> HttpResponse:
    """The first day to apply, to be saved, in the words of whoever reckoned it. ``name``: what the day belongs to, so that a
    later file replaces an earlier one."""
    event = AllDayEvent(
        uid=f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@{request.get_host()}",
        on=day,
        summary=summary,
        description=description,
        url=settings.SITE_URL + reverse("portal:home"),
        written_at=at,
    )
    return HttpResponse(
        event.to_ics(),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="credit-repair-{day:%Y%m%d}.ics"'},
    )
