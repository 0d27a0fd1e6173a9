"""What a State Council holiday notice says about one year, and the statutory days of a year without one.

A year file (rules/calendars/2020.toml) keeps every notice of its year in the order of their announcement, so
the schedule can be had as it stands and as it stood on an earlier day. A notice may reach into the December
before its year: the notice for 2019 makes 2018-12-29 a working day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from rules.errors import InputError

CALENDARS = Path(__file__).parent / "calendars"
ONE_DAY = timedelta(days=1)
SATURDAY = 5
WORKING_DAY = "工作日"
WEEKEND = "周末"
# New Year's Day and National Day: a notice that lacks one amends a schedule, or was cut short.
WHOLE_YEAR = ((1, 1), (10, 1))


class Holiday(NamedTuple):
    """Days off in one run, first and last day included."""

    name: str
    start: date
    end: date


class MakeUp(NamedTuple):
    """A working day in exchange for a day off (调休上班), with the holiday that it belongs to."""

    date: date
    name: str


class CalendarDay(NamedTuple):
    """A day on which a notice departs from Monday to Friday, or confirms a weekend within a holiday.

    An amendment gives a day back to the week by naming what it is then: a weekend that is no longer worked is
    off as 周末, a weekday that is no longer off is worked as 工作日.
    """

    date: date
    working: bool
    name: str

    @property
    def given_back(self) -> bool:
        """Whether the day is told to be what its weekday says."""
        if self.date.weekday() < SATURDAY:
            return self.working
        return not self.working and self.name == WEEKEND


class Arrangement(NamedTuple):
    """One holiday of a schedule with all its days, each kind in order; one `off` or `make_up` may be empty."""

    name: str
    off: tuple[date, ...]
    make_up: tuple[date, ...]

    @property
    def balance(self) -> int:
        """How many working days the holiday takes out of the year: weekdays off less make-up days."""
        return sum(day.weekday() < SATURDAY for day in self.off) - len(self.make_up)


@dataclass(frozen=True)
class YearCalendar:
    """The schedule of one year, or an amendment of it (`amends`).

    `document_number` and `announced_on` (the date that the notice bears) are None where not confirmed.
    `given_back` are the days that an amendment takes out of the schedule: a make-up day or a day off that is
    again what its weekday says.
    """

    year: int
    document_number: str | None
    holidays: tuple[Holiday, ...]
    make_up: tuple[MakeUp, ...]
    announced_on: date | None = None
    given_back: tuple[date, ...] = ()

    @cached_property
    def days(self) -> tuple[CalendarDay, ...]:
        """Every day that the notice names, in order."""
        named = [
            CalendarDay(day, False, holiday.name)
            for holiday in self.holidays
            for day in days_between(holiday.start, holiday.end)
        ]
        named += [CalendarDay(day, True, name) for day, name in self.make_up]
        named += [ordinary(day) for day in self.given_back]
        return tuple(sorted(named))

    @cached_property
    def arrangements(self) -> tuple[Arrangement, ...]:
        """The days of each holiday, in the order of its first day."""
        days: dict[str, tuple[list[date], list[date]]] = {}
        for day in self.days:
            if not day.given_back:
                days.setdefault(day.name, ([], []))[day.working].append(day.date)
        return tuple(Arrangement(name, tuple(off), tuple(on)) for name, (off, on) in days.items())

    @property
    def balance(self) -> int:
        """How many working days the schedule takes out of the year: weekdays off less make-up days.

        Of a year, this is the number of days that the law gives, unless an amendment gave more.
        """
        return sum(arrangement.balance for arrangement in self.arrangements)

    @cached_property
    def amends(self) -> bool:
        """Whether this changes the schedule of a year instead of giving the whole of it."""
        ends = [date(self.year, month, day) for month, day in WHOLE_YEAR]
        return not all(any(off.start <= day <= off.end for off in self.holidays) for day in ends)

    def amended_by(self, change: YearCalendar) -> YearCalendar:
        """This schedule with the days of a later notice in place of its own, and without those given back."""
        days = {day.date: day for day in self.days} | {day.date: day for day in change.days}
        for given_back in change.given_back:
            del days[given_back]
        numbers = [number for number in (self.document_number, change.document_number) if number]
        return replace(
            from_days(self.year, days.values()),
            document_number="；".join(dict.fromkeys(numbers)) or None,
            announced_on=change.announced_on,
        )

    def to_json(self) -> dict[str, Any]:
        """The shape that `load_calendar` prints: {"year", "days": [{"date", "working", "name"}]}."""
        return {
            "year": self.year,
            "days": [
                {"date": day.date.isoformat(), "working": day.working, "name": day.name} for day in self.days
            ],
        }


def days_between(start: date, end: date) -> list[date]:
    """Every day from `start` to `end`, both included."""
    return [date.fromordinal(ordinal) for ordinal in range(start.toordinal(), end.toordinal() + 1)]


def ordinary(day: date) -> CalendarDay:
    """The day as its weekday has it."""
    working = day.weekday() < SATURDAY
    return CalendarDay(day, working, WORKING_DAY if working else WEEKEND)


def from_days(year: int, days: Iterable[CalendarDay]) -> YearCalendar:
    """A schedule from single days; days off of one name that follow each other become one holiday."""
    holidays: list[Holiday] = []
    make_up: list[MakeUp] = []
    given_back: list[date] = []
    for day in sorted(days):
        if day.given_back:
            given_back.append(day.date)
        elif day.working:
            make_up.append(MakeUp(day.date, day.name))
        elif holidays and holidays[-1].name == day.name and holidays[-1].end + ONE_DAY == day.date:
            holidays[-1] = holidays[-1]._replace(end=day.date)
        else:
            holidays.append(Holiday(day.name, day.date, day.date))
    return YearCalendar(year, None, tuple(holidays), tuple(make_up), given_back=tuple(given_back))


def notices_of(table: Mapping[str, Any]) -> list[YearCalendar]:
    """The notices of one year file, the whole year's first; each later one amends it.

    Raises InputError with the path of the entry that cannot be used.
    """
    year = table.get("year")
    if type(year) is not int:
        raise InputError("year", "应写明年份，如 year = 2026")
    notices = table.get("notices")
    if not isinstance(notices, list) or not notices:
        raise InputError("notices", "应至少有一份放假安排通知")
    return [_notice(year, notice, f"notices[{index}]") for index, notice in enumerate(notices)]


def _notice(year: int, table: Any, path: str) -> YearCalendar:
    if not isinstance(table, dict):
        raise InputError(path, "应为一份通知的表")
    announced_on = table.get("announced_on")
    if announced_on is not None and type(announced_on) is not date:
        raise InputError(f"{path}.announced_on", "应为日期，如 2025-11-04")
    number = table.get("document_number")
    if number is not None and not isinstance(number, str):
        raise InputError(f"{path}.document_number", "应为文号，如 国办发明电〔2025〕7号")
    holidays = [Holiday(*each) for each in _entries(table, "holidays", ("name", "start", "end"), path)]
    make_up = [MakeUp(*each) for each in _entries(table, "make_up", ("date", "name"), path)]
    given_back = table.get("given_back", [])
    if not isinstance(given_back, list) or any(type(day) is not date for day in given_back):
        raise InputError(f"{path}.given_back", "应为日期的列表，如 [2026-05-09]")
    return YearCalendar(year, number, tuple(holidays), tuple(make_up), announced_on, tuple(given_back))


def _entries(table: dict[str, Any], name: str, keys: tuple[str, ...], path: str) -> list[list[Any]]:
    entries = table.get(name, [])
    if not isinstance(entries, list):
        raise InputError(f"{path}.{name}", f"应为含 {'、'.join(keys)} 的表的列表")
    return [_fields(entry, keys, f"{path}.{name}[{index}]") for index, entry in enumerate(entries)]


def _fields(entry: Any, keys: tuple[str, ...], path: str) -> list[Any]:
    if not isinstance(entry, dict):
        raise InputError(path, f"应为含 {'、'.join(keys)} 的表")
    for key in keys:
        wanted = str if key == "name" else date
        if type(entry.get(key)) is not wanted:
            raise InputError(f"{path}.{key}", "应为名称" if wanted is str else "应为日期，如 2026-01-04")
    return [entry[key] for key in keys]


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


@cache
def shipped_notices() -> tuple[YearCalendar, ...]:
    """Every notice of the year files, by year and then in the order of announcement."""
    files = sorted(CALENDARS.glob("[0-9][0-9][0-9][0-9].toml"))
    return tuple(notice for file in files for notice in notices_of(_read(file)))


def years_known_on(known_on: date | None = None) -> dict[int, YearCalendar]:
    """The schedules announced by the end of `known_on` (all of them when None), by year.

    A notice whose own date is not confirmed counts as announced on the first day of its year.
    """
    years: dict[int, YearCalendar] = {}
    for notice in shipped_notices():
        announced_on = notice.announced_on or date(notice.year, 1, 1)
        if known_on is not None and announced_on > known_on:
            continue
        whole = years.get(notice.year)
        years[notice.year] = notice if whole is None else whole.amended_by(notice)
    return years


@cache
def _statutory() -> dict[str, Any]:
    return _read(CALENDARS / "statutory.toml")


@cache
def statutory_range() -> tuple[int, int]:
    """The first and the last year whose statutory days can be told."""
    years = [entry["year"] for entry in _statutory()["festivals"]]
    return min(years), max(years)


def statutory_days(year: int, known_on: date | None = None) -> dict[date, str]:
    """The days off that the law itself gives in `year`, with their names, without any exchange of weekends.

    The Regulation on Public Holidays as it stood on `known_on` (as it stands when None) decides. Weekends
    that it would have made up for are left out: where they fall is for the notice to say, and a deadline
    that comes out a day early is met in time, one a day late is not.
    """
    festivals = next((entry for entry in _statutory()["festivals"] if entry["year"] == year), None)
    if festivals is None:
        first, last = statutory_range()
        raise InputError("year", f"{year}年的法定节日不在日历内，日历覆盖{first}年至{last}年")
    days: dict[date, str] = {}
    for holiday in _regulated(year, known_on):
        anchor = date(year, *holiday["on"]) if "on" in holiday else festivals[holiday["festival"]]
        for offset in holiday["offsets"]:
            day = anchor + timedelta(days=offset)
            days[day] = f"{days[day]}、{holiday['name']}" if day in days else holiday["name"]
    return days


def statutory_numbers(year: int) -> dict[str, int]:
    """How many days off the law gives for each holiday, those on a weekend or another holiday included.

    Such days are made up, so that in the schedule of a whole year the weekdays off are more than the make-up
    days by exactly the sum.
    """
    return {holiday["name"]: len(holiday["offsets"]) for holiday in _regulated(year, None)}


def _regulated(year: int, known_on: date | None) -> list[dict[str, Any]]:
    """The holidays of the Regulation on Public Holidays that is in effect in `year`, as it stood on `known_on`."""
    regulations = [
        entry
        for entry in _statutory()["regulations"]
        if entry["effective_from"].year <= year and (known_on is None or entry["announced_on"] <= known_on)
    ]
    holidays: list[dict[str, Any]] = regulations[-1]["holidays"]
    return holidays
