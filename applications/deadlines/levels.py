"""Who is told when about a clock: one working day before it ends, on the day, after it, and on and on.

Pure dates: the same clock and calendar always give the same levels, so a missed sweep loses nothing.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import dropwhile, takewhile
from typing import NamedTuple

from applications.deadlines.models import Escalation
from rules.workdays import OutsideCalendar, WorkdayCalendar

ONE_DAY = timedelta(days=1)


class Step(NamedTuple):
    on: date
    level: str


def levels(calendar: WorkdayCalendar, started_on: date, due_on: date) -> Iterator[Step]:
    """The levels that a clock reaches while nobody stops it, in the order of their days. They have no end.

    There is no reminder on the very day on which the clock starts.
    """
    reminder = due_on - ONE_DAY
    while reminder > started_on and not calendar.is_working(reminder):
        reminder -= ONE_DAY
    if reminder > started_on:
        yield Step(reminder, Escalation.Level.REMINDER)
    yield Step(due_on, Escalation.Level.DUE)
    day = due_on + ONE_DAY
    yield Step(day, Escalation.Level.BREACH)
    while True:
        day = next_working_day(calendar, day)
        yield Step(day, Escalation.Level.DAILY)


def levels_between(
    calendar: WorkdayCalendar, started_on: date, due_on: date, first: date, last: date
) -> list[Step]:
    """The levels of the days from first to last, both included."""
    steps = dropwhile(lambda step: step.on < first, levels(calendar, started_on, due_on))
    return list(takewhile(lambda step: step.on <= last, steps))


def next_step(calendar: WorkdayCalendar, started_on: date, due_on: date, first: date) -> Step:
    """The first level on or after a day."""
    return next(step for step in levels(calendar, started_on, due_on) if step.on >= first)


def next_working_day(calendar: WorkdayCalendar, day: date) -> date:
    """The first working day after a day; where the calendar ends, the day after it."""
    try:
        return calendar.due_on(day, 1)
    except OutsideCalendar:
        return day + ONE_DAY
