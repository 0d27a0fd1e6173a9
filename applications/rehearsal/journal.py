"""What happened in a rehearsal, written down by those who did it: the checker's only source beside the law."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


class StepTaken(NamedTuple):
    """One step of a case.

    Of a receipt: ``position`` is that of the decision which the platform receipted, ``received_on`` the
    platform's day. ``on`` is the day on which the portal was told, and may be a later one.
    """

    case_number: str
    action: str
    on: date
    position: int = 0
    received_on: date | None = None


class CalendarChange(NamedTuple):
    """Days that count differently from the evening of ``on``: {date: working}; in a region, or everywhere.

    ``year`` is the one whose whole schedule this is; None for an amendment or a closure.
    """

    on: date
    days: dict[date, bool]
    year: int | None = None
    region: str | None = None


class Post(NamedTuple):
    """Who answers in an organ: ids of users by role, and those of the supervisors of the department above it."""

    region: str
    staff: dict[str, frozenset[int]]
    department: frozenset[int]


@dataclass
class Journal:
    """``cases``: case number → (organ id, applicant id). ``faults`` are surprises on the way, as sentences."""

    first_day: date
    last_day: date
    steps: list[StepTaken] = field(default_factory=list)
    changes: list[CalendarChange] = field(default_factory=list)
    cases: dict[str, tuple[int, int]] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def write(
        self,
        case_number: str,
        action: str,
        at: datetime,
        position: int = 0,
        received_on: date | None = None,
    ) -> None:
        self.steps.append(StepTaken(case_number, action, at.date(), position, received_on))
