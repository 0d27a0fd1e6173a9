"""The levels of escalation of a clock, worked out by hand; nothing is said twice or not at all."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.accounts.models import Role
from applications.calendars.selectors import calendar, missing_year
from applications.deadlines.levels import levels_between
from applications.deadlines.models import Deadline, Escalation, Sweep
from applications.deadlines.selectors import clocks_of, sweep_is_stale
from applications.deadlines.services import cancel_deadlines, meet_deadline, sweep_deadlines
from applications.deadlines.services import sweep as sweep_module
from applications.ledger.models import Event
from applications.notifications.models import Message
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import make_user, moment


def told(level: str) -> set[str]:
    """Names of those whom the levels of a kind reached in their inbox."""
    keys = [escalation.message_key for escalation in Escalation.objects.filter(level=level)]
    return {
        message.recipient.name
        for message in Message.objects.filter(channel="inbox").select_related("recipient")
        if message.key.split("/")[0] in keys
    }


def said() -> list[tuple[str, str]]:
    return [(e.on.isoformat(), e.level) for e in Escalation.objects.order_by("on", "id")]


def messages_about_cases() -> int:
    """Without the yearly alarm about the next calendar."""
    return Message.objects.exclude(about="").count()


# Friday 20 November 2026, 3 working days: reminder Tuesday 24, due Wednesday 25, breach Thursday 26, then every
# working day: Friday 27, Monday 30, Tuesday 1 December.
LEVELS = [
    ("2026-11-24", "reminder"),
    ("2026-11-25", "due"),
    ("2026-11-26", "breach"),
    ("2026-11-27", "daily"),
    ("2026-11-30", "daily"),
    ("2026-12-01", "daily"),
]


@pytest.mark.parametrize(
    ("started_on", "days", "levels"),
    [
        (
            # Over National Day: 9 October is a Friday, 10 October a Saturday on which people work.
            date(2026, 9, 30),
            3,
            [
                (date(2026, 10, 9), "reminder"),
                (date(2026, 10, 10), "due"),
                (date(2026, 10, 11), "breach"),
                (date(2026, 10, 12), "daily"),
            ],
        ),
        (
            # Due on a Friday: the breach is on Saturday, the first working day after it on Monday.
            date(2026, 11, 18),
            2,
            [
                (date(2026, 11, 19), "reminder"),
                (date(2026, 11, 20), "due"),
                (date(2026, 11, 21), "breach"),
                (date(2026, 11, 23), "daily"),
            ],
        ),
        (
            # One working day: nobody is reminded on the day on which it starts.
            date(2026, 11, 18),
            1,
            [
                (date(2026, 11, 19), "due"),
                (date(2026, 11, 20), "breach"),
                (date(2026, 11, 23), "daily"),
            ],
        ),
    ],
)
def test_the_levels(db, started_on, days, levels):
    due_on = calendar().due_on(started_on, days)
    assert levels_between(calendar(), started_on, due_on, started_on, levels[-1][0]) == levels


def test_each_level_reaches_further_up(market_bureau, wang, zhao, sun):
    start(market_bureau, officer=wang)

    sweep_deadlines(at=moment("2026-11-23 23:55"))
    assert said() == []
    sweep_deadlines(at=moment("2026-11-24 00:00"))
    assert told("reminder") == {"王受理"}
    sweep_deadlines(at=moment("2026-11-25 00:00"))
    assert told("due") == {"王受理", "赵审批"}
    sweep_deadlines(at=moment("2026-11-26 00:00"))
    assert told("breach") == {"王受理", "赵审批", "孙监督"}
    for day in ("2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01"):
        sweep_deadlines(at=moment(f"{day} 00:00"))
    assert said() == LEVELS


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("acceptance", {"王受理"}),
        ("decision", {"李审查", "赵审批", "周审批"}),
        ("sharing", {"赵审批"}),
        ("objection", {"赵审批", "周审批"}),
    ],
)
def test_without_an_officer_those_whose_turn_it_is_are_reminded(
    market_bureau, wang, li, zhao, second_approver, outsider, kind, names
):
    start(market_bureau, kind=kind)
    sweep_deadlines(at=moment("2026-11-24 09:00"))
    assert told("reminder") == names


def test_without_staff_in_turn_the_head_is_reminded(market_bureau, zhao):
    start(market_bureau)
    sweep_deadlines(at=moment("2026-11-24 09:00"))
    assert told("reminder") == {"赵审批"}


def test_a_breach_climbs_to_the_nearest_department_with_a_supervisor(
    market_bureau, credit_department, province_department
):
    """The city's department has nobody, so the province's is told."""
    make_user("he@example.com", "何省级", province_department, Role.SUPERVISOR)
    start(market_bureau)
    sweep_deadlines(at=moment("2026-11-26 00:05"))
    assert told("breach") == {"何省级"}

    make_user("shi@example.com", "施市级", credit_department, Role.SUPERVISOR)
    sweep_deadlines(at=moment("2026-11-27 00:05"))
    assert told("daily") == {"施市级"}


@pytest.mark.parametrize("times", [1, 2, 5])
def test_however_often_it_sweeps_it_says_everything_once(market_bureau, wang, zhao, sun, times):
    start(market_bureau)
    day = moment("2026-11-20 00:10")
    while day <= moment("2026-12-01 23:00"):
        for n in range(times):
            sweep_deadlines(at=day + timedelta(hours=4 * n))
        day += timedelta(days=1)
    assert said() == LEVELS
    # 王 gets 6; 赵 5, from the due day on; 孙 4, from the breach on. Each in the inbox and as an e-mail.
    assert messages_about_cases() == 2 * (6 + 5 + 4)


def test_whatever_was_missed_is_said_by_the_next_sweep(market_bureau, wang, zhao, sun):
    start(market_bureau)
    sweep_deadlines(at=moment("2026-12-01 08:00"))
    assert said() == LEVELS
    sweep_deadlines(at=moment("2026-12-01 08:05"))
    assert said() == LEVELS
    late = Message.objects.filter(recipient=wang, channel="inbox").order_by("id").first()
    assert "本通知应于2026年11月24日（周二）发出" in late.body
    assert "已逾期4个工作日" in late.body, "25 November to 1 December: 26, 27, 30, 1"


def test_an_answered_clock_is_silent(market_bureau, wang, zhao):
    start(market_bureau)
    sweep_deadlines(at=moment("2026-11-24 00:05"))
    meet_deadline(case_number=CASE, kind="acceptance", on=date(2026, 11, 24))
    sweep_deadlines(at=moment("2026-12-01 00:05"))
    assert said() == LEVELS[:1]


def test_a_breach_that_no_sweep_saw_is_still_reported_after_the_answer(market_bureau, wang, zhao, sun):
    """The worker stood still from 24 to 27 November; the answer came on the 26th."""
    start(market_bureau)
    meet_deadline(case_number=CASE, kind="acceptance", on=date(2026, 11, 26))

    sweep_deadlines(at=moment("2026-11-27 09:00"))
    sweep_deadlines(at=moment("2026-11-30 09:00"))

    assert said() == LEVELS[:3]
    assert told("reminder") == told("due") == set(), "nobody is reminded of what is done"
    assert told("breach") == {"王受理", "赵审批", "孙监督"}
    message = Message.objects.get(recipient=sun, channel="inbox", about=CASE)
    assert "已于2026年11月26日（周四）办结，已逾期1个工作日" in message.body
    clock = clocks_of(CASE).get()
    assert (clock.breached_on, clock.days_late) == (date(2026, 11, 26), 1)


def test_a_withdrawn_application_after_a_breach_keeps_the_breach(market_bureau, sun):
    start(market_bureau)
    cancel_deadlines(case_number=CASE, on=date(2026, 11, 27))
    sweep_deadlines(at=moment("2026-12-01 09:00"))
    assert said() == LEVELS[:4]
    assert clocks_of(CASE).get().breached_on == date(2026, 11, 26)


def test_a_breach_is_in_the_archive_of_the_case(market_bureau, sun):
    start(market_bureau)
    sweep_deadlines(at=moment("2026-11-26 00:05"))
    event = Event.objects.get(chain=CASE, verb="deadline.breached")
    assert event.payload == {"clock": "acceptance", "round": 1, "due_on": "2026-11-25"}
    assert event.role == "system"


def test_one_clock_that_fails_does_not_stop_the_others(market_bureau, wang, monkeypatch):
    first = start(market_bureau)
    start(market_bureau, case="XF-2")
    notify = sweep_module.notify

    def failing(**fields):
        if fields.get("about") == first.case_number:
            raise RuntimeError("no")
        return notify(**fields)

    monkeypatch.setattr(sweep_module, "notify", failing)
    sweep = sweep_deadlines(at=moment("2026-11-24 00:05"))
    assert (sweep.due, sweep.raised, sweep.failed) == (2, 1, 1)
    assert Escalation.objects.get().deadline.case_number == "XF-2"

    monkeypatch.undo()
    sweep = sweep_deadlines(at=moment("2026-11-24 00:10"))
    assert (sweep.due, sweep.raised, sweep.failed) == (1, 1, 0)


def test_every_sweep_is_a_heartbeat(db):
    assert sweep_is_stale(moment("2026-11-24 00:00"))
    sweep_deadlines(at=moment("2026-11-24 00:00"))
    assert Sweep.objects.get().finished_at is not None
    assert not sweep_is_stale(moment("2026-11-24 00:09"))
    assert sweep_is_stale(moment("2026-11-24 00:10"))


def test_a_sweep_that_broke_off_is_no_heartbeat(db):
    Sweep.objects.create(started_at=moment("2026-11-24 00:00"))
    assert sweep_is_stale(moment("2026-11-24 00:01"))


def test_the_department_hears_from_november_on_that_next_years_notice_is_missing(sun, wang):
    assert missing_year(date(2026, 10, 31)) is None
    assert missing_year(date(2026, 11, 1)) == 2027
    assert missing_year(date(2027, 1, 4)) == 2027

    sweep_deadlines(at=moment("2026-10-31 23:55"))
    assert not Message.objects.exists()
    for at in ("2026-11-01 00:00", "2026-11-01 00:05", "2026-11-07 23:00", "2026-11-08 00:00"):
        sweep_deadlines(at=moment(at))
    inbox = Message.objects.filter(channel="inbox")
    assert [message.recipient.name for message in inbox] == ["孙监督", "孙监督"], "once a week"
    assert "2027年放假安排" in inbox[0].subject


def test_what_is_not_due_costs_nothing(market_bureau, wang):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            sweep_deadlines(at=moment("2026-11-23 09:00"))
        return len(queries)

    sweep_deadlines(at=moment("2026-11-23 08:55"))
    before = cost()
    for number in range(30):
        start(market_bureau, case=f"XF-{number}")
    assert cost() == before


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_time_say_everything_once(market_bureau, wang, zhao, sun):
    for number in range(20):
        start(market_bureau, case=f"XF-{number}")
    failures = []

    def sweep() -> None:
        try:
            failures.append(sweep_deadlines(at=moment("2026-11-26 00:05")).failed)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == [0, 0, 0, 0]
    assert Escalation.objects.count() == 20 * 3
    assert Event.objects.filter(verb="deadline.breached").count() == 20
    # 王 3, 赵 2, 孙 1 for each clock, in the inbox and by e-mail.
    assert messages_about_cases() == 20 * 2 * (3 + 2 + 1)
    assert not Deadline.objects.filter(next_step_on__lte=date(2026, 11, 26)).exists()


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_an_answer_during_the_sweep_waits_and_wins_or_loses_whole(market_bureau, wang, zhao, sun):
    for number in range(20):
        start(market_bureau, case=f"XF-{number}")

    def answer() -> None:
        try:
            for number in range(20):
                meet_deadline(case_number=f"XF-{number}", kind="acceptance", on=date(2026, 11, 24))
        finally:
            connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    sweep = sweep_deadlines(at=moment("2026-11-24 00:05"))
    thread.join()
    sweep_deadlines(at=moment("2026-11-24 00:10"))

    assert sweep.failed == 0
    assert Escalation.objects.filter(level="reminder").count() == 20
    assert not Deadline.objects.filter(next_step_on__isnull=False).exists()
