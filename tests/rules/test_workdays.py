"""Working days: the worked examples, two independent libraries, and a counter that walks day by day."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar_years import CalendarDay, from_days
from rules.errors import InputError
from rules.workdays import (
    LocalClosure,
    OutsideCalendar,
    WorkdayCalendar,
    arranging_year,
    calendar_known_on,
    shipped_calendar,
)

CALENDAR = shipped_calendar()
FIRST = date(2004, 1, 1)
LAST_OFFICIAL = date(2026, 12, 31)
ONE_DAY = timedelta(days=1)
# The notice for 2006 (国办发明电〔2005〕35号): "12月31日（星期六）上班". chinesecalendar has it as a day off.
NEW_YEARS_EVE_2005 = date(2005, 12, 31)


def days_from(first: date, last: date) -> list[date]:
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


@pytest.fixture(scope="module")
def chinesecalendar_days() -> dict[date, bool]:
    return {day: chinese_calendar.is_workday(day) for day in days_from(FIRST, LAST_OFFICIAL)}


@pytest.fixture(scope="module")
def holidays_days() -> dict[date, bool]:
    china = holidays.country_holidays("CN", years=range(2003, 2027))
    return {day: china.is_working_day(day) for day in days_from(FIRST, LAST_OFFICIAL)}


# (start, then the deadline after 2, 3, 5 and 7 working days), worked out from the notices by hand.
EXAMPLES = [
    ("2020-09-29", "2020-10-09", "2020-10-10", "2020-10-13", "2020-10-15"),
    ("2026-02-12", "2026-02-14", "2026-02-24", "2026-02-26", "2026-02-28"),
    ("2026-04-30", "2026-05-07", "2026-05-08", "2026-05-11", "2026-05-13"),
    ("2026-09-24", "2026-09-29", "2026-09-30", "2026-10-09", "2026-10-12"),
    ("2026-09-30", "2026-10-09", "2026-10-10", "2026-10-13", "2026-10-15"),
    ("2026-11-20", "2026-11-24", "2026-11-25", "2026-11-27", "2026-12-01"),
    ("2026-12-31", "2027-01-05", "2027-01-06", "2027-01-08", "2027-01-12"),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[0])
def test_worked_examples(example):
    start, *expected = map(date.fromisoformat, example)
    assert [CALENDAR.due_on(start, n) for n in (2, 3, 5, 7)] == expected
    assert [CALENDAR.due(start, n).due_on for n in (2, 3, 5, 7)] == expected


def test_a_make_up_saturday_counts():
    assert CALENDAR.due_on(date(2026, 4, 30), 4) == date(2026, 5, 9)


def test_every_day_agrees_with_holidays(holidays_days):
    assert len(holidays_days) == 8401
    assert [day for day, working in holidays_days.items() if CALENDAR.is_working(day) != working] == []


def test_every_day_agrees_with_chinesecalendar_but_the_one_that_the_notice_decides(chinesecalendar_days):
    different = [day for day, working in chinesecalendar_days.items() if CALENDAR.is_working(day) != working]
    assert different == [NEW_YEARS_EVE_2005]
    assert CALENDAR.day(NEW_YEARS_EVE_2005).reason == "调休上班"


@pytest.mark.parametrize("length", [2, 3, 5, 7])
def test_every_deadline_agrees_with_both_libraries(length, chinesecalendar_days, holidays_days):
    """The deadline of every start, from each library's own days, as long as it falls within 2026."""
    for days, corrected in ((chinesecalendar_days, {NEW_YEARS_EVE_2005: True}), (holidays_days, {})):
        working = [day for day, works in (days | corrected).items() if works]
        position = 0
        for start in days:
            while position < len(working) and working[position] <= start:
                position += 1
            if position + length <= len(working):
                assert CALENDAR.due_on(start, length) == working[position + length - 1], start


def test_nth_working_day_of_holidays_itself():
    """A sample through the library's own function, not only its days."""
    china = holidays.country_holidays("CN", years=range(2004, 2027))
    for start in days_from(FIRST, date(2026, 12, 1))[::97]:
        assert CALENDAR.due_on(start, 7) == china.get_nth_working_day(start, 7), start


def slow_due_on(calendar: WorkdayCalendar, start: date, length: int) -> date:
    day = start
    while length:
        day += ONE_DAY
        length -= calendar.is_working(day)
    return day


STARTS = st.dates(FIRST, date(2034, 12, 31))
LENGTHS = st.integers(1, 60)


