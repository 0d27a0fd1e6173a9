"""Somebody who acts for very many subjects is pointed out to the bureau, and stopped by nothing."""

import pytest

from applications.sample.codes import make_uscc
from applications.subjects.models import Claim
from applications.subjects.selectors import Many, many_of
from rules.sameness import plain_phone
from tests.fixtures import make_user
from tests.subjects.claims import DESK, approved, claimed

pytestmark = pytest.mark.django_db


def companies(user, numbers):
    return [claimed(user, code=make_uscc("91", "320102", number), name=f"公司{number}") for number in numbers]


def with_phone(name, phone):
    user = make_user(f"{name}@example.com", name)
    user.phone = phone
    user.save(update_fields=["phone"])
    return user


def test_an_agent_of_five_is_flagged_and_can_be_confirmed(client, charlie, qian):
    claims = companies(charlie, range(1, 6))
    client.force_login(qian)
    page = client.get(f"{DESK}{claims[-1].pk}/change/").content.decode()
    assert "这名申请人已为 5 个主体办理或者申请办理" in page and "不妨碍通过" in page
    assert "一人代多个主体" in client.get(DESK).content.decode()
    assert approved(claims[-1], qian).status == "verified"


def test_four_are_not(client, charlie, qian):
    claims = companies(charlie, range(1, 5))
    client.force_login(qian)
    assert "请注意" not in client.get(f"{DESK}{claims[-1].pk}/change/").content.decode()
    assert "一人代多个主体" not in client.get(DESK).content.decode()


def test_one_telephone_of_several_accounts_counts_however_it_is_typed(charlie, qian):
    one, other = with_phone("one", "138-0000 1234"), with_phone("other", "+8613800001234")
    companies(one, range(1, 4))
    last = companies(other, (3, 4, 5))[-1]
    # The third company is the same.
    assert many_of(last) == Many(by_user=3, by_phone=5) and many_of(last).flagged
    # Nobody's telephone is no telephone in common.
    assert many_of(companies(charlie, [9])[0]) == Many(by_user=1, by_phone=0)


def test_what_was_given_up_or_refused_does_not_count(charlie, qian):
    claims = companies(charlie, range(1, 6))
    Claim.objects.filter(pk=claims[0].pk).update(status="withdrawn")
    Claim.objects.filter(pk=claims[1].pk).update(status="rejected")
    assert many_of(claims[-1]).by_user == 3


@pytest.mark.parametrize(
    "typed", ["13800001234", "138 0000 1234", "+86-138-0000-1234", "８６１３８００００１２３４"]
)
def test_a_telephone_is_its_digits(typed):
    assert plain_phone(typed) == "13800001234"
