"""Periods of months and years under the Civil Code, Articles 200 to 204.

The first day does not count (201). A period of months or years ends with the corresponding day of its last
month, or with the end of that month where it has no such day (202). The last day counts until its end (203),
so a period is over on the day after. The move of a last day that is a public holiday (203) helps a person
who must act in time; a period that must pass before one may act is not lengthened by it (204).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)
DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Distinct (start, length) pairs in use: a few lengths for each day of some decades.
CACHE_SIZE = 1 << 16


def _length_of_month(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else DAYS_IN_MONTH[month - 1]


def _corresponding_day(start: date, months: int) -> date:
    if months < 0:
        raise ValueError("a period cannot be negative")
    year, month_index = divmod(start.year * 12 + start.month - 1 + months, 12)
    month = month_index + 1
    return date(year, month, min(start.day, _length_of_month(year, month)))


@lru_cache(maxsize=CACHE_SIZE)
def add_months(start: date, months: int) -> date:
    """The last day of a period of `months` months that begins on `start` (Civil Code 201, 202).

    Raises ValueError for a negative length and for a result outside the calendar.
    """
    return _corresponding_day(start, months)


def add_years(start: date, years: int) -> date:
    """The last day of a period of `years` years that begins on `start`."""
    return add_months(start, 12 * years)


def last_day(start: date, amount: int, unit: str) -> date:
    """The last day of a period of `amount` "months" or "years" from `start`."""
    if unit == "months":
        return add_months(start, amount)
    if unit == "years":
        return add_months(start, 12 * amount)
    raise ValueError(f"a period is counted in months or years, not in {unit!r}")


def first_day_after(start: date, amount: int, unit: str) -> date:
    """The first day on which a period of `amount` "months" or "years" from `start` is over."""
    return last_day(start, amount, unit) + ONE_DAY