@given(start=STARTS, length=LENGTHS)
def test_the_lookup_agrees_with_counting_day_by_day(start, length):
    due_on = CALENDAR.due_on(start, length)
    assert due_on == slow_due_on(CALENDAR, start, length)
    assert CALENDAR.is_working(due_on)
    assert CALENDAR.count(start, due_on) == length


@given(start=STARTS, later=st.integers(0, 40), length=LENGTHS, longer=st.integers(1, 10))
def test_a_later_start_or_a_longer_period_is_never_due_earlier(start, later, length, longer):
    due_on = CALENDAR.due_on(start, length)
    assert CALENDAR.due_on(start + later * ONE_DAY, length) >= due_on
    assert CALENDAR.due_on(start, length + longer) > due_on


@given(start=STARTS, first=st.integers(1, 20), second=st.integers(1, 20))
def test_a_period_can_be_counted_in_two_parts(start, first, second):
    halfway = CALENDAR.due_on(start, first)
    assert CALENDAR.due_on(halfway, second) == CALENDAR.due_on(start, first + second)


@given(start=STARTS, length=st.integers(1, 30))
def test_the_explanation_lists_every_day_and_counts_to_the_length(start, length):
    due = CALENDAR.due(start, length)
    assert [day.date for day in due.days] == days_from(start + ONE_DAY, due.due_on)
    assert [day.counted for day in due.days if day.working] == list(range(1, length + 1))
    assert all(day.counted is None for day in due.days if not day.working)


def test_the_explanation_across_national_day():
    due = CALENDAR.due(date(2020, 9, 29), 3)
    lines = [(day.text, day.counted) for day in due.days]
    assert lines[0] == ("9月30日 周三 工作日", 1)
    assert lines[1] == ("10月1日 周四 国庆节、中秋节", None)
    assert lines[-2:] == [("10月9日 周五 工作日", 2), ("10月10日 周六 调休上班", 3)]
    assert CALENDAR.due(date(2026, 11, 20), 1).days[0].text == "11月21日 周六 周末"


def test_the_json_has_the_settled_shape():
    assert CALENDAR.due(date(2026, 11, 20), 2).to_json() == {
        "start": "2026-11-20",
        "working_days": 2,
        "due_on": "2026-11-24",
        "provisional": False,
        "days": [
            {"date": "2026-11-21", "working": False, "reason": "周末"},
            {"date": "2026-11-22", "working": False, "reason": "周末"},
            {"date": "2026-11-23", "working": True, "reason": "工作日"},
            {"date": "2026-11-24", "working": True, "reason": "工作日"},
        ],
    }


def test_the_explanation_for_pages_adds_weekday_and_count():
    assert CALENDAR.due(date(2026, 11, 20), 1).explain()["days"][-1] == {
        "date": "2026-11-23",
        "weekday": "周一",
        "working": True,
        "reason": "工作日",
        "counted": 1,
        "text": "11月23日 周一 工作日",
    }


# Years without a notice


def test_a_deadline_that_reaches_an_unpublished_year_is_provisional():
    # Seven working days from Wednesday 2026-12-23: 24, 25, 28 to 31 December, and Monday 4 January.
    reaching = CALENDAR.due(date(2026, 12, 23), 7)
    assert reaching.provisional and reaching.due_on == date(2027, 1, 4)
    assert CALENDAR.due(date(2026, 12, 31), 2).provisional
    assert CALENDAR.provisional(date(2027, 1, 4))


def test_the_last_days_of_december_wait_for_the_next_years_notice():
    """The notice for 2019 made Saturday 29 December 2018 a working day and Monday the 31st a day off."""
    # Tuesday 15 December 2026: 16, 17, 18, 21, 22, 23 December; the seventh is Thursday the 24th.
    before, on = CALENDAR.due(date(2026, 12, 15), 6), CALENDAR.due(date(2026, 12, 15), 7)
    assert (before.due_on, before.provisional) == (date(2026, 12, 23), False)
    assert (on.due_on, on.provisional) == (date(2026, 12, 24), True)
    # Whose notice it is that may move a day.
    assert [arranging_year(date(2026, 12, day)) for day in (23, 24, 31)] == [2026, 2027, 2027]
    assert arranging_year(date(2027, 1, 5)) == 2027
    assert not CALENDAR.provisional(date(2026, 12, 23)) and CALENDAR.provisional(date(2026, 12, 24))
    published = CALENDAR.with_year(notice_2027())
    assert not published.due(date(2026, 12, 28), 3).provisional
    assert not published.provisional(LAST_OFFICIAL)
    # In a year long past nothing is awaited, and 2025 ends under the notice for 2026.
    assert not CALENDAR.due(date(2025, 12, 25), 3).provisional
    # As it was known on 30 November 2018: 27, 28 and 31 December; in the end the third was Saturday the 29th.
    known = calendar_known_on(date(2018, 11, 30)).due(date(2018, 12, 26), 3)
    assert (known.due_on, known.provisional) == (date(2018, 12, 31), True)
    assert calendar_known_on(date(2018, 12, 4)).due(date(2018, 12, 26), 3).due_on == date(2018, 12, 29)


