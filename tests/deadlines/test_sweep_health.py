"""A sweep that stands still, fails or runs out of time: who notices, where, and how often."""

import logging
from datetime import date

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.deadlines.models import Deadline, Escalation, Sweep
from applications.deadlines.selectors import sweep_health
from applications.deadlines.services import sweep as sweep_module
from applications.deadlines.services import sweep_deadlines
from applications.notifications.models import Message
from tests.deadlines.test_clocks import start
from tests.fixtures import moment
from tests.pages import one_line

STOPPED, FAILING = "期限巡检已中断", "项失败"


@pytest.fixture(autouse=True)
def friday(time_machine):
    """Friday 20 November 2026, 10 o'clock in Shanghai."""
    time_machine.move_to(moment("2026-11-20 10:00"), tick=False)
    return time_machine


@pytest.fixture
def failing(market_bureau, wang, monkeypatch):
    """A clock that was due to be reminded of on the 18th, and about which no message can be written."""
    # Monday 16 November: 17, 18, 19.
    start(market_bureau, date(2026, 11, 16), days=3)
    notify = sweep_module.notify

    def broken(**message):
        if message.get("about"):
            raise RuntimeError("no")
        return notify(**message)

    monkeypatch.setattr(sweep_module, "notify", broken)


def inbox(person, key: str) -> list[Message]:
    return list(Message.objects.filter(recipient=person, channel="inbox", key__startswith=key).order_by("id"))


# --- a standstill


def test_the_sweep_that_runs_again_reports_the_standstill(keeper, wang, caplog):
    sweep_deadlines(at=moment("2026-11-20 08:00"))
    sweep_deadlines(at=moment("2026-11-20 08:05"))
    assert "no sweep" not in caplog.text and inbox(keeper, "sweep-gap") == []

    sweep_deadlines(at=moment("2026-11-20 09:50"))

    assert "no sweep of the deadlines has ended between" in caplog.text
    (told,) = inbox(keeper, "sweep-gap")
    assert told.subject == "期限巡检曾中断：2026-11-20 08:05至2026-11-20 09:50"
    assert told.link == "/to/sweeps/"
    assert inbox(wang, "sweep-gap") == []
    sweep_deadlines(at=moment("2026-11-20 09:55"))
    assert len(inbox(keeper, "sweep-gap")) == 1


def test_the_very_first_sweep_has_nothing_to_report(keeper, caplog):
    sweep_deadlines(at=moment("2026-11-20 08:00"))
    assert "no sweep" not in caplog.text and inbox(keeper, "sweep-gap") == []


def test_a_clock_set_back_is_no_standstill(keeper):
    sweep_deadlines(at=moment("2026-11-20 08:00"))
    sweep_deadlines(at=moment("2026-11-19 08:00"))
    assert inbox(keeper, "sweep-gap") == []


# --- failures


def test_clocks_that_fail_make_the_health_check_fail(client, failing):
    sweep = sweep_deadlines(at=moment("2026-11-20 09:58"))
    assert (sweep.due, sweep.failed) == (1, 1)
    response = client.get("/healthz/")
    assert response.status_code == 503
    assert response.json()["status"] == "failing"
    assert (response.json()["failed_in_last_sweep"], response.json()["clocks_behind"]) == (1, 1)


def test_what_an_earlier_day_left_unsaid_makes_it_fail_too(client, market_bureau):
    sweep_deadlines(at=moment("2026-11-20 09:58"))
    assert client.get("/healthz/").status_code == 200
    clock = start(market_bureau, date(2026, 11, 20), days=3)
    for unsaid, status in ((date(2026, 11, 20), 200), (date(2026, 11, 19), 503)):
        Deadline.objects.filter(pk=clock.pk).update(next_step_on=unsaid)
        assert client.get("/healthz/").status_code == status, unsaid


def test_failures_are_told_to_the_system_administrators_once_a_day(failing, keeper, wang, caplog):
    for at in ("2026-11-19 23:50", "2026-11-19 23:55", "2026-11-20 00:00", "2026-11-20 00:05"):
        sweep_deadlines(at=moment(at))
    told = inbox(keeper, "sweep-trouble")
    assert len(told) == 2
    assert "有1项失败，1个期限有此前应发而未发的提醒" in told[0].body
    assert inbox(wang, "sweep-trouble") == []
    assert "failed at 1 things; 1 clocks are behind" in caplog.text


def test_a_sweep_without_trouble_tells_nobody(market_bureau, wang, keeper):
    start(market_bureau, date(2026, 11, 16), days=3)
    sweep_deadlines(at=moment("2026-11-20 09:58"))
    assert inbox(keeper, "sweep") == []


