"""What our own registers know of a number that an applicant states. Apps above keep them: each registers its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class RegisteredReport:
    """A credit report that a bureau issued in this system. ``void`` is what it was declared later."""

    subject_id: int
    issued_on: date
    issuer: str
    void: bool


Lookup = Callable[[str], RegisteredReport | None]

_reports: list[Lookup] = []


def register_reports(lookup: Lookup) -> None:
    """Let ``lookup(number)`` answer for credit reports. Call it in AppConfig.ready()."""
    if lookup not in _reports:
        _reports.append(lookup)


def find_report(number: str) -> RegisteredReport | None:
    """The report of this number; None where none was issued in this system."""
    return next((found for lookup in _reports if (found := lookup(number.strip()))), None)
