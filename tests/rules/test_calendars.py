"""The year files and the statutory days, against sources that are not this project's."""

import tomllib
from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar.constants import Holiday as ChineseCalendarHoliday
from holidays.calendars.chinese import _ChineseLunisolar

from rules.calendar_years import (
    CALENDARS,
    days_between,
    shipped_notices,
    statutory_days,
    statutory_range,
    years_known_on,
)
from rules.errors import InputError
from rules.workdays import shipped_calendar

YEARS = range(2004, 2027)

# The State Council's schedules as a person copied them down: days off, then make-up working days.
# 2020 is with the extension of the Spring Festival.
SCHEDULES = {
    2020: (
        "1/1 1/24-2/2 4/4-4/6 5/1-5/5 6/25-6/27 10/1-10/8",
        "1/19 4/26 5/9 6/28 9/27 10/10",
    ),
    2021: (
        "1/1-1/3 2/11-2/17 4/3-4/5 5/1-5/5 6/12-6/14 9/19-9/21 10/1-10/7",
        "2/7 2/20 4/25 5/8 9/18 9/26 10/9",
    ),
    2022: (
        "1/1-1/3 1/31-2/6 4/3-4/5 4/30-5/4 6/3-6/5 9/10-9/12 10/1-10/7",
        "1/29 1/30 4/2 4/24 5/7 10/8 10/9",
    ),
    2023: (
        "12/31-1/2 1/21-1/27 4/5 4/29-5/3 6/22-6/24 9/29-10/6",
        "1/28 1/29 4/23 5/6 6/25 10/7 10/8",
    ),
    2024: (
        "1/1 2/10-2/17 4/4-4/6 5/1-5/5 6/10 9/15-9/17 10/1-10/7",
        "2/4 2/18 4/7 4/28 5/11 9/14 9/29 10/12",
    ),
    2025: ("1/1 1/28-2/4 4/4-4/6 5/1-5/5 5/31-6/2 10/1-10/8", "1/26 2/8 4/27 9/28 10/11"),
    2026: (
        "1/1-1/3 2/15-2/23 4/4-4/6 5/1-5/5 6/19-6/21 9/25-9/27 10/1-10/7",
        "1/4 2/14 2/28 5/9 9/20 10/10",
    ),
}


def listed(year: int, written: str) -> list[date]:
    days: list[date] = []
    for part in written.split():
        ends = [date(year, *map(int, end.split("/"))) for end in part.split("-")]
        if ends[0] > ends[-1]:
            ends[0] = ends[0].replace(year=year - 1)
        days += days_between(ends[0], ends[-1])
    return days


@pytest.mark.parametrize("year", SCHEDULES)
def test_the_schedules_of_recent_years(year):
    off, make_up = (listed(year, part) for part in SCHEDULES[year])
    days = years_known_on()[year].days
    assert [day.date for day in days if not day.working] == off
    assert [day.date for day in days if day.working] == make_up


def test_one_file_a_year_from_2004_to_2026():
    assert sorted(path.stem for path in CALENDARS.glob("2*.toml")) == [str(year) for year in YEARS]
    assert list(years_known_on()) == list(YEARS) == list(shipped_calendar().official_years)


@pytest.mark.parametrize(
    ("year", "number", "announced_on"),
    [
        (2006, "国办发明电〔2005〕35号", "2005-12-16"),
        (2010, "国办发明电〔2009〕27号", "2009-12-07"),
        (2013, "国办发明电〔2012〕33号", "2012-12-08"),
        (2015, "国办发明电〔2014〕28号；国发明电〔2015〕1号", "2015-05-13"),
        (2019, "国办发明电〔2018〕15号；国办发明电〔2019〕3号", "2019-03-22"),
        (2020, "国办发明电〔2019〕16号；国办发明电〔2020〕1号", "2020-01-26"),
        (2021, "国办发明电〔2020〕27号", "2020-11-25"),
        (2022, "国办发明电〔2021〕11号", "2021-10-25"),
        (2023, "国办发明电〔2022〕16号", "2022-12-08"),
        (2024, "国办发明电〔2023〕7号", "2023-10-25"),
        (2025, "国办发明电〔2024〕12号", "2024-11-12"),
        (2026, "国办发明电〔2025〕7号", "2025-11-04"),
    ],
)
def test_the_notices_are_named_and_dated(year, number, announced_on):
    schedule = years_known_on()[year]
    assert schedule.document_number == number
    assert schedule.announced_on == date.fromisoformat(announced_on)


def test_what_is_not_confirmed_says_so():
    """A number is given only where it was found; otherwise the entry is marked and says what is missing."""
    unconfirmed = set()
    for year in YEARS:
        for notice in tomllib.loads((CALENDARS / f"{year}.toml").read_text(encoding="utf-8"))["notices"]:
            assert notice["confirmed"] == ("document_number" in notice)
            if not notice["confirmed"]:
                unconfirmed.add(year)
                assert "not found" in notice["note"] or "was found" in notice["note"]
    assert unconfirmed == {2004, 2005, 2008}


def test_every_make_up_day_is_a_weekend_and_no_day_is_told_twice():
    for notice in shipped_notices():
        assert all(day.weekday() >= 5 for day, _ in notice.make_up)
        days = [day.date for day in notice.days]
        assert len(days) == len(set(days))


def test_the_holiday_of_each_day_off_is_the_one_that_chinesecalendar_names():
    """Of two that a notice joins ("国庆节、中秋节") the library names one; a weekend beside one it names too."""
    chinese = {holiday.value: holiday.chinese for holiday in ChineseCalendarHoliday}
    calendar = shipped_calendar()
    for day, english in chinese_calendar.constants.holidays.items():
        reason = calendar.day(day).reason
        assert chinese[english] in reason or (reason == "周末" and day.weekday() >= 5), day


# Statutory days


def test_the_festivals_agree_with_another_table():
    other = _ChineseLunisolar()
    # The regulation of 1999 had none of these three.
    for year in range(2008, statutory_range()[1] + 1):
        days = statutory_days(year)
        assert _days_named(days, "清明节") == [other.qingming_date(year)[0]]
        assert _days_named(days, "端午节") == [other.dragon_boat_date(year)[0]]
        assert _days_named(days, "中秋节") == [other.mid_autumn_date(year)[0]]


def test_the_spring_festival_under_each_regulation():
    """Of 1999: its first three days; of 2007: from the eve; of 2013: without the eve; of 2024: four days."""
    other = _ChineseLunisolar()
    for year, offsets in [(2005, (0, 1, 2)), (2010, (-1, 0, 1)), (2016, (0, 1, 2)), (2030, (-1, 0, 1, 2))]:
        new_year = other.lunar_new_year_date(year)[0]
        assert _days_named(statutory_days(year), "春节") == [new_year + timedelta(n) for n in offsets]


def _days_named(days: dict[date, str], name: str) -> list[date]:
    return sorted(day for day, named in days.items() if name in named)


def test_two_festivals_on_one_day_are_both_named():
    # Mid-Autumn falls on National Day in 2031.
    assert statutory_days(2031)[date(2031, 10, 1)] == "中秋节、国庆节"


def test_the_statutory_days_were_days_off_in_every_published_year():
    calendar = shipped_calendar()
    for year in YEARS:
        assert not [day for day in statutory_days(year) if calendar.is_working(day)]


def test_a_year_without_festivals_is_refused():
    with pytest.raises(InputError, match="2036年的法定节日不在日历内，日历覆盖2004年至2035年"):
        statutory_days(2036)
