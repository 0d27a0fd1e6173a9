"""One holiday's part of a notice: the days that it gives, and what it claims about them as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from rules.calendar_years import ONE_DAY, SATURDAY, YearCalendar, days_between
from rules.notice_checks import NoticeError, Off, On, told

# In every notice since 2004 a make-up day is at most 11 days from its holiday; far off, the month is wrong.
FARTHEST_MAKE_UP = 21
# The name of a holiday that has none.
UNNAMED = "放假"
HOLIDAY_NAMES = {
    "元旦": "元旦",
    "新年": "元旦",
    "春节": "春节",
    "清明": "清明节",
    "劳动节": "劳动节",
    "五一": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "国庆": "国庆节",
    "十一": "国庆节",
}


@dataclass
class Item:
    """The statements and claims of one item. Every `place` and claim keeps where it stands in the notice.

    `moved` are rest days and the days off that they are moved to (公休日调至), `rests` days that are said to be
    off without being given (照常公休、不再上班), `resumes` the days from which work goes on (起正常上班), `totals`
    the lengths (共3天). `sized` says that the holiday's own length stands beside the total ("放假1天，共3天"), so
    that the total may count the weekend. `extends` says that the days are added to a holiday in force.
    """

    name: str
    place: str
    named: bool = False
    offs: list[Off] = field(default_factory=list)
    ons: list[On] = field(default_factory=list)
    moved: list[tuple[list[date], list[date], str]] = field(default_factory=list)
    rests: list[tuple[date, str]] = field(default_factory=list)
    resumes: list[tuple[date, str]] = field(default_factory=list)
    totals: list[tuple[int, str]] = field(default_factory=list)
    unexchanged: str | None = None
    with_weekend: str | None = None
    sized: bool = False
    extends: bool = False

    def off_days(self) -> set[date]:
        return {day for off in self.offs for day in days_between(off.start, off.end)}

    def shares_name(self, name: str) -> bool:
        """Whether the item and `name` have a holiday in common ("国庆节、中秋节" and 国庆节)."""
        return not set(self.name.split("、")).isdisjoint(name.split("、"))

    def replaced(self, current: YearCalendar) -> list[date]:
        """The days of the schedule in force that the item takes the place of: all of the same holiday.

        Two commemorations of one name far apart are two.
        """
        off_days = self.off_days()
        if self.extends or not off_days:
            return []
        return [
            day.date
            for day in current.days
            if self.shares_name(day.name) and _distance(day.date, off_days) <= FARTHEST_MAKE_UP
        ]

    def _adopt(self, current: YearCalendar) -> None:
        """A holiday without a name is the one in force on its days off."""
        off_days = self.off_days()
        names = dict.fromkeys(day.name for day in current.days if not day.working and day.date in off_days)
        if self.name == UNNAMED and names:
            self.name = "、".join(names)
            self.offs = [off._replace(name=self.name) for off in self.offs]
            self.ons = [on._replace(name=self.name) for on in self.ons]

    def settle(self, current: YearCalendar | None) -> None:
        """Turn the rest days moved away into working days and refuse what contradicts the days off."""
        if current is not None:
            self._adopt(current)
        off_days = self.off_days()
        # Only a schedule in force can be changed by days of work or rest alone.
        changes = current is not None and (self.ons or self.rests)
        if not off_days and (self.named or self.ons) and not changes:
            raise NoticeError(self.place, f"{self.name}没有写明放假日期")
        for sources, targets, place in self.moved:
            for day in targets:
                if day not in off_days:
                    raise NoticeError(place, f"公休日调至{told(day)}，这一天却不在{self.name}放假之内", day)
            for day in sources:
                if day.weekday() < SATURDAY:
                    raise NoticeError(place, f"{told(day)}不是周末，没有公休日可调", day)
                if day not in off_days:
                    self.ons.append(On(self.name, day, place))
        # The same day may be told twice, as the rest day moved away and as the day worked.
        self.ons = list({on.date: on for on in reversed(self.ons)}.values())[::-1]
        near = off_days or {day.date for day in (current.days if current else ()) if not day.working}
        for _, worked, place in self.ons:
            if near and _distance(worked, near) > FARTHEST_MAKE_UP:
                raise NoticeError(place, f"{told(worked)}上班离{self.name}太远，请核对月份", worked)
        for day, place in self.rests:
            if day not in off_days and (day.weekday() < SATURDAY or any(on.date == day for on in self.ons)):
                raise NoticeError(place, f"{told(day)}写明休息，却不在{self.name}放假之内", day)
        if self.unexchanged and self.ons:
            day = self.ons[0].date
            raise NoticeError(self.unexchanged, f"{self.name}写明不调休，却安排{told(day)}上班", day)
        self._check_lengths(off_days)

    def _check_lengths(self, off_days: set[date]) -> None:
        if not off_days:
            return
        first = min(off_days)
        rest = _run(off_days, {on.date for on in self.ons})
        if self.with_weekend and len(rest) == len(off_days) and not any(map(_is_weekend, off_days)):
            raise NoticeError(self.with_weekend, f"{told(first)}写明与周末连休，却不与周末相连", first)
        joined = self.with_weekend is not None or self.sized
        for days, place in self.totals:
            if days == len(off_days) or (joined and days == len(rest)):
                continue
            last = max(off_days)
            raise NoticeError(
                place,
                f"{self.name}写明共{days}天，{told(first)}至{told(last)}放假却是{len(off_days)}天",
                first,
            )


def plain_name(name: str) -> str:
    """The usual name of a holiday or of several: "五一国际劳动节" is 劳动节."""
    plain = []
    for part in re.split(r"[、和及与](?=" + "|".join(HOLIDAY_NAMES) + ")", name):
        known = (usual for key, usual in HOLIDAY_NAMES.items() if key in part and len(part) <= len(key) + 8)
        plain.append(next(known, part))
    return "、".join(dict.fromkeys(plain))


def _is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def _distance(day: date, days: set[date]) -> int:
    return min(abs((day - other).days) for other in days)


def _run(off_days: set[date], worked: set[date]) -> set[date]:
    """The days off together with the weekends that they touch."""
    run = set(off_days)
    for edge, step in ((min(off_days), -ONE_DAY), (max(off_days), ONE_DAY)):
        day = edge + step
        while _is_weekend(day) and day not in worked:
            run.add(day)
            day += step
    return run
