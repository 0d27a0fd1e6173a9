"""The security administrator's desk: staff accounts, roles, and the separation of the three administrators."""

import re
from datetime import timedelta
from itertools import combinations, product

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from applications.accounts.access import has_role, managed_organs, may_manage_staff_of
from applications.accounts.models import Role, StaffRole, User
from applications.accounts.selectors import staff_of
from applications.accounts.services import create_staff, grant_roles
from applications.ledger.models import Event
from applications.notifications.sending import send_messages
from applications.organs.models import Organ
from tests.accounts.mailbox import delivered
from tests.fixtures import make_user, moment

NOW = moment("2026-11-20 10:00")
LIST = "/admin/accounts/user/"
ADD = LIST + "add/"


@pytest.fixture
def keeper(credit_bureau) -> User:
    """Security administrator of the credit bureau of Nanjing, which runs the platform there."""
    return make_user("keeper@example.com", "安全员", credit_bureau, Role.SECURITY_ADMIN)


@pytest.fixture
def unit_keeper(market_bureau) -> User:
    return make_user("unit.keeper@example.com", "市监安全员", market_bureau, Role.SECURITY_ADMIN)


def change_url(user: User) -> str:
    return f"{LIST}{user.pk}/change/"


def roles(user: User) -> set[str]:
    return set(StaffRole.objects.filter(user=user).values_list("role", flat=True))


def new_person(organ: Organ, *held: str) -> dict[str, object]:
    return {
        "email": "New.Person@example.com",
        "name": "新同事",
        "phone": "",
        "organ": organ.pk,
        "roles": held,
    }


