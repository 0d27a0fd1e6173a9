"""The dates of a notice: which day is meant where the month or the year is left out, and whether it exists."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from rules.calendar_years import days_between
from rules.notice_checks import NoticeError, check_weekday, told
from rules.notice_items import Item
from rules.notice_passages import Passage

OCTOBER = 10
WEEKDAYS = "一二三四五六日天"
WEEKDAY = re.compile(rf"(?:星期|周|礼拜)([{WEEKDAYS}])")
NOTE = rf"(?:\([^()]*\)|(?:星期|周|礼拜)[{WEEKDAYS}])*"
DATE = rf"(?<![0-9])(?:(?:[0-9]{{4}}年)?[0-9]{{1,2}}月)?[0-9]{{1,2}}日{NOTE}"
PARTS = re.compile(r"(?:(?:([0-9]{4})年)?([0-9]{1,2})月)?([0-9]{1,2})日(.*)")
SPAN = re.compile(rf"(?P<start>{DATE})(?:起?(?:至|到|-+|~+)(?P<end>{DATE}))?")


class Span(NamedTuple):
    """A date or a range in a clause: where it begins, its first and its last day."""

    at: int
    start: date
    end: date

    @property
    def days(self) -> list[date]:
        return days_between(self.start, self.end)


class DateReader:
    """Reads the dates of the notice for `year` in their order; each may lean on the one before it."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.last_seen: date | None = None

    def forget(self) -> None:
        """A new item: its first date needs its own month."""
        self.last_seen = None

    def spans(self, clause: Passage, item: Item, within: bool) -> list[Span]:
        """The dates and ranges of a clause. `within` tells that it speaks of parts of the days off (其中)."""
        spans = []
        for found in SPAN.finditer(clause.text):
            place = clause.part(found.start()).place
            start = self._day(found["start"], place, item, within)
            end = start
            if found["end"]:
                end = self._day(found["end"], clause.part(found.start("end")).place, item, False)
            if end < start:
                raise NoticeError(place, f"{item.name}的止日{told(end)}早于起日{told(start)}", end)
            spans.append(Span(found.start(), start, end))
        return spans

    def _day(self, written: str, place: str, item: Item, within: bool) -> date:
        """The day that is meant: a missing month or year is that of the date before, or the notice's."""
        parts = PARTS.fullmatch(written)
        assert parts is not None
        if parts[2] is None:
            day = self._bare_day(int(parts[3]), place, item, within)
        else:
            month = int(parts[2])
            # New Year's Day may be joined by days of the December before.
            before = item.name == "元旦" and month >= OCTOBER
            day = existing(int(parts[1]) if parts[1] else self.year - before, month, int(parts[3]), place)
            if not self.year - 1 <= day.year <= self.year:
                raise NoticeError(place, f"{told(day)}不属于{self.year}年的安排", day)
        stated = WEEKDAY.search(parts[4])
        if stated:
            check_weekday(day, WEEKDAYS.index(stated[1].replace("天", "日")), place)
        self.last_seen = day
        return day

    def _bare_day(self, number: int, place: str, item: Item, within: bool) -> date:
        """A day without its month: in the month of the date before it. Within the days off just given
        ("1月29日—2月4日放假，其中29日、30日") it is the one of them.
        """
        if self.last_seen is None:
            raise NoticeError(place, f"“{number}日”没有写明月份")
        inside = [day for day in item.off_days() if day.day == number] if within else []
        if inside and all(day.month != self.last_seen.month for day in inside):
            return min(inside)
        return existing(self.last_seen.year, self.last_seen.month, number, place)


def existing(year: int, month: int, day: int, place: str) -> date:
    """The date. Raises NoticeError where the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        raise NoticeError(place, f"没有{year}年{month}月{day}日这一天") from None


def gaps(clause: str) -> list[str]:
    """What stands between each date of a clause and the next."""
    return [clause[one.end() : next_one.start()] for one, next_one in pairwise(SPAN.finditer(clause))]
