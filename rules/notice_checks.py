"""What a holiday notice must not contradict: itself, the week, or the year that it arranges."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from rules.calendar_years import (
    Holiday,
    MakeUp,
    YearCalendar,
    days_between,
    statutory_days,
    statutory_range,
)
from rules.errors import InputError

SATURDAY = 5
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
) -> YearCalendar:
    """The schedule that the statements make together.

    Refuses, with the day, the reason and the place: a day outside the year (a notice may reach into the
    December before it), a day in two holidays, a day both off and worked, a make-up day given twice, a make-up
    day that is no weekend (unless `current`, the schedule being amended, had it off), and the schedule of a
    whole year that lacks a day off which the law gives.
    """
    if not offs:
        raise NoticeError(
            "放假安排", "没有找到任何放假日期，应为“元旦：1月1日至3日放假调休，共3天”一类的安排"
        )
    off_days = _off_days(year, offs)
    on_days: dict[date, On] = {}
    for on in ons:
        _check_year(year, on.date, on.place)
        if on.date in off_days:
            other = off_days[on.date]
            raise NoticeError(
                on.place, f"{told(on.date)}既安排上班，又在{other.name}放假之内（{other.place}）", on.date
            )
        if on.date in on_days:
            other_on = on_days[on.date]
            raise NoticeError(on.place, f"{told(on.date)}两次安排上班，另见{other_on.place}", on.date)
        if on.date.weekday() < SATURDAY and not _is_off(current, on.date):
            raise NoticeError(on.place, f"{told(on.date)}不是周末，本来就上班，不能再安排调休上班", on.date)
        on_days[on.date] = on
    schedule = YearCalendar(
        year,
        document_number,
        tuple(sorted((Holiday(off.name, off.start, off.end) for off in offs), key=lambda h: h.start)),
        tuple(sorted(MakeUp(on.date, on.name) for on in ons)),
        announced_on,
    )
    if not schedule.amends:
        _check_statutory(schedule)
    return schedule


def _check_statutory(schedule: YearCalendar) -> None:
    """Refuse a year's schedule in which a statutory holiday is worked: an item was lost or misread."""
    first, last = statutory_range()
    if not first <= schedule.year <= last:
        return
    told_days = {day.date: day.working for day in schedule.days}
    for day, name in sorted(statutory_days(schedule.year).items()):
        if told_days.get(day, day.weekday() < SATURDAY):
            raise NoticeError(
                "放假安排", f"{told(day)}是法定的{name}，安排中却没有放假，请核对是否漏了一条", day
            )


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
