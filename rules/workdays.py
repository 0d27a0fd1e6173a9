"""Working days: is this day one, when is the n-th after that day, and why.

The day on which a period starts does not count (Civil Code 201), so day 1 is the first working day after it.
A year whose notice is not out is computed from weekends and the statutory holidays and marked provisional.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from rules.calendar_years import YearCalendar, statutory_days, statutory_range, years_known_on
from rules.day_words import WEEKDAYS
from rules.errors import InputError

WORKING_DAY = "工作日"
WEEKEND = "周末"
MAKE_UP = "调休上班"
SATURDAY = 5
VERSION_LENGTH = 12
# A year's notice can reach into the December before it, so far to 29 December (2018): from 24 December on nothing
# is certain before the next year's notice is out.
NOTICE_REACH = timedelta(days=8)


class OutsideCalendar(InputError):
    """A day before the first or after the last day of the calendar."""


class DayInfo(NamedTuple):
    """One day: whether it is a working day, why, and whether the year's notice is out (`official`)."""

    date: date
    working: bool
    reason: str
    official: bool


class DueDay(NamedTuple):
    """A calendar day on the way to a deadline; `counted` is its place among the working days, or None."""

    date: date
    working: bool
    reason: str
    counted: int | None

    @property
    def text(self) -> str:
        """As people read it: "10月10日 周六 调休上班"."""
        return f"{self.date.month}月{self.date.day}日 {WEEKDAYS[self.date.weekday()]} {self.reason}"


class NamedDay(NamedTuple):
    """What a holiday notice or a closure says about a day."""

    working: bool
    reason: str


class LocalClosure(NamedTuple):
    """A day on which a region departs from the national calendar, such as a typhoon closure."""

    date: date
    working: bool
    reason: str


class DayChange(NamedTuple):
    """A day that two calendars tell differently."""

    date: date
    old: DayInfo
    new: DayInfo


def ordinary_day(day: date) -> NamedDay:
    """What a day is by its weekday alone."""
    return NamedDay(True, WORKING_DAY) if day.weekday() < SATURDAY else NamedDay(False, WEEKEND)


def arranging_year(day: date) -> int:
    """The last year whose notice can name a day: from 24 December on the year after."""
    return (day + NOTICE_REACH).year


