"""Periods of the Civil Code, Articles 200 to 204, with the days counted on a paper calendar."""

from datetime import date

import pytest

from rules.periods import add_months, add_years, first_day_after, last_day

CORRESPONDING_DAYS = [
    # Article 202: the corresponding day of the last month.
    ("2026-05-01", 3, "2026-08-01"),
    ("2026-08-23", 3, "2026-11-23"),
    ("2026-10-15", 3, "2027-01-15"),
    ("2026-12-31", 1, "2027-01-31"),
    ("2026-11-30", 1, "2026-12-30"),
    ("2026-12-01", 12, "2027-12-01"),
    ("2026-05-01", 0, "2026-05-01"),
    # No corresponding day: the end of the month.
    ("2026-01-31", 3, "2026-04-30"),
    ("2026-08-31", 6, "2027-02-28"),
    ("2026-08-30", 6, "2027-02-28"),
    ("2026-08-29", 6, "2027-02-28"),
    ("2026-08-28", 6, "2027-02-28"),
    ("2025-11-30", 3, "2026-02-28"),
    ("2026-05-31", 6, "2026-11-30"),
    ("2026-03-31", 3, "2026-06-30"),
    ("2026-07-31", 2, "2026-09-30"),
    # Leap years: every fourth, not the hundredth, but the four hundredth.
    ("2023-11-30", 3, "2024-02-29"),
    ("2024-02-29", 3, "2024-05-29"),
    ("1899-11-30", 3, "1900-02-28"),
    ("1999-11-30", 3, "2000-02-29"),
    ("2099-11-30", 3, "2100-02-28"),
    ("2024-02-29", 12, "2025-02-28"),
    ("2024-02-29", 48, "2028-02-29"),
]


@pytest.mark.parametrize("start, months, last", CORRESPONDING_DAYS)
def test_the_last_day_of_a_period_of_months(start, months, last):
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(last)


@pytest.mark.parametrize(
    "start, years, last",
    [("2024-02-29", 1, "2025-02-28"), ("2024-02-29", 4, "2028-02-29"), ("2023-11-20", 3, "2026-11-20")],
)
def test_the_last_day_of_a_period_of_years(start, years, last):
    assert add_years(date.fromisoformat(start), years) == date.fromisoformat(last)
    assert last_day(date.fromisoformat(start), years, "years") == date.fromisoformat(last)


def test_the_first_day_after_a_period():
    assert first_day_after(date(2026, 8, 23), 3, "months") == date(2026, 11, 24)
    assert first_day_after(date(2025, 11, 30), 3, "months") == date(2026, 3, 1)
    assert first_day_after(date(2024, 2, 29), 1, "years") == date(2025, 3, 1)
    assert first_day_after(date(2026, 10, 1), 3, "months") == date(2027, 1, 2)


def test_what_is_no_period_is_refused():
    with pytest.raises(ValueError, match=r"^a period cannot be negative$"):
        add_months(date(2026, 5, 1), -1)
    with pytest.raises(ValueError, match=r"^a period is counted in months or years, not in 'weeks'$"):
        last_day(date(2026, 5, 1), 3, "weeks")
    with pytest.raises(ValueError):
        add_years(date(9999, 1, 1), 1)
