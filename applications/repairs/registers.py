"""What our own registers know of a number that an applicant states. Apps above keep them: each registers its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from applications.files.models import StoredFile


@dataclass(frozen=True)
class RegisteredReport:
    """A credit report that a bureau issued in this system. ``void`` is what it was declared later; ``replaced_by``:
    the number of the report that took its place, or empty."""

    subject_id: int
    issued_on: date
    valid_until: date | None
    issuer: str
    void: bool
    replaced_by: str = ""


@dataclass(frozen=True)
class IssuedReport:
    """The same as a paper that can be handed in: ``file`` is its PDF."""

    number: str
    issued_on: date
    issuer: str
    file: StoredFile


Lookup = Callable[[str], RegisteredReport | None]
Latest = Callable[[int, date], IssuedReport | None]

Names = Callable[[], list[str]]
Listing = Callable[[str], str]

_reports: list[Lookup] = []
_latest: list[Latest] = []
_institutions: list[tuple[Names, Listing]] = []


def register_reports(lookup: Lookup, latest: Latest) -> None:
    """Let ``lookup(number)`` answer for credit reports, and ``latest(subject id, day)`` with the subject's latest one that is
    valid on the day. Call it in AppConfig.ready()."""
    if lookup not in _reports:
        _reports.append(lookup)
        _latest.append(latest)


def find_report(number: str) -> RegisteredReport | None:
    """The report of this number; None where none was issued in this system."""
    return next((found for lookup in _reports if (found := lookup(number.strip()))), None)


def register_institutions(names: Names, listing: Listing) -> None:
    """Let ``names()`` tell the credit service institutions that are on a list, and ``listing(name)`` whose list has one. Call it
    in AppConfig.ready()."""
    if (names, listing) not in _institutions:
        _institutions.append((names, listing))


def listed_institutions() -> list[str]:
    """The names of the credit service institutions on the lists of the departments."""
    return [name for names, _listing in _institutions for name in names()]


def who_lists(institution: str) -> str:
    """The department that has the institution on its list; empty: none has."""
    return next((organ for _names, listing in _institutions if (organ := listing(institution))), "")


def latest_report(subject_id: int, on: date) -> IssuedReport | None:
    """The latest report about a subject that was issued in this system and is valid on a day, if there is one."""
    return next((found for latest in _latest if (found := latest(subject_id, on))), None)
