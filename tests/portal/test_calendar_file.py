"""The calendar file as a calendar reads it, and against RFC 5545: line ends, folding, escaping, dates."""

from datetime import UTC, date, datetime, timedelta

import time_machine
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from applications.calendar_files import CalendarEvent, to_ics
from tests.fixtures import moment
from tests.portal.checking import answers, token_of, walk

NOT_YET = answers(identification={"region": "320100", "identified_on": "2026-09-01"})


def read(content: bytes) -> Event:
    """The one event, as a calendar reads it, of a file in lines of at most 75 octets of UTF-8 (RFC 5545, 3.1)."""
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    calendar = Calendar.from_ical(content)
    assert calendar.errors == [] and calendar["VERSION"] == "2.0" and calendar["PRODID"]
    [event] = calendar.events
    assert event.errors == []
    return event


@time_machine.travel(moment("2026-11-23 10:00"), tick=False)
def test_the_first_day_to_apply(client, db):
    response = client.get("/check/result.ics", {"s": token_of(walk(client, NOT_YET))})
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="credit-repair-20261202.ics"'
    event = read(response.content)
    # Days without a time, the second one no longer part of it.
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 2), date(2026, 12, 3))
    # Ten in the morning in Shanghai is two o'clock UTC.
    assert event["DTSTAMP"].dt == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert event["SUMMARY"] == "最早可以申请信用修复"
    assert event["DESCRIPTION"].startswith("按您自查时的回答，最早2026年12月2日")
    assert "各项条件都要办好" in event["DESCRIPTION"]
    assert "@" in event["UID"]
    [reminder] = event.walk("VALARM")
    assert (reminder["ACTION"], reminder["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=9))


def test_the_same_answers_replace_the_event_a_week_later(client, db):
    found = []
    for day in ("2026-11-23 10:00", "2026-11-30 10:00"):
        with time_machine.travel(moment(day), tick=False):
            found.append(
                read(client.get("/check/result.ics", {"s": token_of(walk(client, NOT_YET))}).content)
            )
    before, after = found
    assert before["UID"] == after["UID"]
    assert before["DTSTAMP"].dt < after["DTSTAMP"].dt


def test_without_a_day_to_come_there_is_only_the_result(client, db):
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False) as clock:
        token = token_of(walk(client, NOT_YET))
        clock.move_to(moment("2026-12-02 08:00"))
        assert client.get("/check/result.ics", {"s": token}).url == f"/check/result/?s={token}".replace(
            ":", "%3A"
        )


printable = st.characters(exclude_categories=["Cs", "Cc"])


@given(summary=st.text(printable), description=st.text(printable | st.just("\n"), max_size=300))
def test_any_text_comes_back_whole(summary, description):
    event = CalendarEvent(
        uid="a@b",
        starts=date(2026, 12, 31),
        ends=date(2027, 1, 1),
        summary=summary,
        description=description,
        url="https://example.com/",
        written_at=moment("2026-11-23 10:00"),
    )
    found = read(to_ics([event]))
    assert (found["SUMMARY"], found["DESCRIPTION"]) == (summary, description)
    assert found["UID"] == "a@b"
    assert found["DTEND"].dt == date(2027, 1, 1)
