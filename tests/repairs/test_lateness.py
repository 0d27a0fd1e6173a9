"""What pages say of a clock that was missed: by how many working days, and that the department knows only if it does."""

import pytest
import time_machine
from django.urls import reverse

from applications.accounts.models import StaffRole
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import sweep_deadlines
from applications.repairs import steps
from tests.fixtures import moment
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db

# Submitted on Friday 20 November: the answer was due on Wednesday the 25th.
TOLD = "系统已于 2026年11月26日 00:05 通知信用管理部门督办。"


@pytest.fixture
def case(general_record, market_bureau, alice, wang, zhao):
    return submitted(general_record, market_bureau, alice)


@pytest.fixture
def applicants_pages(client, case, alice):
    """What three pages say at a moment: the case's, the desk's, and the one without an account."""

    def read(at):
        with time_machine.travel(moment(at), tick=False):
            client.force_login(alice)
            pages = [client.get(reverse("repairs:status", args=[case.number])), client.get("/desk/")]
            client.logout()
            client.post("/track/", {"number": case.number, "code": case.tracking_code})
            pages.append(client.get(f"/track/{case.number}/"))
        return [" ".join(page.content.decode().split()) for page in pages]

    return read


def officers_page(client, case, person, at):
    with time_machine.travel(moment(at), tick=False):
        client.force_login(person)
        answer = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk]))
    return " ".join(answer.content.decode().split())


def test_before_the_sweep_nobody_claims_that_the_department_knows(client, case, sun, wang, applicants_pages):
    for page in applicants_pages("2026-11-26 00:01"):
        assert "法定期限 2026年11月25日（周三） 已过，已逾期1个工作日。" in page
        assert "通知信用管理部门" not in page
    page = officers_page(client, case, wang, "2026-11-26 00:01")
    assert "已逾期1个工作日。还没有上报信用管理部门。" in page
    assert '<span class="tag tag-bad">已逾期</span>' in page, "also where the clock was counted"


def test_after_it_they_say_when(client, case, sun, wang, applicants_pages):
    sweep_deadlines(at=moment("2026-11-26 00:05"))
    for page in applicants_pages("2026-12-01 09:00"):
        # 26, 27, 30 November, 1 December.
        assert f"已逾期4个工作日。{TOLD}" in page
    assert "已逾期4个工作日。已于 2026年11月26日 00:05 上报信用管理部门。" in officers_page(
        client, case, wang, "2026-12-01 09:00"
    )


def test_without_anybody_in_the_department_it_was_not_told(client, case, sun, wang, applicants_pages):
    StaffRole.objects.filter(user=sun).delete()
    sweep_deadlines(at=moment("2026-11-26 00:05"))
    for page in applicants_pages("2026-11-26 09:00"):
        assert "已逾期1个工作日。" in page and "通知信用管理部门" not in page


def test_a_withdrawn_case_does_not_hide_its_breach(client, case, alice, wang, sun):
    steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-30 10:00"))

    clock = clocks_of(case.number).get()
    # 26, 27, 30 November.
    assert (str(clock.breached_on), clock.days_late) == ("2026-11-26", 3)
    words = "已终止，终止时已逾期3个工作日"
    with time_machine.travel(moment("2026-12-01 09:00"), tick=False):
        client.force_login(wang)
        listed = client.get(reverse("admin:deadlines_deadline_changelist"), {"state": "stopped"})
        alone = client.get(reverse("admin:deadlines_deadline_change", args=[clock.pk]))
    page = officers_page(client, case, wang, "2026-12-01 09:00")
    assert f'<span class="tag tag-bad">{words}</span>' in listed.content.decode()
    assert f'<span class="tag tag-bad">{words}</span>' in alone.content.decode()
    assert "2026年11月30日（周一）终止，终止时已逾期3个工作日" in page


def test_withdrawn_in_time_is_no_breach(client, case, alice, wang):
    steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-25 10:00"))
    clock = clocks_of(case.number).get()
    assert (clock.breached_on, clock.days_late) == (None, 0)
    client.force_login(wang)
    listed = client.get(reverse("admin:deadlines_deadline_changelist"), {"state": "stopped"})
    assert '<span class="tag ">已终止</span>' in listed.content.decode()
