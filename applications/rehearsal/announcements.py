"""The changes of the calendar that are published while a rehearsal runs.

They are made up, in the form of real ones: a year's notice that comes late, an amendment in the middle of the
year, and the closure of one city for a storm. What is composed here is handed in as text and read by the portal
as any notice is; the journal keeps the days as they were meant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from rules.calendar_years import statutory_days
from rules.day_words import WEEKDAYS


@dataclass(frozen=True)
class Holiday:
    name: str
    first: date
    last: date
    make_up: tuple[date, ...] = ()

    def days(self) -> dict[date, bool]:
        length = (self.last - self.first).days + 1
        off = {self.first + timedelta(days=n): False for n in range(length)}
        return off | dict.fromkeys(self.make_up, True)

    def text(self) -> str:
        """元旦：1月1日（周五）至4日（周一）放假调休，共4天。1月9日（周六）上班。"""
        length = (self.last - self.first).days + 1
        span = _day(self.first) + (f"至{_day(self.last)}" if length > 1 else "")
        worked = "、".join(_day(day) for day in self.make_up)
        return f"{self.name}：{span}放假，共{length}天。" + (f"{worked}上班。" if worked else "")


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


@dataclass(frozen=True)
class Announcement:
    """A notice, published and put into effect on the evening of a day."""

    year: int
    holidays: tuple[Holiday, ...]
    whole: bool

    def text(self) -> str:
        numerals = "一二三四五六七八九"
        title = "部分节假日安排" if self.whole else "放假安排"
        items = [f"{numerals[n]}、{holiday.text()}" for n, holiday in enumerate(self.holidays)]
        verb = "关于" if self.whole else "关于调整"
        return "\n".join([f"国务院办公厅{verb}{self.year}年{title}的通知", *items, ""])

    def days(self) -> dict[date, bool]:
        return {day: working for holiday in self.holidays for day, working in holiday.days().items()}


# The one that comes late: on the third working day before its year begins, so that running clocks move.
LATE_NOTICE_ON = date(2026, 12, 28)
LATE_NOTICE = Announcement(
    2027,
    (
        Holiday("元旦", date(2027, 1, 1), date(2027, 1, 4), (date(2027, 1, 9),)),
        Holiday("春节", date(2027, 2, 5), date(2027, 2, 11), (date(2027, 2, 20),)),
        Holiday("清明节", date(2027, 4, 3), date(2027, 4, 5)),
        Holiday("劳动节", date(2027, 5, 1), date(2027, 5, 5), (date(2027, 5, 8),)),
        Holiday("端午节", date(2027, 6, 9), date(2027, 6, 9)),
        Holiday("中秋节", date(2027, 9, 15), date(2027, 9, 15)),
        Holiday("国庆节", date(2027, 10, 1), date(2027, 10, 7), (date(2027, 9, 26), date(2027, 10, 9))),
    ),
    whole=True,
)


def amendment(on: date, is_working: Callable[[date], bool]) -> Announcement:
    """The second working day after ``on`` is given off; the next free weekend day is worked for it.

    No day that the law itself gives off is worked.
    """
    ahead = [on + timedelta(days=n) for n in range(1, 30)]
    statutory = statutory_days(on.year)
    off = [day for day in ahead if is_working(day)][1]
    worked = next(
        day
        for day in ahead
        if day > off and day.weekday() >= 5 and not is_working(day) and day not in statutory
    )
    return Announcement(off.year, (Holiday("纪念日", off, off, (worked,)),), whole=False)


def storm(on: date, is_working: Callable[[date], bool]) -> date:
    """The next working day after ``on``: offices of the city stay closed."""
    return next(day for n in range(1, 30) if is_working(day := on + timedelta(days=n)))