@pytest.mark.django_db(transaction=True)
def test_a_new_member_of_staff_sets_the_password_by_mail(client, keeper, market_bureau):
    client.force_login(keeper)
    page = client.post(ADD, new_person(market_bureau, "intake", "reviewer"), follow=True)
    assert "设置密码的链接正在发往 new.person@example.com" in page.content.decode()
    user = User.objects.get(email="new.person@example.com")
    assert user.is_staff and user.organ == market_bureau and not user.is_superuser
    assert roles(user) == {"intake", "reviewer"}
    assert list(Event.objects.filter(chain=f"user-{user.pk}").values_list("verb", "actor", "role")) == [
        ("user.created", keeper.pk, "security_admin"),
        ("user.roles_changed", keeper.pk, "security_admin"),
    ]

    client.logout()
    [message] = delivered()
    assert message.to == ["new.person@example.com"]
    link = re.search(r"https?://[^/]+(/accounts/\S+)", message.body)[1]
    action = client.get(link, follow=True).context["action_url"]
    password = "a sentence of five words"
    client.post(action, {"password1": password, "password2": password})
    response = client.post(reverse("account_login"), {"login": user.email, "password": password})
    assert response.url == reverse("admin:index")
    # Nothing but the own work: not the accounts of others.
    assert client.get(LIST).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_loses_nothing(client, keeper, market_bureau, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(keeper)
    client.post(ADD, new_person(market_bureau, "intake"))
    user = User.objects.get(email="new.person@example.com")
    assert delivered() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_messages(at=timezone.now() + timedelta(minutes=2))
    assert [message.to for message in mail.outbox] == [[user.email]]
    client.post(LIST, {"action": "resend_invitation", "_selected_action": [user.pk]})
    assert [message.to for message in delivered()] == [[user.email]] * 2


def test_what_a_service_refuses_is_said_on_the_form_and_nothing_typed_is_lost(
    client, keeper, market_bureau, monkeypatch
):
    """A colleague takes the address between the look at the form and the writing of the row."""

    def refuse(**fields):
        raise ValidationError({"email": "该邮箱已有账号。"})

    monkeypatch.setattr("applications.accounts.services.create_staff", refuse)
    client.force_login(keeper)
    answer = client.post(ADD, new_person(market_bureau, "intake"))
    page = answer.content.decode()
    assert answer.status_code == 200 and "该邮箱已有账号。" in page and "有人先改动" not in page
    assert new_person(market_bureau)["email"] in page


@pytest.mark.parametrize(
    "words, said",
    [("UNIQUE constraint failed: accounts_user.email", True), ("FOREIGN KEY constraint failed", False)],
)
def test_only_a_row_that_is_there_already_counts_as_saved_before(
    client, keeper, market_bureau, monkeypatch, words, said
):
    def fail(**fields):
        raise IntegrityError(words)

    monkeypatch.setattr("applications.accounts.services.create_staff", fail)
    client.force_login(keeper)
    if said:
        page = client.post(ADD, new_person(market_bureau, "intake")).content.decode()
        assert "同样的内容刚刚已经保存过" in page and new_person(market_bureau)["email"] in page
    else:
        with pytest.raises(IntegrityError):
            client.post(ADD, new_person(market_bureau, "intake"))


THREE = ["system_admin", "security_admin", "audit_admin"]


@pytest.mark.parametrize(
    ("separated", "other"), [*product(THREE, ["intake", "approver", "supervisor"]), *combinations(THREE, 2)]
)
def test_none_of_the_three_administrators_holds_anything_else(client, keeper, wang, separated, other):
    client.force_login(keeper)
    page = client.post(
        change_url(wang), {"name": "王受理", "phone": "", "is_active": "on", "roles": [separated, other]}
    )
    assert (
        "三员分立：系统管理员、安全管理员、审计管理员不得兼任任何其他岗位。请只保留其中一项"
        in page.content.decode()
    )
    assert roles(wang) == {"intake"}
    with pytest.raises(ValidationError, match="三员分立"):
        grant_roles(user=wang, roles=[separated, other], actor=None, at=NOW)
    assert roles(wang) == {"intake"}
    grant_roles(user=wang, roles=[separated], actor=None, at=NOW)
    assert roles(wang) == {separated}


def test_changed_roles_are_exactly_those_ticked_and_stand_in_the_ledger(client, keeper, wang):
    client.force_login(keeper)
    response = client.post(
        change_url(wang),
        {"name": "王受理", "phone": "", "is_active": "on", "roles": ["reviewer", "approver"]},
    )
    assert response.status_code == 302
    assert roles(wang) == {"reviewer", "approver"}
    event = Event.objects.get(chain=f"user-{wang.pk}")
    assert event.payload == {"added": ["approver", "reviewer"], "removed": ["intake"]}


def test_a_disabled_officer_is_out_at_the_next_click(client, keeper, wang):
    client.force_login(wang)
    assert client.get("/admin/").status_code == 200
    keeper_client = type(client)()
    keeper_client.force_login(keeper)
    keeper_client.post(change_url(wang), {"name": "王受理", "phone": "", "roles": ["intake"]})
    wang.refresh_from_db()
    assert not wang.is_active
    assert not has_role(wang, Role.INTAKE)
    assert client.get("/admin/").status_code == 302


def test_nobody_changes_the_own_roles_or_locks_the_own_account(client, keeper):
    client.force_login(keeper)
    page = client.post(
        change_url(keeper), {"name": "安全员", "phone": "", "is_active": "on", "roles": ["approver"]}
    )
    assert "不能修改自己的岗位" in page.content.decode()
    page = client.post(change_url(keeper), {"name": "安全员", "phone": "", "roles": ["security_admin"]})
    assert "不能停用自己的账号" in page.content.decode()
    with pytest.raises(ValidationError, match="自己的岗位"):
        grant_roles(user=keeper, roles=["intake"], actor=keeper, at=NOW)
    assert roles(keeper) == {"security_admin"}


def test_an_address_in_use_is_refused_and_the_form_keeps_what_was_typed(client, keeper, market_bureau, alice):
    client.force_login(keeper)
    page = client.post(
        ADD, {**new_person(market_bureau, "intake"), "email": "ALICE@example.com"}
    ).content.decode()
    assert "该邮箱已有账号" in page
    assert "新同事" in page
    assert not User.objects.filter(name="新同事").exists()


def test_a_bureau_keeper_manages_the_region_and_a_unit_keeper_the_own_unit(
    client, keeper, unit_keeper, market_bureau, credit_bureau, ecology_bureau, outsider, wang, qian, alice
):
    for person, mine, foreign in (
        (keeper, {market_bureau, credit_bureau}, {ecology_bureau}),
        (unit_keeper, {market_bureau}, {ecology_bureau, credit_bureau}),
        (wang, set(), {market_bureau, ecology_bureau, credit_bureau}),
    ):
        assert set(managed_organs(person)) == mine
        assert all(may_manage_staff_of(person, organ) for organ in mine)
        assert not any(may_manage_staff_of(person, organ) for organ in foreign)

    client.force_login(keeper)
    page = client.get(LIST).content.decode()
    assert wang.email in page and qian.email in page
    assert outsider.email not in page
    assert alice.email not in page, "applicants are nobody's to browse"
    for other in (outsider, alice):
        assert client.get(change_url(other)).status_code == 404
        assert (
            client.post(change_url(other), {"name": "x", "is_active": "on", "roles": []}).status_code == 404
        )
    page = client.post(ADD, new_person(ecology_bureau, "approver")).content.decode()
    assert not User.objects.filter(name="新同事").exists()
    assert "errornote" in page
    with pytest.raises(PermissionDenied):
        create_staff(email="x@example.com", name="x", organ=ecology_bureau, roles=[], actor=keeper, at=NOW)
    with pytest.raises(PermissionDenied):
        grant_roles(user=outsider, roles=["intake"], actor=keeper, at=NOW)


@pytest.mark.parametrize("who", ["wang", "zhao", "qian", "sun"])
def test_other_officers_do_not_see_the_desk(client, request, who, li):
    client.force_login(request.getfixturevalue(who))
    assert client.get("/admin/").status_code == 200
    assert client.get(LIST).status_code == 403
    assert client.get(change_url(li)).status_code == 404
    assert client.post(change_url(li), {"roles": ["approver"]}).status_code == 404
    assert client.post(ADD, {}).status_code == 403


def test_applicants_and_strangers_do_not_get_in(client, alice, li):
    assert client.get(LIST).status_code == 302
    client.force_login(alice)
    assert client.get(LIST, follow=True).status_code == 403
    assert client.get(change_url(li), follow=True).status_code == 403


def test_the_superuser_flag_opens_nothing(client, db):
    root = User.objects.create_superuser("root@example.com", "x")
    client.force_login(root)
    for url in (LIST, "/admin/organs/organ/"):
        assert client.get(url).status_code == 403


def test_no_account_can_be_deleted(client, keeper, wang):
    client.force_login(keeper)
    assert client.get(f"{LIST}{wang.pk}/delete/").status_code == 403
    assert "delete_selected" not in client.get(LIST).content.decode()


def test_the_list_costs_the_same_for_three_and_thirty(
    client, keeper, market_bureau, django_assert_max_num_queries
):
    client.force_login(keeper)
    for number in range(30):
        person = User.objects.create_user(f"p{number}@example.com", None, organ=market_bureau, is_staff=True)
        StaffRole.objects.create(user=person, role="intake")
    # Three of them note the reading.
    with django_assert_max_num_queries(18):
        assert client.get(LIST).status_code == 200


def test_staff_of_counts_active_people_once(market_bureau, zhao, wang, li):
    assert set(staff_of(market_bureau, "approver", "supervisor")) == {zhao}
    assert staff_of(market_bureau, "approver", "supervisor").count() == 1
    assert set(staff_of(market_bureau)) == {zhao, wang, li}
    User.objects.filter(pk=zhao.pk).update(is_active=False)
    assert not staff_of(market_bureau, "approver").exists()


def test_applicants_have_no_role_even_if_a_row_says_so(alice):
    StaffRole.objects.create(user=alice, role="approver")
    assert not has_role(alice, "approver")
    with pytest.raises(ValidationError, match="工作人员"):
        grant_roles(user=alice, roles=["approver"], actor=None, at=NOW)
