"""How long clocks took, in working days: counted between two days, and the rank of many such numbers."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache

from applications.calendars.in_force import in_force


def working_days_between() -> Callable[[str, date, date], int]:
    """``(region, start, end)`` → working days from the day after ``start`` to ``end``; each is worked out once."""
    calendars = in_force()

    @cache
    def between(region: str, start: date, end: date) -> int:
        return calendars.of(region).count(start, end)

    return between


def rank(spans: Counter[int], percent: int) -> int | None:
    """Nearest rank: the least number of days within which so many per cent were done. None of none."""
    needed = -(-percent * spans.total() // 100)
    if not needed:
        return None
    reached = 0
    for days in sorted(spans):
        reached += spans[days]
        if reached >= needed:
            return days
    raise AssertionError("the counts do not add up")
