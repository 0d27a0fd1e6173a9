"""Clocks of running cases, with dates worked out by hand from the State Council's calendar of 2026."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from applications.calendars.selectors import calendar
from applications.deadlines.models import Deadline
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import (
    assign_officer,
    cancel_deadlines,
    meet_deadline,
    start_deadline,
)
from rules.errors import InputError

CASE = "XF-320100-2026-000001-0"


def start(organ, started_on=date(2026, 11, 20), *, kind="acceptance", days=3, case=CASE, **fields):
    return start_deadline(
        kind=kind,
        organ=organ,
        case_number=case,
        link="/to/repaircase/1/",
        round=fields.pop("round", 1),
        started_on=started_on,
        working_days=days,
        article="八",
        **fields,
    )


@pytest.mark.parametrize(
    ("started_on", "days", "due_on", "reminder_on"),
    [
        # Friday; Monday to Wednesday.
        (date(2026, 11, 20), 3, date(2026, 11, 25), date(2026, 11, 24)),
        # The eve of National Day: 10 October is a Saturday on which people work.
        (date(2026, 9, 30), 3, date(2026, 10, 10), date(2026, 10, 9)),
        (date(2026, 9, 30), 2, date(2026, 10, 9), date(2026, 10, 8)),
        # Received on a Saturday.
        (date(2026, 11, 21), 2, date(2026, 11, 24), date(2026, 11, 23)),
    ],
)
def test_a_clock_has_its_last_day_and_its_first_step_from_the_start(
    market_bureau, started_on, days, due_on, reminder_on
):
    clock = start(market_bureau, started_on, days=days)

    assert clock.due_on == due_on
    assert clock.next_step_on == reminder_on
    assert clock.is_open
    assert not clock.provisional


def test_the_explanation_tells_every_day(market_bureau):
    clock = start(market_bureau, date(2026, 9, 30), days=3)

    days = clock.explanation
    assert len(days) == 10
    assert days[0] == (date(2026, 10, 1), False, "国庆节", None)
    assert days[7] == (date(2026, 10, 8), True, "工作日", 1)
    assert days[-1] == (date(2026, 10, 10), True, "调休上班", 3)


def test_a_clock_that_reaches_into_an_unannounced_year_is_provisional(market_bureau):
    clock = start(market_bureau, date(2026, 12, 23), kind="decision", days=7)

    # 24, 25, 28, 29, 30, 31 December; 1 January is off by law; 4 January is the seventh.
    assert clock.due_on == date(2027, 1, 4)
    assert clock.provisional


def test_a_clock_starts_once(market_bureau):
    start(market_bureau)
    with pytest.raises(IntegrityError), transaction.atomic():
        start(market_bureau)
    assert start(market_bureau, round=2).round == 2


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2036, 1, 1)])
def test_a_start_outside_the_calendar_is_refused_with_the_day(market_bureau, day):
    with pytest.raises(InputError, match=day.isoformat()):
        start(market_bureau, day)
    assert not Deadline.objects.exists()


def test_met_on_the_last_day_is_met_in_time(market_bureau):
    start(market_bureau)

    (clock,) = meet_deadline(case_number=CASE, kind="acceptance", on=date(2026, 11, 25))

    clock.refresh_from_db()
    assert (clock.met_on, clock.breached_on, clock.days_late) == (date(2026, 11, 25), None, 0)
    assert not clock.is_open


@pytest.mark.parametrize(
    ("met_on", "days_late"),
    [(date(2026, 11, 26), 1), (date(2026, 11, 29), 2), (date(2026, 11, 30), 3)],
)
def test_met_late_stays_breached_with_the_working_days(market_bureau, met_on, days_late):
    start(market_bureau)

    (clock,) = meet_deadline(case_number=CASE, kind="acceptance", on=met_on)

    clock.refresh_from_db()
    assert (clock.breached_on, clock.days_late) == (date(2026, 11, 26), days_late)


def test_a_clock_cannot_be_set_back(market_bureau):
    start(market_bureau)

    with pytest.raises(InputError, match=r"2026-11-20.*2026-11-19"):
        meet_deadline(case_number=CASE, kind="acceptance", on=date(2026, 11, 19))
    with pytest.raises(InputError, match=r"2026-11-20.*2026-11-19"):
        cancel_deadlines(case_number=CASE, on=date(2026, 11, 19))

    assert clocks_of(CASE).get().is_open


def test_answering_what_does_not_run_is_no_error(market_bureau):
    assert meet_deadline(case_number=CASE, kind="sharing", on=date(2026, 11, 20)) == []


def test_only_the_named_round_is_met(market_bureau):
    start(market_bureau, kind="sharing", days=2)
    start(market_bureau, date(2026, 11, 23), kind="sharing", days=2, round=2)

    meet_deadline(case_number=CASE, kind="sharing", on=date(2026, 11, 23), round=1)

    assert [clock.is_open for clock in clocks_of(CASE)] == [False, True]


def test_a_withdrawn_application_ends_its_clocks_and_nobody_elses(market_bureau):
    start(market_bureau)
    start(market_bureau, case="XF-320100-2026-000002-0")

    cancel_deadlines(case_number=CASE, on=date(2026, 11, 24))

    assert clocks_of(CASE).get().cancelled_on == date(2026, 11, 24)
    assert clocks_of("XF-320100-2026-000002-0").get().is_open


def test_an_officer_takes_the_running_clocks(market_bureau, wang):
    start(market_bureau)
    start(market_bureau, kind="sharing", days=2)
    assert assign_officer(case_number=CASE, kind="acceptance", officer=wang) == 1
    assert assign_officer(case_number=CASE, kind="acceptance", officer=wang) == 0, "it is so already"
    assert {clock.kind: clock.officer for clock in clocks_of(CASE)} == {"acceptance": wang, "sharing": None}
    assert assign_officer(case_number=CASE, kind="acceptance", officer=None) == 1
    assert clocks_of(CASE).get(kind="acceptance").officer is None


def test_the_calendar_of_a_region_without_closures_is_the_national_one(db):
    assert calendar("320102") is calendar()
