"""What nobody in an organ may take up, where it has no head either, stands at the desk of the department over it."""

from datetime import date

import pytest
from django.urls import reverse

from applications.accounts.models import Role, StaffRole
from applications.objections.steps import file_objection
from applications.repairs.models import RepairCase
from applications.repairs.selectors import in_queue
from applications.repairs.turns import stranded
from tests.fixtures import make_user, moment
from tests.pages import text
from tests.repairs.steps import refused

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 26)
HEADING = "没有人能办的办件"


@pytest.fixture
def objecting(general_record, market_bureau, alice, wang, li, zhao):
    """zhao, who decided, is the only one who approves, and not the head any more."""
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00"))
    StaffRole.objects.filter(user=zhao, role=Role.SUPERVISOR).delete()
    return RepairCase.objects.get(pk=case.pk)


def queue(person):
    return list(RepairCase.objects.filter(in_queue("mine", person, TODAY)))


def test_it_is_in_no_queue_and_so_at_the_departments_desk(client, objecting, wang, li, zhao, sun):
    assert not any(queue(person) for person in (wang, li, zhao))
    client.force_login(sun)
    desk = text(client.get(reverse("oversight:desk")))
    assert (
        HEADING in desk
        and objecting.number in desk
        and "由安全管理员指定一名没有参与过的人员或者负责人" in desk
    )


@pytest.mark.parametrize("post", [Role.APPROVER, Role.SUPERVISOR])
def test_whoever_is_appointed_has_it_in_the_own_queue(client, objecting, market_bureau, sun, post):
    new = make_user("new@example.com", "新来", market_bureau, post)
    assert queue(new) == [objecting]
    client.force_login(sun)
    assert HEADING not in text(client.get(reverse("oversight:desk")))


def test_other_departments_do_not_see_it(objecting, suzhou_department):
    assert list(stranded(TODAY, "3201")) == [objecting]
    assert not stranded(TODAY, "3205").exists()


def test_with_a_head_it_is_the_heads_to_find_somebody(objecting, zhao):
    StaffRole.objects.create(user=zhao, role=Role.SUPERVISOR)
    assert queue(zhao) == [objecting] and not stranded(TODAY).exists()
