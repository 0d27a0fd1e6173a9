"""A day that turns out not to be worked: the applicant hears by when the answer comes now."""

from datetime import date

import pytest

from applications.accounts.models import Role
from applications.calendars.services import approve, propose_closure
from applications.deadlines.models import Deadline
from applications.notifications.models import Message
from applications.repairs import steps
from tests.fixtures import make_user, moment
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db


def close_the_ninth(sun, credit_department):
    second = make_user("shen@example.com", "沈复核", credit_department, Role.SUPERVISOR)
    closure = propose_closure(
        region="320100",
        first_on=date(2026, 10, 9),
        last_on=date(2026, 10, 9),
        name="暴雪停工",
        document_number="宁政发电〔2026〕9号",
        proposed_by=sun,
        at=moment("2026-10-08 18:00"),
    )
    approve(change=closure, approver=second, at=moment("2026-10-08 19:00"))


def test_the_applicant_is_told_once(general_record, market_bureau, alice, sun, credit_department):
    case = submitted(general_record, market_bureau, alice, at="2026-09-30 10:00")
    clock = Deadline.objects.get(case_number=case.number)
    # 8 October (Thursday) 1, 9 October 2, Saturday 10 October (make-up workday) 3.
    assert clock.due_on == date(2026, 10, 10)
    close_the_ninth(sun, credit_department)
    clock.refresh_from_db()
    # 8 October 1, 10 October 2, Monday 12 October 3.
    assert clock.due_on == date(2026, 10, 12)
    case.refresh_from_db()
    assert case.due_on == clock.due_on, "the officers' queue is sorted by the new day"
    told = Message.objects.get(recipient=alice, about=case.number, subject__contains="期限调整")
    assert "2026年10月10日调整为2026年10月12日" in told.body


def test_a_clock_that_has_stopped_does_not_move(general_record, market_bureau, alice, sun, credit_department):
    case = submitted(general_record, market_bureau, alice, at="2026-09-30 10:00")
    steps.withdraw_case(case=case, actor=alice, at=moment("2026-10-08 09:00"))
    close_the_ninth(sun, credit_department)
    assert Deadline.objects.get(case_number=case.number).due_on == date(2026, 10, 10)
    assert not Message.objects.filter(recipient=alice, subject__contains="期限调整").exists()