def count_days(start: date, end: date, named: Mapping[date, NamedDay]) -> tuple[DueDay, ...]:
    """Every calendar day after the start up to and including the end, with its place among the working days."""
    counted = 0
    days = []
    for ordinal in range(start.toordinal() + 1, end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        working, reason = named.get(day) or ordinary_day(day)
        counted += working
        days.append(DueDay(day, working, reason, counted if working else None))
    return tuple(days)


@dataclass(frozen=True)
class Due:
    """A deadline: it may be met until the end of `due_on`, and is overdue on the day after.

    `provisional` says that the days counted reach days on which a notice that is not out has a say.
    """

    start: date
    working_days: int
    due_on: date
    provisional: bool
    calendar: WorkdayCalendar = field(repr=False, compare=False)

    @cached_property
    def named_days(self) -> dict[date, NamedDay]:
        """Of the days after the start up to and including `due_on`, those that are not what their weekday says."""
        return self.calendar.named_days(self.start, self.due_on)

    @cached_property
    def days(self) -> tuple[DueDay, ...]:
        """Every calendar day after the start up to and including `due_on`."""
        return count_days(self.start, self.due_on, self.named_days)

    def to_json(self) -> dict[str, Any]:
        """The shape of `python -m rules due`."""
        return self._heading() | {
            "days": [
                {"date": day.date.isoformat(), "working": day.working, "reason": day.reason}
                for day in self.days
            ]
        }

    def explain(self) -> dict[str, Any]:
        """The same with each day's weekday, its place in the count, and its line of text."""
        return self._heading() | {
            "days": [
                {
                    "date": day.date.isoformat(),
                    "weekday": WEEKDAYS[day.date.weekday()],
                    "working": day.working,
                    "reason": day.reason,
                    "counted": day.counted,
                    "text": day.text,
                }
                for day in self.days
            ]
        }

    def _heading(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat(),
            "working_days": self.working_days,
            "due_on": self.due_on.isoformat(),
            "provisional": self.provisional,
        }


class WorkdayCalendar:
    """Every day from 2004-01-01 to the end of 2035 as a working day or a day off. Immutable.

    A deadline is looked up, not counted: `_working` holds the working days in order, and `_elapsed[i]` says
    how many of them have begun by the end of the i-th day, so the n-th working day
    after it is `_working[_elapsed[i] + n - 1]`.
    """

    __slots__ = (
        "_closures",
        "_elapsed",
        "_first_ordinal",
        "_flags",
        "_known_on",
        "_named",
        "_working",
        "_years",
        "first_day",
        "last_day",
        "version",
    )

    first_day: date
    last_day: date
    version: str

    def __init__(
        self,
        years: Iterable[YearCalendar],
        closures: Iterable[LocalClosure] = (),
        *,
        known_on: date | None = None,
    ) -> None:
        """`known_on` picks the statutory holidays as the law then stood; None takes the law as it stands."""
        first_year, last_year = statutory_range()
        self.first_day = date(first_year, 1, 1)
        self.last_day = date(last_year, 12, 31)
        self._first_ordinal = self.first_day.toordinal()
        self._known_on = known_on
        self._years = MappingProxyType({year.year: year for year in sorted(years, key=lambda y: y.year)})
        self._closures = tuple(sorted(closures))
        self._flags = bytearray(
            ordinary_day(date.fromordinal(ordinal)).working
            for ordinal in range(self._first_ordinal, self.last_day.toordinal() + 1)
        )
        self._named: dict[int, NamedDay] = {}
        self._mark_years()
        for closure in self._closures:
            self._mark(closure.date, closure.working, closure.reason)
        working: list[date] = []
        elapsed: list[int] = []
        for index, flag in enumerate(self._flags):
            if flag:
                working.append(date.fromordinal(self._first_ordinal + index))
            elapsed.append(len(working))
        self._working = tuple(working)
        self._elapsed = tuple(elapsed)
        self.version = self._fingerprint()

    def _mark_years(self) -> None:
        for year in self._years:
            if not self.first_day.year <= year <= self.last_day.year:
                raise InputError("year", f"{year}年不在日历范围内，日历覆盖{self._coverage()}")
        for number in range(self.first_day.year, self.last_day.year + 1):
            schedule = self._years.get(number)
            if schedule is None:
                for day, name in statutory_days(number, self._known_on).items():
                    self._mark(day, False, name)
                continue
            for named in schedule.days:
                # A notice for the first year may reach into the December before the calendar begins.
                if named.date >= self.first_day:
                    self._mark(named.date, named.working, MAKE_UP if named.working else named.name)

    def _mark(self, day: date, working: bool, reason: str) -> None:
        index = self._index(day)
        self._flags[index] = working
        self._named[index] = NamedDay(working, reason)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(bytes(self._flags))
        digest.update(repr(sorted(self._named.items())).encode())
        # What is provisional follows from these two.
        digest.update(repr((list(self._years), NOTICE_REACH)).encode())
        return digest.hexdigest()[:VERSION_LENGTH]

    def _coverage(self) -> str:
        return f"{self.first_day.isoformat()}至{self.last_day.isoformat()}"

    def _outside(self, day: date) -> OutsideCalendar:
        return OutsideCalendar("date", f"{day.isoformat()}不在日历范围内，日历覆盖{self._coverage()}")

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._first_ordinal
        if not 0 <= index < len(self._flags):
            raise self._outside(day)
        return index

    @property
    def official_years(self) -> tuple[int, ...]:
        """The years whose notice is out."""
        return tuple(self._years)

    @property
    def closures(self) -> tuple[LocalClosure, ...]:
        return self._closures

    def year(self, number: int) -> YearCalendar | None:
        """The schedule of a year as announced, with its amendments; None where its notice is not out."""
        return self._years.get(number)

    def is_working(self, day: date) -> bool:
        return bool(self._flags[self._index(day)])

    def day(self, day: date) -> DayInfo:
        """The day with its reason: 工作日, 周末, 调休上班, or the name of the holiday or closure."""
        working, reason = self._named.get(self._index(day)) or ordinary_day(day)
        return DayInfo(day, working, reason, day.year in self._years)

    def named_days(self, start: date, end: date) -> dict[date, NamedDay]:
        """Of the days after the start up to and including the end, those that are not what their weekday says."""
        first, last = self._index(start) + 1, self._index(end)
        return {
            date.fromordinal(self._first_ordinal + index): self._named[index]
            for index in range(first, last + 1)
            if index in self._named
        }

    def provisional(self, day: date) -> bool:
        """Whether a notice is still to come that can name the day."""
        self._index(day)
        return self._awaits(day, day)

    def _awaits(self, first: date, last: date) -> bool:
        return any(year not in self._years for year in range(first.year, arranging_year(last) + 1))

    def due_on(self, start: date, working_days: int) -> date:
        """The last day of a period of `working_days` (1 or more) that starts on `start`.

        Raises OutsideCalendar where the calendar does not reach, InputError for a length below 1.
        """
        index = start.toordinal() - self._first_ordinal
        if index < 0 or working_days < 1:
            raise self._unusable(start, working_days)
        try:
            return self._working[self._elapsed[index] + working_days - 1]
        except IndexError:
            raise self._unusable(start, working_days) from None

    def _unusable(self, start: date, working_days: int) -> InputError:
        if working_days < 1:
            return InputError("working_days", f"应为1以上的整数，不能是{working_days}")
        if not self.first_day <= start <= self.last_day:
            return self._outside(start)
        return OutsideCalendar(
            "working_days",
            f"从{start.isoformat()}起{working_days}个工作日超出日历范围，日历覆盖{self._coverage()}",
        )

    def due(self, start: date, working_days: int) -> Due:
        """The deadline with all that explains it; `due_on` is the fast way to the date alone."""
        due_on = self.due_on(start, working_days)
        # The span is at most a few years, and its first day is the one after the start.
        first = date.fromordinal(start.toordinal() + 1)
        return Due(start, working_days, due_on, self._awaits(first, due_on), self)

    def count(self, start: date, end: date) -> int:
        """The working days after `start` up to and including `end`; negative where `end` comes first."""
        return self._elapsed[self._index(end)] - self._elapsed[self._index(start)]

    def with_year(self, schedule: YearCalendar) -> WorkdayCalendar:
        """This calendar with a year's notice added or replaced; an amendment changes only the days it names.

        Raises InputError for an amendment of a year whose own notice is not out.
        """
        years: Mapping[int, YearCalendar] = self._years
        if schedule.amends:
            whole = years.get(schedule.year)
            if whole is None:
                raise InputError(
                    "year",
                    f"{schedule.year}年的放假安排尚未载入，这份通知没有列全元旦和国庆节，"
                    "只能用来调整已载入的年份",
                )
            schedule = whole.amended_by(schedule)
        return WorkdayCalendar(
            {**years, schedule.year: schedule}.values(), self._closures, known_on=self._known_on
        )

    def with_closures(self, closures: Iterable[LocalClosure]) -> WorkdayCalendar:
        """This calendar with these local closures in place of any it had."""
        return WorkdayCalendar(self._years.values(), closures, known_on=self._known_on)

    def differs(self, other: WorkdayCalendar) -> list[DayChange]:
        """The days that `other` tells differently, as working days or by their reason, in order."""
        return [
            DayChange(day, self.day(day), other.day(day))
            for index in sorted(self._named.keys() | other._named.keys())
            if self._named.get(index) != other._named.get(index)
            for day in [date.fromordinal(self._first_ordinal + index)]
        ]


@cache
def shipped_calendar() -> WorkdayCalendar:
    """The calendar of every notice that ships with the project."""
    return WorkdayCalendar(years_known_on().values())


def calendar_known_on(known_on: date) -> WorkdayCalendar:
    """The calendar as anyone could know it at the end of `known_on`: notices announced later are left out."""
    return WorkdayCalendar(years_known_on(known_on).values(), known_on=known_on)