def test_the_days_off_of_2027_are_the_statutory_ones():
    off = [
        day
        for day in days_from(date(2027, 1, 1), date(2027, 12, 31))
        if CALENDAR.day(day).reason not in ("工作日", "周末")
    ]
    assert [day.strftime("%m-%d") for day in off] == [
        "01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15",
        "10-01", "10-02", "10-03",
    ]  # fmt: skip
    assert not any(CALENDAR.day(day).working or CALENDAR.day(day).official for day in off)
    assert CALENDAR.day(date(2027, 2, 5)).reason == "春节"


@given(start=st.dates(date(2027, 1, 1), date(2035, 11, 1)))
def test_years_to_come_never_fail(start):
    assert CALENDAR.due(start, 7).provisional


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2036, 1, 1)])
def test_a_day_outside_the_calendar_is_refused_by_name(day):
    for attempt in (CALENDAR.is_working, CALENDAR.day, CALENDAR.provisional, lambda d: CALENDAR.due(d, 3)):
        with pytest.raises(OutsideCalendar) as refusal:
            attempt(day)
        assert day.isoformat() in str(refusal.value)
        assert "2004-01-01至2035-12-31" in str(refusal.value)
    with pytest.raises(OutsideCalendar):
        CALENDAR.count(FIRST, day)


def test_a_period_that_runs_out_of_the_calendar_is_refused():
    with pytest.raises(OutsideCalendar, match="2035-12-25起20个工作日超出日历范围"):
        CALENDAR.due_on(date(2035, 12, 25), 20)


@pytest.mark.parametrize("length", [0, -3])
def test_a_period_of_no_working_days_is_refused(length):
    with pytest.raises(InputError, match="working_days：应为1以上的整数"):
        CALENDAR.due(date(2026, 11, 20), length)


def test_count_is_the_number_of_days_by_which_a_deadline_is_missed_or_left():
    due_on = date(2026, 9, 30)
    assert CALENDAR.count(due_on, date(2026, 10, 7)) == 0
    assert CALENDAR.count(due_on, date(2026, 10, 10)) == 3
    assert CALENDAR.count(date(2026, 10, 10), due_on) == -3


# Calendars that change


def notice_2027(*extra: CalendarDay):
    days = [
        CalendarDay(date(2027, 1, 1), False, "元旦"),
        CalendarDay(date(2027, 10, 1), False, "国庆节"),
        *extra,
    ]
    return from_days(2027, days)


def test_a_new_notice_makes_its_year_official_and_leaves_the_old_calendar_alone():
    monday = date(2027, 1, 4)
    published = CALENDAR.with_year(notice_2027(CalendarDay(monday, False, "元旦")))
    assert published.due_on(date(2026, 12, 31), 2) == date(2027, 1, 6)
    assert not published.due(date(2026, 12, 31), 2).provisional
    assert 2027 in published.official_years and published.year(2027).year == 2027
    assert CALENDAR.due_on(date(2026, 12, 31), 2) == date(2027, 1, 5)
    assert 2027 not in CALENDAR.official_years and CALENDAR.year(2027) is None


def test_a_notice_that_arranges_only_part_of_an_unpublished_year_is_refused():
    amendment = from_days(2027, [CalendarDay(date(2027, 5, 3), False, "劳动节")])
    with pytest.raises(InputError, match="2027年的放假安排尚未载入"):
        CALENDAR.with_year(amendment)


def test_an_amendment_changes_only_the_days_that_it_names():
    amendment = from_days(2026, [CalendarDay(date(2026, 12, 1), False, "劳动节")])
    changes = CALENDAR.differs(CALENDAR.with_year(amendment))
    assert [(change.date, change.old.working, change.new.working) for change in changes] == [
        (date(2026, 12, 1), True, False)
    ]


def test_a_year_outside_the_calendar_is_refused():
    with pytest.raises(InputError, match="2040年不在日历范围内"):
        CALENDAR.with_year(from_days(2040, [CalendarDay(date(2040, 1, 1), False, "元旦"),
                                            CalendarDay(date(2040, 10, 1), False, "国庆节")]))  # fmt: skip


