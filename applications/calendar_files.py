"""Calendar files (RFC 5545): days and hours that somebody's own calendar takes over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import HttpResponse
from icalendar import Alarm, Calendar, Event


@dataclass(frozen=True)
class CalendarEvent:
    """What begins and ends: as aware moments, or as days, of which ``ends`` is the first that is no part of it.

    ``uid`` makes a later file replace an earlier one. ``written_at`` is aware. ``reminder`` is counted from the beginning;
    None: none, and ``cancelled`` takes the event away again where it was taken over.
    """

    uid: str
    starts: date | datetime
    ends: date | datetime
    summary: str
    description: str
    url: str
    written_at: datetime
    reminder: timedelta | None = None
    place: str = ""
    cancelled: bool = False


def to_ics(events: Iterable[CalendarEvent]) -> bytes:
    """The file. A date has no time zone, so it is the same day wherever the calendar is read; moments are in UTC."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Credit Repair Portal//Self-check//ZH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    for event in events:
        calendar.add_component(_component(event))
    content: bytes = calendar.to_ical()
    return content


def _component(said: CalendarEvent) -> Event:
    event = Event()
    event.add("uid", said.uid)
    event.add("dtstamp", said.written_at.astimezone(UTC))
    for name, at in (("dtstart", said.starts), ("dtend", said.ends)):
        event.add(name, at.astimezone(UTC) if isinstance(at, datetime) else at)
    event.add("summary", said.summary)
    event.add("description", said.description)
    event.add("url", said.url)
    if said.place:
        event.add("location", said.place)
    # A day is no appointment: it leaves one free.
    event.add("transp", "OPAQUE" if isinstance(said.starts, datetime) else "TRANSPARENT")
    if said.cancelled:
        event.add("status", "CANCELLED")
    if said.reminder is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", said.summary)
        alarm.add("trigger", said.reminder)
        event.add_component(alarm)
    return event


def calendar_response(events: Iterable[CalendarEvent], name: str) -> HttpResponse:
    """The file, to be saved under a name of plain letters."""
    return HttpResponse(
        to_ics(events),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.ics"'},
    )
