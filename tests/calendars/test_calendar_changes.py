"""A notice that is published while cases run: proposed by one, put into effect by another, followed by all."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from applications.accounts.four_eyes import NotProposed
from applications.calendars.models import CalendarNotice, Recalculation
from applications.calendars.selectors import calendar
from applications.calendars.services import approve, propose_closure, propose_notice, reject
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import meet_deadline, sweep_deadlines
from applications.ledger.models import Event
from applications.notifications.models import Message
from rules.errors import InputError
from tests.calendars.notices import LABOUR_DAY_2019, SPRING_FESTIVAL_2020, know_only
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import moment


def test_the_spring_festival_of_2020_was_extended_while_cases_ran(
    market_bureau,
    wang,
    sun,
    shen,
    monkeypatch,
):
    """On 26 January, when people knew: off until 30 January, 31 January and Saturday 1 February worked."""
    know_only(monkeypatch, date(2020, 1, 25))
    start(market_bureau, date(2020, 1, 22), days=3, officer=wang)
    start(market_bureau, date(2020, 1, 22), days=7, case="XF-2", officer=wang)
    start(market_bureau, date(2020, 1, 20), days=3, case="XF-3")
    before = {clock.case_number: clock.due_on for n in (CASE, "XF-2", "XF-3") for clock in clocks_of(n)}
    # XF-1: 23, 31 January, 1 February. XF-2: on to 3, 4, 5, 6 February. XF-3: 21, 22, 23 January.
    assert before == {CASE: date(2020, 2, 1), "XF-2": date(2020, 2, 6), "XF-3": date(2020, 1, 23)}
    meet_deadline(case_number="XF-3", kind="acceptance", on=date(2020, 1, 23))

    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-01-26 20:00"))
    assert calendar().is_working(date(2020, 1, 31)), "a proposal changes nothing yet"
    result = approve(change=notice, approver=shen, at=moment("2020-01-26 21:00"))

    assert (result.checked, result.moved) == (2, 2)
    # XF-1: 23 January, 3 and 4 February. XF-2: 23 January, 3 to 7, 10 February.
    assert clocks_of(CASE).get().due_on == date(2020, 2, 4)
    assert clocks_of("XF-2").get().due_on == date(2020, 2, 10)
    assert clocks_of("XF-3").get().due_on == date(2020, 1, 23)
    assert clocks_of(CASE).get().next_step_on == date(2020, 2, 3)
    assert [day.date for day in clocks_of(CASE).get().explanation if day.counted] == [
        date(2020, 1, 23),
        date(2020, 2, 3),
        date(2020, 2, 4),
    ]
    event = Event.objects.get(chain=CASE, verb="deadline.moved")
    assert event.payload == {
        "clock": "acceptance",
        "round": 1,
        "from": "2020-02-01",
        "to": "2020-02-04",
    }
    for channel in ("inbox", "email"):
        message = Message.objects.get(recipient=wang, channel=channel)
        assert message.subject == "工作日历调整：2个期限变动", "an officer is told once of all that moved"
        assert f"{CASE} 受理答复：2020年2月1日（周六） → 2020年2月4日（周二）" in message.body
        assert "XF-2 受理答复" in message.body


def test_the_labour_day_of_2019_became_four_days_while_cases_ran(
    market_bureau,
    sun,
    shen,
    monkeypatch,
):
    know_only(monkeypatch, date(2019, 3, 21))
    start(market_bureau, date(2019, 4, 26), days=3)
    start(market_bureau, date(2019, 4, 30), days=3, case="XF-2")
    # Friday 26 April: 29, 30 April, 2 May. Tuesday 30 April: 2, 3, 6 May.
    assert clocks_of(CASE).get().due_on == date(2019, 5, 2)
    assert clocks_of("XF-2").get().due_on == date(2019, 5, 6)

    notice = propose_notice(text=LABOUR_DAY_2019, proposed_by=sun, at=moment("2019-04-26 10:00"))
    result = approve(change=notice, approver=shen, at=moment("2019-04-26 11:00"))

    # Sunday 28 April is worked: 28, 29, 30 April. Then Sunday 5 May is: 5, 6, 7 May.
    assert result.moved == 2
    assert clocks_of(CASE).get().due_on == date(2019, 4, 30)
    assert clocks_of("XF-2").get().due_on == date(2019, 5, 7)
    assert result.notice.document_number == "国办发明电〔2019〕3号"


def test_a_breach_that_the_new_calendar_takes_back_never_was_one(
    market_bureau,
    wang,
    zhao,
    sun,
    shen,
    monkeypatch,
):
    know_only(monkeypatch, date(2020, 1, 25))
    start(market_bureau, date(2020, 1, 21), days=3)
    sweep_deadlines(at=moment("2020-02-01 00:05"))
    # 22, 23, 31 January.
    assert clocks_of(CASE).get().breached_on == date(2020, 2, 1)

    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-02-01 09:00"))
    approve(change=notice, approver=shen, at=moment("2020-02-01 09:30"))

    clock = clocks_of(CASE).get()
    assert (clock.due_on, clock.breached_on) == (date(2020, 2, 3), None)
    # 赵 heads the organ and 孙 the department above it: both were told of the breach.
    told = Message.objects.filter(key__startswith="moved-", channel="inbox")
    assert {message.recipient for message in told} >= {wang, zhao, sun}
    assert all("原来的逾期不再成立" in message.body for message in told)
    withdrawn = Event.objects.get(chain=CASE, verb="deadline.breach_withdrawn")
    assert withdrawn.payload == {"clock": "acceptance", "round": 1, "due_on": "2020-01-31"}
    sweep_deadlines(at=moment("2020-02-01 10:00"))
    assert list(clock.escalations.order_by("id").values_list("level", flat=True)) == [
        "reminder",
        "due",
        "breach",
    ], "what was said is not said again"
    sweep_deadlines(at=moment("2020-02-04 00:05"))
    assert clocks_of(CASE).get().breached_on == date(2020, 2, 4)


def test_nobody_hears_twice_on_one_day_that_a_clock_is_over(market_bureau, wang, sun, shen):
    closed = propose_closure(
        region="320100",
        first_on=date(2026, 7, 8),
        last_on=date(2026, 7, 8),
        name="台风停工",
        document_number="宁防指〔2026〕3号",
        proposed_by=sun,
        at=moment("2026-07-02 09:00"),
    )
    approve(change=closed, approver=shen, at=moment("2026-07-02 10:00"))
    # Friday 3 July: 6, 7 and 9 July; over on Friday 10 July.
    clock = start(market_bureau, date(2026, 7, 3), days=3)
    sweep_deadlines(at=moment("2026-07-10 00:05"))
    assert clock.escalations.get(on=date(2026, 7, 10)).level == "breach"

    # That 8 July was worked after all becomes known on the 10th: the last day was the 8th.
    reopened = propose_closure(
        region="320100",
        first_on=date(2026, 7, 8),
        last_on=date(2026, 7, 8),
        name="照常上班",
        document_number="宁防指〔2026〕4号",
        working=True,
        proposed_by=sun,
        at=moment("2026-07-10 09:00"),
    )
    approve(change=reopened, approver=shen, at=moment("2026-07-10 09:30"))
    sweep_deadlines(at=moment("2026-07-10 10:00"))

    clock = clocks_of(CASE).get()
    assert (clock.due_on, clock.breached_on) == (date(2026, 7, 8), date(2026, 7, 9))
    assert clock.escalations.get(on=date(2026, 7, 10)).level == "breach"
    assert clock.next_step_on == date(2026, 7, 13)


def test_an_unannounced_year_becomes_official(market_bureau, sun, shen):
    start(market_bureau, date(2026, 12, 30), days=3)
    # Thursday 24 to Monday 28 December: a notice for 2027 could have reached them.
    start(market_bureau, date(2026, 12, 23), days=3, case="XF-2")
    assert clocks_of("XF-2").get().provisional
    assert clocks_of(CASE).get().provisional
    # By law alone only 1 January is off: 31 December, 4 and 5 January.
    assert clocks_of(CASE).get().due_on == date(2027, 1, 5)
    text = """year = 2027
