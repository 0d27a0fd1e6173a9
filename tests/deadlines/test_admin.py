"""Who sees which clocks."""

import io
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.accounts.models import SEPARATED_ROLES
from applications.deadlines.access import visible_to
from applications.deadlines.services import meet_deadline, sweep_deadlines
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import make_user, moment
from tests.pages import one_line

CLOCKS = "/admin/deadlines/deadline/"


@pytest.fixture(autouse=True)
def wednesday(time_machine):
    time_machine.move_to(moment("2026-11-25 10:00"), tick=False)
    return time_machine


@pytest.fixture
def clock(market_bureau, wang):
    """Due today, wang's own."""
    return start(market_bureau, officer=wang)


def test_an_officer_sees_the_clocks_of_the_own_organ(client, clock, wang):
    client.force_login(wang)
    page = one_line(client.get(CLOCKS))
    assert CASE in page
    assert "今天到期" in page
    assert "2026-11-25 周三" in page


@pytest.mark.parametrize(("person", "seen"), [("wang", True), ("sun", True), ("outsider", False)])
def test_a_department_sees_its_region_and_a_unit_only_itself(request, client, clock, person, seen):
    user = request.getfixturevalue(person)
    client.force_login(user)
    assert (CASE in one_line(client.get(CLOCKS))) is seen
    assert client.get(f"{CLOCKS}{clock.pk}/change/").status_code == (200 if seen else 404)
    assert visible_to(user).filter(pk=clock.pk).exists() is seen


def test_applicants_and_strangers_have_no_way_in(client, clock, alice):
    assert client.get(CLOCKS).status_code == 302
    client.force_login(alice)
    assert client.get(CLOCKS).status_code in (302, 403)


@pytest.mark.parametrize("role", sorted(SEPARATED_ROLES))
def test_who_has_no_cases_is_offered_no_clocks(client, clock, market_bureau, role):
    client.force_login(make_user("keeper@example.com", "管维护", market_bureau, role))
    for address in (CLOCKS, "/admin/deadlines/escalation/"):
        assert client.get(address).status_code == 403
        assert address not in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("state", "cases"),
    [
        ("", {"XF-mine", "XF-turn", "XF-other", "XF-late"}),
        ("open", {"XF-mine", "XF-turn", "XF-other", "XF-late"}),
        ("mine", {"XF-mine", "XF-turn", "XF-late"}),
        ("today", {"XF-mine", "XF-turn"}),
        ("overdue", {"XF-late"}),
        ("stopped", {"XF-met"}),
    ],
)
def test_the_filters(client, market_bureau, wang, li, state, cases):
    start(market_bureau, case="XF-mine", kind="decision", officer=wang)
    start(market_bureau, case="XF-turn")
    start(market_bureau, case="XF-other", kind="decision", days=7)
    start(market_bureau, case="XF-late", days=2)
    start(market_bureau, case="XF-met")
    meet_deadline(case_number="XF-met", kind="acceptance", on=date(2026, 11, 24))
    client.force_login(wang)
    page = one_line(client.get(CLOCKS, {"state": state} if state else {}))
    names = {"XF-mine", "XF-turn", "XF-other", "XF-late", "XF-met"}
    assert {name for name in names if f">{name}<" in page} == cases


def test_the_earliest_comes_first(client, market_bureau, wang):
    start(market_bureau, case="XF-later", days=7)
    start(market_bureau, case="XF-sooner", days=2)
    client.force_login(wang)
    page = one_line(client.get(CLOCKS))
    assert page.index("XF-sooner") < page.index("XF-later")


def test_a_clock_page_tells_days_and_deliveries(client, clock, wang, zhao):
    sweep_deadlines(at=moment("2026-11-25 00:05"))
    client.force_login(wang)
    page = one_line(client.get(f"{CLOCKS}{clock.pk}/change/"))
    assert "2026年11月22日（周日）" in page and "周末" in page
    assert "第3个" in page
    assert "届满前一工作日提醒" in page and "届满日提醒" in page
    assert "王受理 站内消息：已送达" in page
    assert "赵审批 电子邮件：等待发送" in page


def test_nothing_can_be_changed_by_hand(client, clock, zhao):
    client.force_login(zhao)
    assert client.get(f"{CLOCKS}add/").status_code == 403
    assert client.post(f"{CLOCKS}{clock.pk}/delete/").status_code == 403


def test_a_list_costs_the_same_for_few_and_many(client, market_bureau, wang):
    client.force_login(wang)
    start(market_bureau, case="XF-first")
    # In this transaction the first page that shows something locks the chain of its reader.
    client.get(CLOCKS)
    costs = []
    for numbers in (range(3), range(3, 30)):
        for number in numbers:
            start(market_bureau, case=f"XF-{number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(CLOCKS)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_list_of_escalations_tells_what_became_of_the_messages(client, clock, zhao, sun):
    sweep_deadlines(at=moment("2026-11-25 00:05"))
    client.force_login(zhao)
    page = one_line(client.get("/admin/deadlines/escalation/"))
    assert "站内消息已送达 2" in page and "电子邮件等待发送 2" in page
    assert client.get("/admin/deadlines/sweep/").status_code == 200


def test_escalations_of_other_organs_are_not_shown(client, clock, outsider):
    sweep_deadlines(at=moment("2026-11-25 00:05"))
    client.force_login(outsider)
    assert CASE not in one_line(client.get("/admin/deadlines/escalation/"))


def test_the_sweep_by_command_is_the_same_service(clock, wang):
    out = io.StringIO()
    call_command("sweep_deadlines", stdout=out)
    assert "到期事项1个，提醒与上报2次，失败0个" in out.getvalue()
    assert clock.escalations.count() == 2
