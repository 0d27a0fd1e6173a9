"""Which calendar counts when notices, closures and upgrades follow each other, and who may bring that about."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from applications.accounts.models import Role
from applications.calendars import in_force, services
from applications.calendars.access import deciders_of
from applications.calendars.models import CalendarNotice, Recalculation
from applications.calendars.selectors import calendar, waiting_for
from applications.calendars.services import (
    NotProposed,
    approve,
    confirm,
    outlook,
    propose_closure,
    propose_notice,
)
from applications.deadlines.models import Escalation
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import sweep as sweep_module
from applications.deadlines.services import sweep_deadlines
from applications.ledger.models import Event
from applications.notifications.models import Message
from rules.calendar_years import CalendarDay, from_days
from rules.errors import InputError
from rules.notices import read_notice
from rules.workdays import shipped_calendar
from tests.calendars.notices import SPRING_FESTIVAL_2020, know_only
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import make_user, moment
from tests.rules.notice_texts import lawful

# 3 September 2026 is a Thursday.
MEMORIAL_DAY = """国务院办公厅关于调整2026年放假安排的通知
一、纪念日：9月3日（周四）放假，共1天。9月5日（周六）上班。
"""


def close(sun, shen, first: date, last: date, at: str, *, working: bool = False, region: str = "320100"):
    closure = propose_closure(
        region=region,
        first_on=first,
        last_on=last,
        name="恢复上班" if working else "台风停工",
        document_number="宁防指〔2026〕3号",
        proposed_by=sun,
        at=moment(at),
        working=working,
    )
    return approve(change=closure, approver=shen, at=moment(at))


def announce(sun, shen, text: str, at: str):
    notice = propose_notice(text=text, proposed_by=sun, at=moment(at))
    return approve(change=notice, approver=shen, at=moment(at))


# --- one order of decision


def test_a_later_national_notice_decides_about_the_days_it_names(market_bureau, sun, shen):
    start(market_bureau, date(2026, 9, 1), days=3)
    assert clocks_of(CASE).get().due_on == date(2026, 9, 4), "2, 3, 4 September"
    close(sun, shen, date(2026, 9, 2), date(2026, 9, 4), "2026-09-01 10:00")
    assert clocks_of(CASE).get().due_on == date(2026, 9, 9), "7, 8, 9 September"
    close(sun, shen, date(2026, 9, 3), date(2026, 9, 4), "2026-09-02 10:00", working=True)
    assert clocks_of(CASE).get().due_on == date(2026, 9, 7), "3, 4, 7 September"

    announce(sun, shen, MEMORIAL_DAY, "2026-09-02 13:00")

    nanjing = calendar("320102")
    assert nanjing.day(date(2026, 9, 3)).reason == "纪念日", "taken back is the closure, not the holiday"
    assert [nanjing.is_working(date(2026, 9, day)) for day in (2, 3, 4, 5)] == [False, False, True, True]
    assert clocks_of(CASE).get().due_on == date(2026, 9, 7), "4, 5, 7 September"

    close(sun, shen, date(2026, 9, 5), date(2026, 9, 5), "2026-09-02 14:00")
    assert not calendar("320102").is_working(date(2026, 9, 5)), "a closure after the notice stands"
    assert calendar().is_working(date(2026, 9, 5)) and calendar("320500").is_working(date(2026, 9, 5))


def know(monkeypatch, shipped, *notices) -> None:
    """As if an upgrade had brought a calendar with these notices."""
    monkeypatch.setattr(in_force, "shipped_calendar", lambda: shipped)
    monkeypatch.setattr(in_force, "shipped_notices", lambda: notices)
    monkeypatch.setattr(services, "shipped_calendar", lambda: shipped)
    monkeypatch.setattr(in_force, "_kept", {})


def test_a_year_that_an_upgrade_brings_stands_in_place_of_the_approved_one(sun, shen, monkeypatch):
    announce(sun, shen, lawful(), "2026-11-06 10:00")
    assert calendar().is_working(date(2027, 9, 3))
    year = read_notice(lawful())
    amendment = from_days(2027, [CalendarDay(date(2027, 9, 3), False, "纪念日")])
    know(monkeypatch, shipped_calendar().with_year(year).with_year(amendment), year, amendment)

    sweep_deadlines(at=moment("2027-07-01 10:00"))

    assert not calendar().is_working(date(2027, 9, 3))


def test_what_ships_later_decides_about_days_that_were_closed_before(sun, shen, monkeypatch):
    announce(sun, shen, lawful(), "2026-11-06 10:00")
    for day, at in ((11, "2027-03-30 10:00"), (12, "2027-04-02 10:00")):
        close(sun, shen, date(2027, 5, day), date(2027, 5, day), at)
    year = read_notice(lawful())
    worked = from_days(2027, [CalendarDay(date(2027, 5, day), True, "劳动节") for day in (11, 12)])
    worked = replace(worked, announced_on=date(2027, 4, 1))
    know(monkeypatch, shipped_calendar().with_year(year).with_year(worked), year, worked)

    sweep_deadlines(at=moment("2027-04-03 10:00"))

    assert calendar("320100").is_working(date(2027, 5, 11)), "closed before the notice was announced"
    assert not calendar("320100").is_working(date(2027, 5, 12)), "closed after it"


def test_the_whole_of_a_shipped_year_is_not_taken(sun, shen, monkeypatch):
    whole = (
        shipped_calendar()
        .year(2026)
        .amended_by(from_days(2026, [CalendarDay(date(2026, 12, 7), False, "纪念日")]))
    )
    lines = "\n".join(f"{day.date},{'上班' if day.working else '放假'},{day.name}" for day in whole.days)
    with pytest.raises(InputError, match="2026年的全年安排已随系统附带"):
        propose_notice(text=f"date,working,name\n{lines}", proposed_by=sun, at=moment("2026-11-05 10:00"))

    notice = propose_notice(text=lawful(), proposed_by=sun, at=moment("2026-11-05 10:00"))
    know(monkeypatch, shipped_calendar().with_year(read_notice(lawful())))
    with pytest.raises(InputError, match="2027年的全年安排"):
        approve(change=notice, approver=shen, at=moment("2026-11-06 10:00"))


def test_a_clock_that_is_set_back_is_refused_with_day_and_reason(market_bureau, sun, shen):
    close(sun, shen, date(2026, 7, 9), date(2026, 7, 10), "2026-07-08 12:00")
    back = propose_closure(
        region="320100",
        first_on=date(2026, 7, 10),
        last_on=date(2026, 7, 10),
        name="恢复上班",
        document_number="宁防指〔2026〕4号",
        proposed_by=sun,
        at=moment("2026-07-08 11:00"),
        working=True,
    )
    with pytest.raises(InputError, match=r"2026-07-08 11:59:00，早于.*2026-07-08 12:00:00，时钟被倒拨"):
        approve(change=back, approver=shen, at=moment("2026-07-08 11:59"))
    back.refresh_from_db()
    assert back.state == "proposed"
    assert not calendar("320100").is_working(date(2026, 7, 10))


def test_the_order_is_that_of_the_approvals_even_where_two_bear_one_moment(sun, shen):
    close(sun, shen, date(2026, 9, 3), date(2026, 9, 3), "2026-09-02 13:00")
    announce(sun, shen, MEMORIAL_DAY, "2026-09-02 13:00")
    close(sun, shen, date(2026, 9, 3), date(2026, 9, 3), "2026-09-02 13:00", working=True)
    assert calendar("320100").is_working(date(2026, 9, 3)) and not calendar().is_working(date(2026, 9, 3))
    assert [bool(done.notice) for done in Recalculation.objects.order_by("id")][-3:] == [False, True, False]


# --- what the approver has seen


def test_a_comparison_with_another_calendar_of_the_region_is_stale(sun, shen, xu, credit_department):
    first, second = (
        propose_closure(
            region="320100",
            first_on=date(2026, 7, 9),
            last_on=last_on,
            name=name,
            document_number="宁防指〔2026〕3号",
            proposed_by=sun,
            at=moment("2026-07-08 10:00"),
        )
        for name, last_on in (("台风停工", date(2026, 7, 10)), ("暴雨停工", date(2026, 7, 9)))
    )
    seen = outlook(second).version
    close(xu, shen, date(2026, 7, 9), date(2026, 7, 9), "2026-07-08 10:30", region="320500")
    assert outlook(second).version == seen, "Suzhou's closure does not concern Nanjing"
    approve(change=first, approver=shen, at=moment("2026-07-08 11:00"))
    with pytest.raises(NotProposed, match="重新核对"):
        approve(change=second, approver=shen, at=moment("2026-07-08 11:01"), seen=seen)


# --- who decides


def test_only_the_province_decides_about_a_national_notice(sun, ling, shen, xu, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-01-26 20:00"))
    for person in (sun, ling, xu):
        with pytest.raises(PermissionDenied):
            approve(change=notice, approver=person, at=moment("2020-01-26 21:00"))
    assert list(deciders_of(notice)) == [shen]
    assert (waiting_for(shen), waiting_for(ling)) == ([notice], [])
    approve(change=notice, approver=shen, at=moment("2020-01-26 21:00"))
    assert waiting_for(shen) == []


def test_a_closure_is_decided_by_its_city_or_the_province(sun, ling, shen, yuan, xu):
    closure = propose_closure(
        region="320102",
        first_on=date(2026, 7, 9),
        last_on=date(2026, 7, 9),
        name="停电",
        document_number="玄政发〔2026〕1号",
        proposed_by=sun,
        at=moment("2026-07-08 10:00"),
    )
    assert set(deciders_of(closure)) == {ling, shen, yuan}
    with pytest.raises(PermissionDenied):
        approve(change=closure, approver=xu, at=moment("2026-07-08 11:00"))
    approve(change=closure, approver=ling, at=moment("2026-07-08 11:00"))
    assert not calendar("320102").is_working(date(2026, 7, 9))


def test_those_who_may_decide_are_told(sun, ling, shen, yuan, wang, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-01-26 20:00"))
    told = Message.objects.filter(channel="inbox", subject__startswith="待复核的工作日历变更")
    assert {message.recipient for message in told} == {shen, yuan}
    assert "孙监督提出" in told[0].body
    assert told[0].link == f"/to/calendarnotice/{notice.pk}/"


def test_a_notice_of_nobody_needs_one_who_stands_for_it_and_another_who_decides(sun, shen, yuan, wang):
    notice = propose_notice(text=lawful(), proposed_by=None, at=moment("2026-11-06 10:00"))
    assert "确认提出" in Message.objects.filter(recipient=shen, channel="inbox").get().body
    with pytest.raises(PermissionDenied):
        approve(change=notice, approver=shen, at=moment("2026-11-06 10:30"))
    with pytest.raises(PermissionDenied):
        confirm(notice=notice, supervisor=wang, at=moment("2026-11-06 10:30"))

    confirm(notice=notice, supervisor=shen, at=moment("2026-11-06 11:00"))

    notice.refresh_from_db()
    assert notice.proposed_by == shen
    event = Event.objects.get(chain=f"calendarnotice-{notice.pk}", verb="calendar.confirmed")
    assert event.actor_id == shen.pk
    with pytest.raises(NotProposed, match="沈复核已经确认"):
        confirm(notice=notice, supervisor=yuan, at=moment("2026-11-06 11:05"))
    with pytest.raises(PermissionDenied):
        approve(change=notice, approver=shen, at=moment("2026-11-06 11:10"))
    approve(change=notice, approver=yuan, at=moment("2026-11-06 11:10"))
    assert CalendarNotice.objects.get().state == "approved"


def test_an_inactive_supervisor_is_not_called(province_department, sun, shen):
    gone = make_user("gone@example.com", "已离岗", province_department, Role.SUPERVISOR)
    gone.is_active = False
    gone.save()
    notice = propose_notice(text=lawful(), proposed_by=sun, at=moment("2026-11-06 10:00"))
    assert list(deciders_of(notice)) == [shen]


# --- what was to be said comes first


def test_reminders_of_an_outage_right_before_an_approval_are_not_lost(market_bureau, wang, zhao, sun, shen):
    # Monday 6 July 2026: 7, 8, 9 July. Reminder on the 8th, due on the 9th; nobody swept.
    start(market_bureau, date(2026, 7, 6), days=3)
    close(sun, shen, date(2026, 7, 9), date(2026, 7, 9), "2026-07-09 08:00")
    assert clocks_of(CASE).get().due_on == date(2026, 7, 10)
    said = list(Escalation.objects.order_by("id").values_list("level", "on"))
    assert said == [("reminder", date(2026, 7, 8)), ("due", date(2026, 7, 9))]


def test_with_more_to_say_than_there_is_time_for_nothing_is_approved_yet(
    market_bureau, wang, zhao, sun, shen, monkeypatch
):
    start(market_bureau, date(2026, 7, 6), days=3)
    closure = propose_closure(
        region="320100",
        first_on=date(2026, 7, 9),
        last_on=date(2026, 7, 9),
        name="台风停工",
        document_number="宁防指〔2026〕3号",
        proposed_by=sun,
        at=moment("2026-07-09 07:00"),
    )
    seconds = iter(range(0, 1000, 20))
    with monkeypatch.context() as slow:
        slow.setattr(sweep_module.time, "monotonic", lambda: next(seconds))
        with pytest.raises(NotProposed, match="积压"):
            approve(change=closure, approver=shen, at=moment("2026-07-09 08:00"))
    assert calendar("320100").is_working(date(2026, 7, 9))
    approve(change=closure, approver=shen, at=moment("2026-07-09 08:05"))
    assert not calendar("320100").is_working(date(2026, 7, 9))


def test_whoever_may_not_decide_sets_nothing_going(market_bureau, wang, sun, shen):
    start(market_bureau, date(2026, 7, 6), days=3)
    notice = propose_notice(text=lawful(), proposed_by=sun, at=moment("2026-07-09 07:00"))
    with pytest.raises(PermissionDenied):
        approve(change=notice, approver=sun, at=moment("2026-07-09 08:00"))
    assert not Escalation.objects.exists()