[[notices]]
document_number = "国办发明电〔2026〕9号"
holidays = [
  { name = "元旦", start = 2027-01-01, end = 2027-01-03 },
  { name = "春节", start = 2027-02-05, end = 2027-02-11 },
  { name = "清明节", start = 2027-04-05, end = 2027-04-05 },
  { name = "劳动节", start = 2027-05-01, end = 2027-05-05 },
  { name = "端午节", start = 2027-06-09, end = 2027-06-09 },
  { name = "中秋节", start = 2027-09-15, end = 2027-09-15 },
  { name = "国庆节", start = 2027-10-01, end = 2027-10-07 },
]
make_up = [
  { date = 2027-02-20, name = "春节" },
  { date = 2027-05-08, name = "劳动节" },
  { date = 2027-09-26, name = "国庆节" },
  { date = 2027-10-09, name = "国庆节" },
]
"""

    notice = propose_notice(text=text, proposed_by=sun, at=moment("2026-11-05 10:00"))
    result = approve(change=notice, approver=shen, at=moment("2026-11-05 11:00"))

    clock = clocks_of(CASE).get()
    assert (clock.due_on, clock.provisional, result.moved) == (date(2027, 1, 5), False, 0)
    assert not clocks_of("XF-2").get().provisional
    moved = Message.objects.filter(key__startswith="moved-")
    assert not moved.exists(), "nothing moved, nobody is disturbed"


def test_the_proposer_does_not_approve(sun, wang, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-01-26 20:00"))

    for person in (sun, wang):
        with pytest.raises(PermissionDenied):
            approve(change=notice, approver=person, at=moment("2020-01-26 21:00"))
    notice.state, notice.decided_by, notice.decided_at = "approved", sun, moment("2020-01-26 21:00")
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save()
    assert not Recalculation.objects.exists()


def test_only_departments_propose(wang, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    with pytest.raises(PermissionDenied):
        propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=wang, at=moment("2020-01-26 20:00"))


def test_decided_once(sun, shen, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-01-26 20:00"))
    reject(change=notice, approver=shen, reason="文号不符", at=moment("2020-01-26 21:00"))

    with pytest.raises(NotProposed):
        approve(change=notice, approver=shen, at=moment("2020-01-26 22:00"))
    assert calendar().is_working(date(2020, 1, 31))


def test_the_same_is_not_proposed_twice(sun, shen, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    at = moment("2020-01-26 20:00")
    days = {
        "first_on": date(2020, 2, 10),
        "last_on": date(2020, 2, 11),
        "name": "雪",
        "document_number": "雪1号",
    }
    for propose in (
        lambda who: propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=who, at=at),
        lambda who: propose_closure(region="320100", proposed_by=who, at=at, **days),
    ):
        propose(sun)
        with pytest.raises(InputError, match="孙监督已于1月26日 20:00提出，正等待复核"):
            propose(shen)


def test_a_page_that_compared_with_another_calendar_is_stale(sun, shen, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    notice = propose_notice(text=SPRING_FESTIVAL_2020, proposed_by=sun, at=moment("2020-01-26 20:00"))

    with pytest.raises(NotProposed, match="重新核对"):
        approve(change=notice, approver=shen, at=moment("2020-01-26 21:00"), seen="somethingelse")
    notice.refresh_from_db()
    assert notice.state == CalendarNotice.State.PROPOSED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "空"),
        # 28 April 2019 was a Sunday.
        (LABOUR_DAY_2019.replace("4月28日（星期日）", "4月28日（星期六）"), "4月28日|2019-04-28"),
        (LABOUR_DAY_2019.replace("5月5日（星期日）", "5月4日（星期六）"), "2019-05-04"),
        (LABOUR_DAY_2019.replace("共4天", "共5天"), "5天|5"),
    ],
)
def test_a_notice_that_contradicts_itself_is_refused(sun, monkeypatch, text, told):
    know_only(monkeypatch, date(2019, 3, 21))
    with pytest.raises(InputError, match=told):
        propose_notice(text=text, proposed_by=sun, at=moment("2019-03-22 10:00"))
    assert not CalendarNotice.objects.exists()


def test_what_is_in_force_already_is_refused(sun):
    with pytest.raises(InputError, match="一致"):
        propose_notice(text=LABOUR_DAY_2019, proposed_by=sun, at=moment("2026-11-05 10:00"))


def test_a_typhoon_closes_one_city(market_bureau, ecology_bureau, sun, shen):
    start(market_bureau, date(2026, 7, 8), days=3)
    start(ecology_bureau, date(2026, 7, 8), days=3, case="XF-2")
    # Wednesday: 9, 10, 13 July.
    closure = propose_closure(
        region="320100",
        first_on=date(2026, 7, 9),
        last_on=date(2026, 7, 10),
        name="台风停工",
        document_number="宁防指〔2026〕3号",
        proposed_by=sun,
        at=moment("2026-07-08 20:00"),
    )
    approve(change=closure, approver=shen, at=moment("2026-07-08 20:30"))

    # Nanjing: 13, 14, 15 July. Suzhou as before.
    assert clocks_of(CASE).get().due_on == date(2026, 7, 15)
    assert clocks_of("XF-2").get().due_on == date(2026, 7, 13)
    assert not calendar("320102").is_working(date(2026, 7, 9)), "its districts too"
    assert clocks_of(CASE).get().explanation[0].reason == "台风停工"

    back = propose_closure(
        region="320100",
        first_on=date(2026, 7, 10),
        last_on=date(2026, 7, 10),
        name="恢复上班",
        document_number="宁防指〔2026〕4号",
        proposed_by=shen,
        at=moment("2026-07-09 12:00"),
        working=True,
    )
    approve(change=back, approver=sun, at=moment("2026-07-09 12:30"))
    # 10, 13, 14 July.
    assert clocks_of(CASE).get().due_on == date(2026, 7, 14)


def test_a_department_closes_only_its_own_region(sun):
    with pytest.raises(PermissionDenied):
        propose_closure(
            region="320500",
            first_on=date(2026, 7, 9),
            last_on=date(2026, 7, 9),
            name="台风停工",
            document_number="苏防指〔2026〕3号",
            proposed_by=sun,
            at=moment("2026-07-08 20:00"),
        )
