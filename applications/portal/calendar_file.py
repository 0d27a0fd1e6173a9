"""One all-day event as a calendar file (RFC 5545). All that is needed of that format is here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MAX_OCTETS = 75


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
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Credit Repair Portal//Self-check//ZH",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "X-WR-TIMEZONE:Asia/Shanghai",
            "BEGIN:VEVENT",
            f"UID:{_escaped(self.uid)}",
            f"DTSTAMP:{self.written_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{self.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{self.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(self.summary)}",
            f"DESCRIPTION:{_escaped(self.description)}",
            f"URL:{self.url}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(self.summary)}",
            "TRIGGER:PT9H",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        return b"".join(_folded(line) + b"\r\n" for line in lines)


def _escaped(text: str) -> str:
    """Text as a property value: backslash, semicolon, comma and line break are escaped."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> bytes:
    """A content line in pieces of at most 75 octets, never broken inside a character."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        encoded = character.encode()
        if len(piece) + len(encoded) > MAX_OCTETS:
            pieces.append(piece)
            # The space that marks a continued line counts too.
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece])
