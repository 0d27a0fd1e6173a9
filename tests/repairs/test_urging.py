"""催办: once a day, and it reaches whoever answers for the clock and the head of the organ."""

import pytest
import time_machine
from django.urls import reverse

from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.repairs import services
from applications.repairs.services.urging import URGED
from tests.fixtures import moment
from tests.pages import text
from tests.repairs.steps import accepted, granted, submitted

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-23 15:00")


def urge(client, case):
    return client.post(reverse("repairs:urge", args=[case.number]), follow=True)


def told(person):
    return Message.objects.filter(recipient=person, channel="inbox", key__contains=URGED)


def test_it_reaches_the_officer_and_the_head(client, general_record, market_bureau, alice, wang, li, zhao):
    case = accepted(general_record, market_bureau, alice, wang)
    with time_machine.travel(NOW, tick=False):
        client.force_login(alice)
        page = text(client.get(reverse("repairs:status", args=[case.number])))
        assert ">催办</button>" in page
        page = text(urge(client, case))
    # li examines; zhao decides and is the head. wang has taken it in, and nothing of it waits for him.
    assert "已催办，通知了2名工作人员，包括南京市市场监督管理局的负责人。" in page
    assert "已于 2026年11月23日 15:00 催办" in page and ">催办</button>" not in page
    assert told(li).count() == told(zhao).count() == 1 and not told(wang)
    body = told(zhao).get().body
    assert "“作出决定”期限2026年12月2日（周三）届满。还剩7个工作日。" in body
    # It stands in the archive, and in what the applicant sees.
    assert Event.objects.get(verb=URGED).actor == alice and "申请人催办" in page


def test_it_is_done_once_a_day(client, general_record, market_bureau, alice, bob, zhao):
    case = submitted(general_record, market_bureau, alice)
    with time_machine.travel(NOW, tick=False):
        client.force_login(alice)
        urge(client, case)
        client.force_login(bob)
        # Whoever else acts for the company presses a button of before.
        assert "今天已经催办过" in text(urge(client, case))
    with time_machine.travel(moment("2026-11-24 08:30"), tick=False):
        client.force_login(bob)
        assert "已催办" in text(urge(client, case))
    assert told(zhao).count() == 2


def test_of_a_late_one_the_department_hears(
    client, general_record, market_bureau, credit_department, alice, wang, zhao, sun
):
    case = submitted(general_record, market_bureau, alice)
    # Due on Wednesday, 25 November.
    with time_machine.travel(moment("2026-11-27 09:00"), tick=False):
        client.force_login(alice)
        urge(client, case)
    assert "已逾期2个工作日" in told(sun).get().body and told(zhao).exists()


def test_nothing_is_urged_where_nobody_owes_an_answer(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    from applications.repairs.steps import withdraw_case

    withdraw_case(case=case, actor=alice, at=NOW)
    client.force_login(alice)
    page = text(urge(client, case))
    assert "不需要催办" in page and ">催办</button>" not in page
    assert not Event.objects.filter(verb=URGED).exists()


def test_it_is_nobody_elses(client, general_record, market_bureau, alice, charlie, wang):
    case = submitted(general_record, market_bureau, alice)
    for stranger in (charlie, wang):
        client.force_login(stranger)
        assert urge(client, case).status_code == 404
        with pytest.raises(services.NotAllowed):
            services.urge_case(case=case, actor=stranger, at=NOW)
    client.force_login(alice)
    assert client.get(reverse("repairs:urge", args=[case.number])).status_code == 405


def test_a_decision_that_waits_for_the_platform_can_be_urged(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    with time_machine.travel(moment("2026-11-26 09:00"), tick=False):
        client.force_login(alice)
        assert "已催办" in text(urge(client, case))
    assert told(zhao).exists()
