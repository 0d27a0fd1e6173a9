"""What a change of the calendar does, or did, as far as a person may see it.

Of the days the calendars know it themselves. What ends on other days the app above knows, which registers itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from applications.accounts.models import User
from applications.calendars.in_force import CalendarSet, schedule_of
from applications.calendars.models import CalendarChange, CalendarNotice, Recalculation
from applications.calendars.selectors import recalculation_of
from applications.calendars.services import outlook
from rules.calendar_years import statutory_numbers


class Told(NamedTuple):
    """What a calendar says about a day."""

    working: bool
    reason: str


class ChangedDay(NamedTuple):
    date: date
    old: Told
    new: Told


class Move(NamedTuple):
    """A clock and its end before and after."""

    clock_id: int
    case_number: str
    organ: str
    kind: str
    started_on: date
    old: date
    new: date
    provisional: bool


@dataclass(frozen=True)
class Moves:
    """``count``: how many clocks in all; ``seen``: those that a person may see, made when they are asked for."""

    count: int
    seen: Sequence[Move]


class Clocks(Protocol):
    """Whoever counts by the calendar says what a change of it moves; to nobody in particular, all of it."""

    def moves_ahead(self, before: CalendarSet, after: CalendarSet, user: User | None) -> Moves: ...

    def moves_done(self, recalculation: Recalculation, user: User) -> Moves: ...


_clocks: list[Clocks] = []


def register(clocks: Clocks) -> None:
    """Call it in AppConfig.ready()."""
    _clocks[:] = [clocks]


@dataclass(frozen=True)
class Impact:
    days: list[ChangedDay] | None
    moves: Moves
    # Of the calendars that a proposed change starts from.
    version: str = ""


def impact_of(change: CalendarChange, user: User) -> Impact | None:
    """Of a proposed change what it would do now, of an approved one what it did; None of a rejected one.

    InputError: the calendar in force has no place for a proposed one.
    """
    if change.state == CalendarChange.State.PROPOSED:
        ahead = outlook(change)
        days = [
            ChangedDay(day.date, Told(day.old.working, day.old.reason), Told(day.new.working, day.new.reason))
            for day in ahead.changes
        ]
        return Impact(days, moves_ahead(ahead.before, ahead.after, user), ahead.version)
    done = recalculation_of(change)
    return None if done is None else Impact(_days_kept(change), _clocks[0].moves_done(done, user))


def moves_ahead(before: CalendarSet, after: CalendarSet, user: User | None = None) -> Moves:
    return _clocks[0].moves_ahead(before, after, user)


def _days_kept(change: CalendarChange) -> list[ChangedDay] | None:
    """None for what was approved before the days were kept."""
    if change.changed_days is None:
        return None
    return [
        ChangedDay(date.fromisoformat(day["date"]), Told(*day["old"]), Told(*day["new"]))
        for day in change.changed_days
    ]


# -- What was read in a notice


class ReadHoliday(NamedTuple):
    """One holiday as it was understood: its runs of days off, and the days worked for them."""

    name: str
    spans: list[tuple[date, date]]
    days_off: int
    make_up: tuple[date, ...]
    # Working days that it takes out of the year.
    balance: int


@dataclass(frozen=True)
class ReadNotice:
    """A notice as the machine understood it, to be held against its text and against the law.

    ``statutory``: the days off that the law gives in the year, which ``balance`` must come to; None for an
    amendment, which is no whole year.
    """

    holidays: list[ReadHoliday]
    given_back: tuple[date, ...]
    balance: int
    statutory: int | None


def read_back(notice: CalendarNotice) -> ReadNotice:
    schedule = schedule_of(notice)
    holidays = [
        ReadHoliday(
            name=arranged.name,
            spans=[(off.start, off.end) for off in schedule.holidays if off.name == arranged.name],
            days_off=len(arranged.off),
            make_up=arranged.make_up,
            balance=arranged.balance,
        )
        for arranged in schedule.arrangements
    ]
    statutory = None if schedule.amends else sum(statutory_numbers(notice.year).values())
    return ReadNotice(holidays, schedule.given_back, schedule.balance, statutory)