def test_where_even_the_report_fails_the_sweep_comes_to_its_end(market_bureau, wang, keeper, monkeypatch):
    start(market_bureau, date(2026, 11, 16), days=3)
    monkeypatch.setattr(sweep_module, "notify", lambda **message: 1 / 0)
    sweep = sweep_deadlines(at=moment("2026-11-20 09:58"))
    assert sweep.finished_at and sweep.failed == 2, "the clock, and the alarm about 2027"


# --- time


def test_a_long_sweep_stops_in_time_and_the_next_one_goes_on(market_bureau, wang, monkeypatch):
    for number in range(5):
        start(market_bureau, date(2026, 11, 16), days=3, case=f"XF-{number}")
    seconds = iter(range(0, 10_000, 90))

    with monkeypatch.context() as slow:
        slow.setattr(sweep_module.time, "monotonic", lambda: next(seconds))
        first = sweep_deadlines(at=moment("2026-11-20 09:50"))
    assert first.finished_at is not None and not sweep_health(moment("2026-11-20 09:59")).stale, (
        "it is a heartbeat"
    )
    # It looks at its clock at 90, 180 and 270 seconds; after 200 it begins nothing more.
    assert (first.due, first.left, first.failed) == (5, 3, 0)
    assert Deadline.objects.filter(next_step_on__lte=date(2026, 11, 20)).count() == 3
    said = Escalation.objects.count()

    second = sweep_deadlines(at=moment("2026-11-20 09:55"))
    assert (second.due, second.left) == (3, 0)
    assert Escalation.objects.count() == said // 2 * 5, "each clock's levels once"


def test_the_end_that_celery_sets_is_no_failure_of_a_clock(market_bureau, wang, monkeypatch):
    start(market_bureau, date(2026, 11, 16), days=3)

    def ended(*args, **kwargs):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(sweep_module, "_climb", ended)
    with pytest.raises(SoftTimeLimitExceeded):
        sweep_deadlines(at=moment("2026-11-20 09:50"))
    sweep = Sweep.objects.get()
    assert (sweep.finished_at, sweep.failed) == (None, 0)
    monkeypatch.undo()
    assert sweep_deadlines(at=moment("2026-11-20 09:55")).raised > 0


# --- the banner


STAFF_PAGES = {
    "wang": ("/", "/messages/", "/deadlines/", "/search/", "/admin/", "/admin/deadlines/deadline/"),
    "sun": ("/oversight/", "/oversight/clocks/open/", "/admin/calendars/calendarnotice/add/"),
}


@pytest.mark.parametrize("person", STAFF_PAGES)
def test_staff_see_it_wherever_they_are(request, client, person):
    client.force_login(request.getfixturevalue(person))
    sweep_deadlines(at=moment("2026-11-20 09:40"))
    for address in STAFF_PAGES[person]:
        assert STOPPED in one_line(client.get(address)), address
    sweep_deadlines(at=moment("2026-11-20 09:59"))
    for address in STAFF_PAGES[person]:
        page = one_line(client.get(address))
        assert STOPPED not in page and FAILING not in page, address


def test_staff_see_that_sweeps_fail(client, failing, wang):
    sweep_deadlines(at=moment("2026-11-20 09:58"))
    client.force_login(wang)
    for address in ("/", "/admin/"):
        assert "2026年11月20日 09:58 的期限巡检有1项失败" in one_line(client.get(address)), address


def test_applicants_and_visitors_see_nothing_and_pay_nothing(client, alice):
    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            page = one_line(client.get(address))
        assert STOPPED not in page and "巡检" not in page
        assert not any("deadlines_sweep" in query["sql"] for query in queries)
        return len(queries)

    cost("/")
    client.force_login(alice)
    cost("/")
    cost("/messages/")


def test_it_costs_staff_one_query(client, wang):
    client.force_login(wang)
    sweep_deadlines(at=moment("2026-11-20 09:58"))
    with CaptureQueriesContext(connection) as queries:
        client.get("/deadlines/")
    asked = [query["sql"] for query in queries if "deadlines_sweep" in query["sql"]]
    assert len(asked) == 1
    assert not any("deadlines_deadline" in query["sql"] for query in queries)


def test_what_staff_see_is_logged_once_in_ten_minutes(client, wang, caplog, friday):
    client.force_login(wang)

    def shown() -> int:
        return sum("staff are shown" in record.message for record in caplog.records)

    with caplog.at_level(logging.ERROR):
        client.get("/messages/")
        client.get("/admin/")
        assert shown() == 1
        friday.move_to(moment("2026-11-20 10:11"), tick=False)
        client.get("/messages/")
        assert shown() == 2
