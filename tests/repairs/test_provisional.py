"""A date that the next year's notice may move is marked wherever it is shown, and always has its year."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.calendars.services import approve, propose_closure
from applications.deadlines.selectors import clocks_of
from applications.notifications.models import Message
from tests.fixtures import moment
from tests.repairs.steps import refused, submitted

pytestmark = pytest.mark.django_db

# Filed on Wednesday 30 December 2026: 31 December, then Monday 4 and Tuesday 5 January; the 1st is off by law.
MARKED = "2027年1月5日（周二）（暂定）"


@pytest.fixture
def case(general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice, at="2026-12-30 10:00")
    clock = clocks_of(case.number).get()
    assert (clock.due_on, clock.provisional) == (date(2027, 1, 5), True)
    with time_machine.travel(moment("2026-12-31 10:00"), tick=False):
        yield case


def page(client, person, address):
    if person:
        client.force_login(person)
    return client.get(address).content.decode()


def test_in_the_officers_queue(client, case, wang):
    shown = page(client, wang, reverse("admin:repairs_repaircase_changelist"))
    assert '<span class="nowrap">2027-01-05（暂定）</span>' in shown


def test_in_the_list_of_clocks_and_on_the_clocks_page(client, case, wang):
    shown = page(client, wang, reverse("admin:deadlines_deadline_changelist"))
    assert '<span class="nowrap">2027-01-05 周二（暂定）</span>' in shown
    clock = clocks_of(case.number).get()
    shown = page(client, wang, reverse("admin:deadlines_deadline_change", args=[clock.pk]))
    assert f"最迟 {MARKED} 24:00 前" in shown and "2027年放假安排尚未公布，日期可能调整。" in shown


def test_on_the_officers_case_page(client, case, wang):
    shown = page(client, wang, reverse("admin:repairs_repaircase_change", args=[case.pk]))
    assert f"最迟 {MARKED} 24:00 前完成" in shown and "2027年放假安排尚未公布，日期可能调整。" in shown


def test_in_the_departments_list(client, case, sun):
    shown = page(client, sun, reverse("oversight:clocks", args=["open"]))
    assert "2027年1月5日（暂定）" in shown


@pytest.mark.parametrize("name", ["portal:desk", "repairs:status", "repairs:submitted"])
def test_on_the_applicants_pages(client, case, alice, name):
    shown = page(client, alice, reverse(name, args=[] if name == "portal:desk" else [case.number]))
    assert f"最迟 {MARKED} 24:00" in shown and "2027年放假安排尚未公布，日期可能调整。" in shown
    if name == "portal:desk":
        assert f"<dt>本阶段截止</dt><dd>{MARKED}</dd>" in shown


def test_where_an_objection_is_filed(client, general_record, market_bureau, alice, wang, li, zhao):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    # 31 December, 4 to 7 January.
    with time_machine.travel(moment("2026-12-30 10:00"), tick=False):
        shown = page(client, alice, reverse("objections:file", args=[case.number]))
    assert "今天提交，最迟 2027年1月7日（周四）（暂定）" in shown
    assert "2027年放假安排尚未公布，日期可能调整。" in shown


def test_in_the_message_about_a_moved_clock(case, alice, sun, zheng):
    closure = propose_closure(
        region="320100",
        first_on=date(2026, 12, 31),
        last_on=date(2026, 12, 31),
        name="暴雪停工",
        document_number="宁政电〔2026〕9号",
        proposed_by=sun,
        at=moment("2026-12-30 19:00"),
    )
    approve(change=closure, approver=zheng, at=moment("2026-12-30 20:00"))
    body = Message.objects.get(recipient=alice, key__startswith="moved:").body
    assert body.startswith(
        "因工作日安排变化，这项期限的届满日由2027年1月5日（暂定）调整为2027年1月6日（暂定）。"
        "2027年放假安排尚未公布，日期可能调整。\n信用主体：南京示例食品有限公司；"
    )


def test_what_is_certain_has_no_mark(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
        for person, address in (
            (alice, reverse("portal:desk")),
            (wang, reverse("admin:repairs_repaircase_changelist")),
            (wang, reverse("admin:repairs_repaircase_change", args=[case.pk])),
        ):
            shown = page(client, person, address)
            assert "暂定" not in shown and "尚未公布" not in shown
