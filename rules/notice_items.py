"""One holiday's part of a notice: the days that it gives, and what it claims about them as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from rules.calendar_years import ONE_DAY, days_between
from rules.notice_checks import SATURDAY, NoticeError, Off, On, told

# In every notice since 2004 a make-up day is at most 11 days from its holiday; far off, the month is wrong.
FARTHEST_MAKE_UP = 21


@dataclass
class Item:
    """The statements and claims of one item. Every `place` and claim keeps where it stands in the notice.

    `moved` are rest days and the days off that they are moved to (公休日调至), `rests` days that are said to be
    off without being given (照常公休), `totals` the lengths (共3天). `sized` says that the holiday's own length
    stands beside the total ("放假1天，共3天"), so that the total may count the weekend.
    """

    name: str
    place: str
    named: bool = False
    offs: list[Off] = field(default_factory=list)
    ons: list[On] = field(default_factory=list)
    moved: list[tuple[list[date], list[date], str]] = field(default_factory=list)
    rests: list[tuple[date, str]] = field(default_factory=list)
    totals: list[tuple[int, str]] = field(default_factory=list)
    unexchanged: str | None = None
    with_weekend: str | None = None
    sized: bool = False

    def off_days(self) -> set[date]:
        return {day for off in self.offs for day in days_between(off.start, off.end)}

    def settle(self) -> None:
        """Turn the rest days moved away into working days and refuse what contradicts the days off."""
        off_days = self.off_days()
        if not off_days and (self.named or self.ons):
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
        for _, worked, place in self.ons:
            if min(abs((worked - day).days) for day in off_days) > FARTHEST_MAKE_UP:
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


def _is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def _run(off_days: set[date], worked: set[date]) -> set[date]:
    """The days off together with the weekends that they touch."""
    run = set(off_days)
    for edge, step in ((min(off_days), -ONE_DAY), (max(off_days), ONE_DAY)):
        day = edge + step
        while _is_weekend(day) and day not in worked:
            run.add(day)
            day += step
    return run
