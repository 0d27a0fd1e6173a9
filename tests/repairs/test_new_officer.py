"""What somebody who has not seen the desk reads there: whose case it is, what the rules say of it, and what a step brings."""

import pytest
import time_machine
from django.urls import reverse

from applications.notifications.services import notify
from applications.repairs import steps
from tests.fixtures import moment
from tests.pages import seen
from tests.repairs.receptions import filed
from tests.repairs.steps import accepted, reviewed, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(moment("2026-11-25 10:00"), tick=False):
        yield


def case_page(client, case):
    return seen(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))


def step_page(client, case, action):
    return seen(client.get(reverse("admin:repairs_step", args=[case.pk, action])))


def test_the_rules_are_asked_about_what_was_found_and_not_about_what_was_stated(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = reviewed(
        accepted(general_record, market_bureau, alice, wang), li, obligations_fulfilled="罚款没有入账。"
    )
    client.force_login(zhao)
    said = case_page(client, case).partition("规则核对")[2].partition("保存的核对结果")[0]
    assert "尚有法定责任和义务没有履行完毕" in said
    assert "可以申请依据" not in said


def test_a_page_of_a_step_says_whose_case_it_is(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    subject = general_record.subject
    for action in ("accept", "request_correction", "decline"):
        page = step_page(client, case, action)
        assert f"{subject}（{subject.masked_code}），{general_record}，已提交" in page


def test_a_step_says_who_goes_on(client, general_record, market_bureau, alice, wang, li, zhao):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    assert "申请变为“已受理”，由审查岗接着办理" in step_page(client, case, "accept")
    # Whose turn it is then is no officer's.
    assert "申请变为“待补正”" in step_page(client, case, "request_correction")
    steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    case = reviewed(case, li)
    client.force_login(zhao)
    page = step_page(client, case, "grant")
    assert "申请变为“准予修复”" in page and "接着办理" not in page


def test_nobody_is_told_electronically_of_what_came_at_the_window(client, general_record, wang):
    case = filed(general_record, wang)
    client.force_login(wang)
    page = step_page(client, case, "accept")
    assert "不发电子通知；文书由受理岗送达当事人" in page
    assert "通知申请人" not in page


def test_the_first_page_says_how_many_messages_are_unread(client, general_record, market_bureau, wang):
    first = reverse("admin:index")
    client.force_login(wang)
    assert "未读消息" not in seen(client.get(first))
    notify(key="a", recipients=[wang], subject="提醒", body="明天届满。", at=moment("2026-11-25 09:00"))
    assert "1未读消息" in seen(client.get(first))
    client.post(reverse("notifications:mark_all_read"))
    assert "未读消息" not in seen(client.get(first))
