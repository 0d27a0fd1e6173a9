"""What a holiday notice must not contradict: itself, the week, or the year that it arranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from rules.calendar_years import (
    SATURDAY,
    CalendarDay,
    Holiday,
    MakeUp,
    YearCalendar,
    days_between,
    ordinary,
    statutory_days,
    statutory_numbers,
    statutory_range,
)
from rules.errors import InputError

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
DECEMBER = 12


class NoticeError(InputError):
    """A notice that cannot be used: `path` is the place in it, `day` the day concerned where there is one."""

    def __init__(self, path: str, expected: str, day: date | None = None) -> None:
        self.day = day
        super().__init__(path, expected)


class Off(NamedTuple):
    """The statement that `start` to `end` are days off; `place` is where it stands ("第6行")."""

    name: str
    start: date
    end: date
    place: str


class On(NamedTuple):
    """The statement that `date` is a working day."""

    name: str
    date: date
    place: str


def told(day: date) -> str:
    """A day as the messages name it: "2026-01-04（星期日）"."""
    return f"{day.isoformat()}（{WEEKDAYS[day.weekday()]}）"


def check_weekday(day: date, stated: int, place: str) -> None:
    """Refuse a day whose stated weekday (Monday 0) is not its own."""
    if day.weekday() != stated:
        raise NoticeError(place, f"{told(day)}被写成{WEEKDAYS[stated]}，请核对日期和星期", day)


def assemble(
    year: int,
    document_number: str | None,
    announced_on: date | None,
    offs: list[Off],
    ons: list[On],
    current: YearCalendar | None = None,
    given_back: Iterable[date] = (),
) -> YearCalendar:
    """The schedule that the statements make together. `current` is the schedule in force, which it may amend.

    `given_back` are the days that an amendment takes out of `current`. A weekday off that is worked again is
    one of them, and so is a weekend off by the name of 周末.

    Refuses, with the day, the reason and the place: a day outside the year (a notice may reach into the
    December before it), a day in two holidays, a day both off and worked, a make-up day given twice, a make-up
    day that is no weekend (unless `current` had it off), a schedule that lacks a day off which the law gives,
    and one of a whole year that gives more or fewer working days off than the law.
    """
    off_days = _off_days(year, offs)
    on_days = _on_days(year, ons, off_days, current)
    if not off_days and not (current and (on_days or given_back)):
        raise NoticeError(
            "放假安排", "没有找到任何放假日期，应为“元旦：1月1日至3日放假调休，共3天”一类的安排"
        )
    days = [CalendarDay(day, False, off.name) for day, off in off_days.items()]
    days += [CalendarDay(day, True, on.name) for day, on in on_days.items()]
    days += [ordinary(day) for day in given_back if day not in off_days and day not in on_days]
    plain = {day.date for day in days if day.given_back}
    schedule = YearCalendar(
        year,
        document_number,
        tuple(sorted((Holiday(*off[:3]) for off in offs if off.start not in plain), key=lambda h: h.start)),
        tuple(sorted(MakeUp(on.date, on.name) for on in ons if on.date not in plain)),
        announced_on,
        tuple(sorted(plain)),
    )
    if not schedule.amends:
        schedule = replace(schedule, given_back=())
        _check_statutory(schedule, "安排中却没有放假，请核对是否漏了一条")
        _check_number(schedule, current)
    elif current is not None:
        _check_statutory(current.amended_by(schedule), "调整后却没有放假，请写明调整后的全部放假日期")
    return schedule


def _check_statutory(schedule: YearCalendar, found: str) -> None:
    """Refuse a year's schedule in which a statutory holiday is worked: an item was lost or misread."""
    first, last = statutory_range()
    if not first <= schedule.year <= last:
        return
    told_days = {day.date: day.working for day in schedule.days}
    for day, name in sorted(statutory_days(schedule.year).items()):
        if told_days.get(day, ordinary(day).working):
            raise NoticeError("放假安排", f"{told(day)}是法定的{name}，{found}", day)


def _check_number(schedule: YearCalendar, current: YearCalendar | None) -> None:
    """Refuse a year's schedule that gives more or fewer working days off than the law: a day was lost.

    A holiday without any statutory day is a gift of its own and does not count. A table of the year in force
    may give what that year gives with its amendments.
    """
    statutory = statutory_days(schedule.year)
    numbers = statutory_numbers(schedule.year)
    counted = [
        arrangement
        for arrangement in schedule.arrangements
        if not arrangement.off or not statutory.keys().isdisjoint(arrangement.off)
    ]
    balance = sum(arrangement.balance for arrangement in counted)
    lawful = sum(numbers.values())
    if balance == lawful or (current is not None and schedule.balance == current.balance):
        return
    make_up = sum(len(arrangement.make_up) for arrangement in counted)
    # In most years each holiday is even by itself, so one that is not is where to look.
    odd = [
        arrangement
        for arrangement in counted
        if arrangement.off
        and arrangement.balance != sum(numbers.get(name, 0) for name in arrangement.name.split("、"))
    ]
    look = "、".join(f"{told(arrangement.off[0])}起的{arrangement.name}" for arrangement in odd)
    raise NoticeError(
        "放假安排",
        f"放假的工作日{balance + make_up}天减去调休上班{make_up}天是{balance}天，法定放假却是{lawful}天，"
        f"请核对{look or '放假'}和调休上班日期",
        odd[0].off[0] if odd else None,
    )


def _on_days(
    year: int, ons: list[On], off_days: dict[date, Off], current: YearCalendar | None
) -> dict[date, On]:
    days: dict[date, On] = {}
    for on in ons:
        _check_year(year, on.date, on.place)
        if on.date in off_days:
            other = off_days[on.date]
            raise NoticeError(
                on.place, f"{told(on.date)}既安排上班，又在{other.name}放假之内（{other.place}）", on.date
            )
        if on.date in days:
            raise NoticeError(on.place, f"{told(on.date)}两次安排上班，另见{days[on.date].place}", on.date)
        if on.date.weekday() < SATURDAY and not _is_off(current, on.date):
            raise NoticeError(on.place, f"{told(on.date)}不是周末，本来就上班，不能再安排调休上班", on.date)
        days[on.date] = on
    return days


def _off_days(year: int, offs: list[Off]) -> dict[date, Off]:
    days: dict[date, Off] = {}
    for off in offs:
        if off.end < off.start:
            raise NoticeError(off.place, f"{off.name}的止日{told(off.end)}早于起日{told(off.start)}", off.end)
        _check_year(year, off.start, off.place)
        _check_year(year, off.end, off.place)
        for day in days_between(off.start, off.end):
            if day in days:
                other = days[day]
                raise NoticeError(
                    off.place,
                    f"{told(day)}既在{off.name}放假之内，又在{other.name}放假之内（{other.place}）",
                    day,
                )
            days[day] = off
    return days


def _check_year(year: int, day: date, place: str) -> None:
    if day.year != year and (day.year, day.month) != (year - 1, DECEMBER):
        raise NoticeError(place, f"{told(day)}不属于{year}年的安排", day)


def _is_off(current: YearCalendar | None, day: date) -> bool:
    return current is not None and any(named.date == day and not named.working for named in current.days)
