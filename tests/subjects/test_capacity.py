"""A claim from before the capacity was asked: its owner is asked, and an officer checks the answer like any other."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.subjects.models import Claim
from applications.subjects.services import state_capacity
from tests.fixtures import make_user, moment
from tests.subjects.claims import approved, bureau_officer, stored

pytestmark = pytest.mark.django_db
NOW = moment("2026-11-23 10:00")


@pytest.fixture
def old(acme, alice):
    """With the proof that was handed in then."""
    claim = Claim.objects.get(user=alice, subject=acme)
    claim.capacity, claim.proof = "", stored(alice)
    claim.save()
    return claim


def address(claim) -> str:
    return f"/subjects/claims/{claim.pk}/capacity/"


def test_it_is_asked_at_the_desk_and_answered_with_one_click(client, old, alice, acme):
    client.force_login(alice)
    assert f'href="{address(old)}"' in client.get("/desk/").content.decode()
    page = client.get(address(old)).content.decode()
    assert 'value="representative"' in page and 'value="employee"' in page and 'value="agent"' not in page
    client.post(address(old), {"capacity": "representative"})
    made = Claim.objects.get(user=alice, subject=acme, status="pending")
    assert (made.capacity, made.proof, made.name) == ("representative", old.proof, acme.name)
    # Until an officer has answered, the old one holds and gives nothing more; nobody is asked again.
    old.refresh_from_db()
    assert old.status == "verified"
    assert address(old) not in client.get("/desk/").content.decode()
    approved(made, bureau_officer("320000"))
    assert list(Claim.objects.filter(user=alice, status="verified")) == [made]


def test_while_another_answer_waits_nothing_is_submitted_a_second_time(client, old, alice):
    client.force_login(alice)
    client.post(address(old), {"capacity": "employee"})
    assert address(old) not in client.get("/subjects/").content.decode()
    page = client.post(address(old), {"capacity": "representative"}, follow=True).content.decode()
    assert "这件认领不用补报身份。" in page and "已提交" not in page
    assert Claim.objects.get(user=alice, status="pending").capacity == "employee"
    with pytest.raises(ValidationError, match="正在核验"):
        state_capacity(claim=old, user=alice, capacity="representative", at=NOW)


@pytest.mark.parametrize(
    ("capacity", "said"),
    [("", "请选择您以什么身份办理"), ("self", "请选择您以什么身份"), ("agent", "代理的，请重新认领")],
)
def test_what_cannot_be_answered_so(client, old, alice, capacity, said):
    client.force_login(alice)
    page = client.post(address(old), {"capacity": capacity})
    assert page.status_code == 422 and said in page.content.decode()
    assert Claim.objects.filter(user=alice).count() == 1


def test_without_a_proof_it_is_claimed_anew(client, old, alice):
    Claim.objects.filter(pk=old.pk).update(proof=None)
    client.force_login(alice)
    page = client.post(address(old), {"capacity": "employee"})
    assert page.status_code == 422 and "请上传证明材料" in page.content.decode()
    assert "/subjects/claim/?kind=organisation" in page.content.decode()


def test_a_claim_that_says_it_is_not_asked(old, alice):
    old.capacity = "employee"
    old.save()
    with pytest.raises(ValidationError, match="不用补报身份"):
        state_capacity(claim=old, user=alice, capacity="representative", at=NOW)


def test_nobody_else(client, old):
    other = make_user("else@example.com", "别人")
    client.force_login(other)
    assert client.get(address(old)).status_code == 404
    assert client.post(address(old), {"capacity": "employee"}).status_code == 404
    with pytest.raises(PermissionDenied):
        state_capacity(claim=old, user=other, capacity="employee", at=NOW)
