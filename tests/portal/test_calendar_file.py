"""The calendar file against RFC 5545: line ends, folding, escaping, dates."""

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from applications.portal.calendar_file import AllDayEvent
from tests.fixtures import moment
from tests.portal.checking import answers, token_of, walk

NOT_YET = answers(identification={"region": "320100", "identified_on": "2026-09-01"})


def unfolded(content: bytes) -> list[str]:
    """The content lines, as a reader of the format takes them (RFC 5545, 3.1)."""
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    return content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def unescaped(value: str) -> str:
    found, characters = "", iter(value)
    for character in characters:
        if character == "\\":
            following = next(characters)
            found += "\n" if following in "nN" else following
        else:
            assert character not in ";,"
            found += character
    return found


@time_machine.travel(moment("2026-11-23 10:00"), tick=False)
def test_the_first_day_to_apply(client, db):
    response = client.get("/check/result.ics", {"s": token_of(walk(client, NOT_YET))})
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="credit-repair-20261202.ics"'
    lines = unfolded(response.content)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"] and lines[-1] == "END:VCALENDAR"
    assert lines.index("BEGIN:VEVENT") < lines.index("END:VEVENT")
    properties = dict(line.split(":", 1) for line in lines if not line.startswith(("BEGIN", "END")))
    assert properties["DTSTART;VALUE=DATE"] == "20261202"
    assert properties["DTEND;VALUE=DATE"] == "20261203"
    # Ten in the morning in Shanghai is two o'clock UTC.
    assert properties["DTSTAMP"] == "20261123T020000Z"
    assert properties["SUMMARY"] == "可以申请信用修复"
    assert "@" in properties["UID"] and "PRODID" in properties


@time_machine.travel(moment("2026-11-23 10:00"), tick=False)
def test_the_same_answers_give_the_same_event(client, db):
    token = token_of(walk(client, NOT_YET))
    assert (
        client.get("/check/result.ics", {"s": token}).content
        == client.get("/check/result.ics", {"s": token}).content
    )


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
    event = AllDayEvent(
        uid="a@b",
        on=moment("2026-12-31 00:00").date(),
        summary=summary,
        description=description,
        url="https://example.com/",
        written_at=moment("2026-11-23 10:00"),
    )
    lines = unfolded(event.to_ics())
    # The event stands before its alarm, which has a description of its own.
    first = {line.split(":", 1)[0]: line.split(":", 1)[1] for line in reversed(lines)}
    assert unescaped(first["SUMMARY"]) == summary
    assert unescaped(first["DESCRIPTION"]) == description
    assert first["DTEND;VALUE=DATE"] == "20270101"
