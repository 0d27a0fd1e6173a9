"""The sign-in address of staff: the security administrator proposes another, its owner confirms it signed in."""

import pytest
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from applications.accounts.models import Role, User
from applications.accounts.services import create_staff, propose_address
from applications.ledger.models import Event
from tests.accounts.mailbox import delivered
from tests.accounts.test_sign_in import link_in, sign_in
from tests.fixtures import PASSWORD, make_user, moment

NOW = moment("2026-11-20 10:00")
NEW = "wang.new@example.com"


@pytest.fixture(autouse=True)
def mails_may_go(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


@pytest.fixture
def keeper(credit_bureau) -> User:
    user = make_user("keeper@example.com", "安全员", credit_bureau, Role.SECURITY_ADMIN)
    User.objects.filter(pk=user.pk).update(phone="025-87654321")
    return user


@pytest.fixture
def desk(keeper) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def propose(desk, user, email=NEW, **form):
    form = {
        "name": user.name,
        "phone": "",
        "is_active": "on",
        "roles": ["intake"],
        "new_email": email,
        **form,
    }
    return desk.post(f"/admin/accounts/user/{user.pk}/change/", form, follow=True)


def verbs(user):
    """What happened to the account; who looked at it apart."""
    events = Event.objects.filter(chain=f"user-{user.pk}").exclude(verb="user.read")
    return list(events.order_by("position").values_list("verb", flat=True))


def test_the_own_page_says_who_changes_it_and_changes_nothing(client, wang, keeper, outsider, ecology_bureau):
    make_user("keeper.sz@example.com", "苏州安全员", ecology_bureau, Role.SECURITY_ADMIN)
    client.force_login(wang)
    page = client.get(reverse("account_email")).content.decode()
    assert "wang@example.com" in page
    assert "南京市公共信用信息中心 安全员，025-87654321" in page
    assert "苏州安全员" not in page
    form = {"email": NEW, "password": PASSWORD, "action_add": ""}
    for data in (form, {"email": "wang@example.com", "action_remove": ""}, {"email": NEW, "action_send": ""}):
        response = client.post(reverse("account_email"), data)
        assert response.status_code == 403
        assert "不能自行更换" in response.content.decode()
    assert [address.email for address in wang.emailaddress_set.all()] == ["wang@example.com"]
    assert delivered() == []


def test_the_page_asks_for_sign_in(client, db):
    assert client.get(reverse("account_email")).status_code == 302


def test_the_new_address_is_in_force_when_its_owner_confirms_it_signed_in(client, desk, wang):
    page = propose(desk, wang).content.decode()
    assert f"确认链接正在发往 {NEW}" in page
    assert "等待本人登录确认" in desk.get(f"/admin/accounts/user/{wang.pk}/change/").content.decode()
    to_new, to_old = delivered()
    assert (to_new.to, to_old.to) == ([NEW], ["wang@example.com"])
    assert NEW in to_old.body and "安全员" in to_old.body
    link = link_in(to_new)

    # The old one goes on until then; the page says what is under way.
    assert sign_in(client, "wang@example.com").url == reverse("admin:index")
    assert NEW in client.get(reverse("account_email")).content.decode()
    page = client.get(link)
    assert NEW in page.content.decode()
    wang.refresh_from_db()
    assert wang.email == "wang@example.com"
    client.post(link)
    wang.refresh_from_db()
    assert wang.email == NEW
    assert verbs(wang) == ["user.address_proposed", "user.signed_in", "user.address_changed"]
    assert Event.objects.get(verb="user.address_proposed").role == "security_admin"
    assert delivered()[-1].to == ["wang@example.com"]
    assert sign_in(Client(), NEW).url == reverse("admin:index")
    assert sign_in(Client(), "wang@example.com").status_code == 200


def test_the_link_without_the_persons_password_does_nothing(client, desk, wang, li):
    """Or else the security administrator takes an account over with a mailbox of the own."""
    propose(desk, wang)
    link = link_in(delivered()[0])
    for method in (client.get, client.post, desk.get, desk.post):
        response = method(link)
        assert response.url == redirect_to_login(link).url
    client.force_login(li)
    assert client.post(link).status_code == 302
    wang.refresh_from_db()
    assert wang.email == "wang@example.com"
    assert sign_in(client, "wang@example.com", next=link).url == link
    assert NEW in client.get(link).content.decode()


def test_a_second_proposal_replaces_the_first(client, desk, wang):
    propose(desk, wang, "typo@example.com")
    first = link_in(delivered()[0])
    propose(desk, wang)
    client.force_login(wang)
    assert client.post(first).status_code == 404
    client.post(link_in(delivered()[2]))
    wang.refresh_from_db()
    assert wang.email == NEW


def test_an_address_that_never_had_a_password_changes_at_once(client, desk, keeper, market_bureau):
    user = create_staff(
        email="typo@example.com", name="新同事", organ=market_bureau, roles=["intake"], actor=keeper, at=NOW
    )
    page = propose(desk, user, "new.person@example.com").content.decode()
    assert "登录邮箱已更换" in page
    [invitation] = delivered()
    assert invitation.to == ["new.person@example.com"]
    action = client.get(link_in(invitation), follow=True).context["action_url"]
    client.post(action, {"password1": "a sentence of words", "password2": "a sentence of words"})
    assert sign_in(client, "new.person@example.com", "a sentence of words").url == reverse("admin:index")


def test_nobody_changes_the_own_address(desk, keeper):
    page = desk.get(f"/admin/accounts/user/{keeper.pk}/change/").content.decode()
    assert 'name="new_email"' not in page
    propose(desk, keeper, roles=["security_admin"])
    assert not keeper.emailaddress_set.filter(email=NEW).exists()
    with pytest.raises(ValidationError, match="自己的登录邮箱"):
        propose_address(user=keeper, email=NEW, actor=keeper, at=NOW)


@pytest.mark.parametrize(
    ("email", "said"),
    [("ALICE@example.com", "该邮箱已有账号"), ("wang@example.com", "该邮箱已有账号"), ("nobody", "有效")],
)
def test_a_bad_address_is_named(desk, wang, alice, email, said):
    assert said in propose(desk, wang, email).content.decode()
    assert not wang.emailaddress_set.filter(verified=False).exists()
    assert delivered() == []


def test_another_regions_people_are_not_touched(desk, keeper, outsider, alice):
    for person in (outsider, alice):
        assert propose(desk, person).status_code == 404
    with pytest.raises(PermissionDenied):
        propose_address(user=outsider, email=NEW, actor=keeper, at=NOW)
    with pytest.raises(ValidationError):
        propose_address(user=alice, email=NEW, actor=keeper, at=NOW)


def test_officers_do_not_propose(wang, li):
    with pytest.raises(PermissionDenied):
        propose_address(user=li, email=NEW, actor=wang, at=NOW)


def test_an_address_taken_in_the_meantime_is_said(client, alice):
    """An applicant asks for an address with which somebody signed up and never verified it."""
    taken = User.objects.create_user("taken@example.com", "some words to sign in")
    taken.emailaddress_set.create(email=taken.email, primary=True)
    client.force_login(alice)
    client.post(reverse("account_email"), {"email": taken.email, "password": PASSWORD, "action_add": ""})
    response = client.post(link_in(delivered()[0]))
    assert response.status_code == 409
    assert "已由另一个账号使用" in response.content.decode()
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
