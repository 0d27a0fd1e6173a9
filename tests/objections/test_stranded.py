"""An objection that nobody of the organ may handle: its head is told once, and no longer once somebody may."""

import pytest
from django.urls import reverse

from applications.accounts.models import Role, StaffRole
from applications.notifications.models import Message
from applications.objections.models import Objection
from applications.objections.steps import file_objection
from applications.objections.stranded import tell_stranded
from applications.objections.tasks import tell_stranded as task
from applications.records.services.objections import object_to_information
from tests.fixtures import make_user, moment
from tests.repairs.steps import refused

pytestmark = pytest.mark.django_db

AT = moment("2026-11-26 11:00")
SUBJECT = "没有人能处理这件异议"


@pytest.fixture
def objection(general_record, market_bureau, alice, wang, li, zhao):
    """zhao, who decided, is the only one who approves."""
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    return file_objection(
        case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00")
    )


@pytest.fixture
def head(market_bureau, zhao):
    StaffRole.objects.filter(user=zhao, role=Role.SUPERVISOR).delete()
    return make_user("head@example.com", "钱负责", market_bureau, Role.SUPERVISOR)


def told(person):
    return Message.objects.filter(recipient=person, channel="inbox", subject__contains=SUBJECT)


def test_the_head_is_told_once(objection, head, li, zhao):
    tell_stranded(at=AT)
    tell_stranded(at=moment("2026-11-26 11:05"))
    message = told(head).get()
    assert (
        objection.case.number in message.subject
        and "由安全管理员指定一名没有参与过的审批人员" in message.body
    )
    # Thursday 26th: Friday 1, Monday 2, Tuesday 3, Wednesday 4, Thursday 3 December 5.
    assert "最迟2026年12月3日（周四）处理" in message.body
    assert not told(zhao).exists() and not told(li).exists()


def test_it_goes_when_somebody_is_appointed_and_comes_back_with_the_trouble(objection, head, market_bureau):
    tell_stranded(at=AT)
    new = make_user("new@example.com", "新来", market_bureau, Role.APPROVER)
    tell_stranded(at=moment("2026-11-26 12:00"))
    assert told(head).get().read_at == moment("2026-11-26 12:00")
    objection.refresh_from_db()
    assert objection.stranded_since is None and not told(new).exists()
    new.is_active = False
    new.save()
    tell_stranded(at=moment("2026-11-27 09:00"))
    assert told(head).filter(read_at=None).count() == 1 and told(head).count() == 2


def test_it_goes_when_the_objection_does(objection, head):
    tell_stranded(at=AT)
    Objection.objects.update(outcome="overturned", handled_at=AT)
    tell_stranded(at=moment("2026-11-26 12:00"))
    assert not told(head).filter(read_at=None).exists()


def test_without_a_head_the_department_is_told(objection, zhao, sun):
    StaffRole.objects.filter(user=zhao, role=Role.SUPERVISOR).delete()
    tell_stranded(at=AT)
    assert told(sun).count() == 1


def test_where_somebody_may_handle_it_nobody_is_told(objection, second_approver):
    tell_stranded(at=AT)
    assert not Message.objects.filter(subject__contains=SUBJECT).exists()


def test_whom_there_is_nobody_to_tell_is_told_once_there_is_somebody(
    objection, zhao, sun, market_bureau, caplog
):
    StaffRole.objects.filter(role=Role.SUPERVISOR).delete()
    tell_stranded(at=AT)
    assert "nobody to tell" in caplog.text
    head = make_user("head@example.com", "钱负责", market_bureau, Role.SUPERVISOR)
    tell_stranded(at=moment("2026-11-26 12:00"))
    assert told(head).count() == 1


def test_beat_calls_it(objection, head):
    task()
    assert told(head).count() == 1


def test_the_message_leads_to_the_case(client, objection, head):
    tell_stranded(at=AT)
    client.force_login(head)
    page = client.get(told(head).get().link, follow=True)
    assert page.request["PATH_INFO"] == reverse("admin:repairs_repaircase_change", args=[objection.case_id])


def test_an_information_objection_without_anybody_to_answer_is_the_heads_to_know(
    general_record, alice, zhao, market_bureau, head
):
    StaffRole.objects.filter(user=zhao, role=Role.APPROVER).delete()
    object_to_information(
        subject=general_record.subject, record=general_record, unit=market_bureau,
        wanted={"fine_amount": "0.3"}, grounds="金额有误。", actor=alice, at=AT,
    )  # fmt: skip
    assert (
        Message.objects.filter(recipient=head, channel="inbox", subject__contains="信息异议待处理").count()
        == 1
    )