def test_a_local_closure_moves_deadlines_of_its_region_only():
    typhoon = LocalClosure(date(2026, 7, 21), False, "台风停工")
    local = CALENDAR.with_closures([typhoon])
    assert local.due_on(date(2026, 7, 20), 1) == date(2026, 7, 22)
    assert local.day(date(2026, 7, 21)).reason == "台风停工"
    assert CALENDAR.due_on(date(2026, 7, 20), 1) == date(2026, 7, 21)
    assert local.with_closures([]).differs(CALENDAR) == []
    assert local.with_year(CALENDAR.year(2026)).closures == (typhoon,)


def test_a_closure_may_also_make_a_weekend_a_working_day():
    local = CALENDAR.with_closures([LocalClosure(date(2026, 7, 18), True, "补班")])
    assert local.due_on(date(2026, 7, 17), 1) == date(2026, 7, 18)


def test_the_version_tells_calendars_apart():
    local = CALENDAR.with_closures([LocalClosure(date(2026, 7, 21), False, "台风停工")])
    published = CALENDAR.with_year(notice_2027())
    assert len({CALENDAR.version, local.version, published.version}) == 3
    assert local.with_closures([]).version == CALENDAR.version
    assert CALENDAR.version == shipped_calendar().version


# What was known on a day


def test_the_extension_of_the_spring_festival_of_2020():
    """Accepted on 2020-01-20: by the first notice 01-31 and Saturday 02-01 were worked, then they were not."""
    before, after = calendar_known_on(date(2020, 1, 25)), calendar_known_on(date(2020, 1, 26))
    assert before.due_on(date(2020, 1, 20), 7) == date(2020, 2, 4)
    assert after.due_on(date(2020, 1, 20), 7) == date(2020, 2, 6)
    changes = [(c.date, c.old.working, c.new.working) for c in before.differs(after)]
    assert changes == [
        (date(2020, 1, 31), True, False),
        (date(2020, 2, 1), True, False),
        (date(2020, 2, 2), False, False),
    ]


def test_the_labour_day_of_2019():
    before, after = calendar_known_on(date(2019, 3, 21)), calendar_known_on(date(2019, 3, 22))
    assert before.due_on(date(2019, 4, 26), 5) == date(2019, 5, 6)
    # 04-28 (Sunday) is worked, 05-01 to 05-04 are off, 05-05 (Sunday) is worked.
    assert after.due_on(date(2019, 4, 26), 5) == date(2019, 5, 6)
    assert after.due_on(date(2019, 4, 26), 3) == date(2019, 4, 30)
    assert before.due_on(date(2019, 4, 26), 3) == date(2019, 5, 2)
    changes = [(c.date, c.old.working, c.new.working) for c in before.differs(after)]
    assert changes == [
        (date(2019, 4, 28), False, True),
        (date(2019, 5, 2), True, False),
        (date(2019, 5, 3), True, False),
        (date(2019, 5, 4), False, False),
        (date(2019, 5, 5), False, True),
    ]


def test_the_victory_commemoration_of_2015():
    before, after = calendar_known_on(date(2015, 5, 12)), calendar_known_on(date(2015, 5, 13))
    assert before.is_working(date(2015, 9, 3)) and not after.is_working(date(2015, 9, 3))
    assert not before.is_working(date(2015, 9, 6)) and after.is_working(date(2015, 9, 6))


def test_a_notice_not_yet_announced_leaves_its_year_provisional():
    before, after = calendar_known_on(date(2018, 12, 3)), calendar_known_on(date(2018, 12, 4))
    assert before.official_years[-1] == 2018 and after.official_years[-1] == 2019
    # The notice for 2019 reaches into the December before: 12-29 (Saturday) is worked, 12-31 is off.
    assert before.due_on(date(2018, 12, 28), 1) == date(2018, 12, 31)
    assert after.due_on(date(2018, 12, 28), 1) == date(2018, 12, 29)
    assert before.due(date(2018, 12, 28), 2).provisional
    # Under the regulation then in force the Spring Festival began on New Year's Day, 2019-02-05.
    assert before.is_working(date(2019, 2, 4)) and not before.is_working(date(2019, 2, 5))


def test_a_regulation_not_yet_announced_does_not_count():
    """The second day of Labour Day came with the regulation of 2024-11-10."""
    before, after = calendar_known_on(date(2024, 11, 9)), calendar_known_on(date(2024, 11, 11))
    assert before.is_working(date(2025, 5, 2)) and not after.is_working(date(2025, 5, 2))


def test_today_everything_is_known():
    assert calendar_known_on(date(2026, 11, 23)).differs(CALENDAR) == []
