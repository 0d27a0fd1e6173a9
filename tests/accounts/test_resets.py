"""A lost second factor is taken away by two people; its owner is told and signs in with the password."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from applications.accounts.models import Role, SecondFactorReset
from applications.accounts.resets import approve_reset, propose_reset, reject_reset
from applications.accounts.second_factor import has_second_factor
from applications.ledger.models import Event
from applications.notifications.models import Message, address_digest
from rules.errors import InputError
from tests.accounts.test_second_factor import switched_on
from tests.accounts.test_sign_in import sign_in
from tests.fixtures import make_user, moment

pytestmark = pytest.mark.django_db
AT = moment("2026-11-27 10:00")
LIST = "/admin/accounts/secondfactorreset/"
GROUNDS = "本人到场，核对了身份证件"


@pytest.fixture(autouse=True)
def mails_may_go(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


@pytest.fixture
def told(monkeypatch):
    """Which mails go to whom."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        type(get_adapter()),
        "send_mail",
        lambda self, template, email, context: sent.append((template.removeprefix("account/email/"), email)),
    )
    return sent


def mails():
    """Chinese subject and address of what waits to be sent."""
    sent = Message.objects.filter(channel="email").order_by("pk").values_list("subject", "address")
    return [(subject.partition(" / ")[0], address) for subject, address in sent]


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.com", "安保管", market_bureau, Role.SECURITY_ADMIN)


@pytest.fixture
def head(market_bureau):
    return make_user("head@example.com", "负责人", market_bureau, Role.SUPERVISOR)


@pytest.fixture
def loser(market_bureau):
    user = make_user("loser@example.com", "失手机", market_bureau, Role.REVIEWER)
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=user, type=kind, data={})
    return user


@pytest.fixture
def proposed(keeper, loser, told):
    return propose_reset(email=" Loser@example.com", grounds=GROUNDS, actor=keeper, at=AT)


def test_the_pages_from_the_proposal_to_the_sign_in(client, keeper, head, charlie, market_bureau):
    """Of an applicant, who signs in with the password alone afterwards and may switch it on again."""
    switched_on(client, charlie)
    client.force_login(keeper)
    page = client.post(f"{LIST}add/", {"email": charlie.email, "grounds": GROUNDS}, follow=True)
    assert "已提出，待另一人复核；已发邮件告知本人。" in page.content.decode()
    reset = SecondFactorReset.objects.get()
    assert "复核通过并重置" not in page.content.decode() and has_second_factor(charlie)
    client.force_login(head)
    shown = client.get(f"{LIST}{reset.pk}/change/").content.decode()
    assert GROUNDS in shown and "查路人（c***@example.com）" in shown and "复核通过并重置" in shown
    assert charlie.email not in shown
    client.post(f"{LIST}{reset.pk}/approve/")
    assert [template for template, _email in mails()] == [
        "【江苏信用修复】有人提出重置您的两步验证",
        f"【江苏信用修复】待复核：{charlie}的两步验证重置",
        "【江苏信用修复】您的两步验证已经重置",
    ]
    assert [email for _subject, email in mails()] == [charlie.email, head.email, charlie.email]
    assert (
        f"/admin/accounts/secondfactorreset/{reset.pk}/change/"
        in Message.objects.get(address_digest=address_digest(head.email)).body
    )
    client.logout()
    sign_in(client, charlie.email)
    assert client.get("/desk/").status_code == 200
    assert "未开启" in client.get("/accounts/2fa/").content.decode()


def test_two_people_and_what_the_ledger_says(proposed, keeper, head, loser):
    approve_reset(proposal=proposed, actor=head, at=AT)
    assert not Authenticator.objects.filter(user=loser).exists()
    events = Event.objects.filter(chain=f"user-{loser.pk}", verb__startswith="user.second_factor_reset")
    assert [(event.verb, event.actor) for event in events.order_by("position")] == [
        ("user.second_factor_reset_proposed", keeper),
        ("user.second_factor_reset", head),
    ]


def test_who_may_not_decide(proposed, keeper, loser, ecology_bureau):
    """Who proposed; the owner; anybody of another organ; and the database holds it."""
    loser.staff_roles.create(role=Role.SUPERVISOR)
    stranger = make_user("far@example.com", "外人", ecology_bureau, Role.SECURITY_ADMIN)
    for somebody in (keeper, loser, stranger):
        with pytest.raises(PermissionDenied):
            approve_reset(proposal=proposed, actor=somebody, at=AT)
        with pytest.raises(PermissionDenied):
            reject_reset(proposal=proposed, actor=somebody, reason="x", at=AT)
    assert has_second_factor(loser)
    for somebody in (keeper, loser):
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondFactorReset.objects.update(state="approved", decided_by=somebody, decided_at=AT)


def test_what_was_decided_is_not_decided_again(client, proposed, head, loser):
    reject_reset(proposal=proposed, actor=head, reason="不是本人", at=AT)
    client.force_login(head)
    page = client.post(f"{LIST}{proposed.pk}/approve/")
    assert page.status_code == 409 and "不能再次复核" in page.content.decode()
    assert has_second_factor(loser)


@pytest.mark.parametrize(
    ("email", "grounds", "field", "said"),
    [
        ("nobody@example.com", GROUNDS, "email", "没有您可以办理的账号使用这个邮箱"),
        ("keeper@example.com", GROUNDS, "email", "自己的账号由另一名安全管理员提出"),
        ("far@example.com", GROUNDS, "email", "没有您可以办理的账号使用这个邮箱"),
        ("head@example.com", GROUNDS, "email", "没有开启两步验证"),
        ("loser@example.com", GROUNDS, "email", "正等待复核"),
        ("loser", GROUNDS, "email", "邮箱格式不正确"),
        ("loser@example.com", "  ", "grounds", "请写明怎样核对是本人"),
    ],
)
def test_bad_input_says_what_to_do(
    client, proposed, keeper, head, ecology_bureau, email, grounds, field, said
):
    make_user("far@example.com", "外人", ecology_bureau, Role.REVIEWER)
    client.force_login(keeper)
    page = client.post(f"{LIST}add/", {"email": email, "grounds": grounds})
    assert page.status_code == 422
    assert said in str(page.context["form"].errors[field]) and said in page.content.decode()
    assert SecondFactorReset.objects.count() == 1


def test_without_grounds_nothing_is_proposed(keeper, loser, told):
    with pytest.raises(InputError):
        propose_reset(email=loser.email, grounds=" ", actor=keeper, at=AT)
    assert told == [] and not SecondFactorReset.objects.exists()


def test_who_has_no_part_in_it_finds_nothing(client, proposed, alice):
    client.force_login(alice)
    for address in (LIST, f"{LIST}{proposed.pk}/change/", f"{LIST}add/"):
        assert client.get(address).status_code in (302, 403, 404)


def test_the_mails_name_who_and_what_to_do(proposed, head):
    from django.template.loader import render_to_string

    about = {"user": proposed.account, "actor": proposed.proposed_by, "organ": proposed.organ}
    first = render_to_string("account/email/second_factor_reset_proposed_message.txt", about)
    assert "安全管理员安保管提出重置您账号的两步验证" in first and "要求不予复核" in first
    assert "重新开启两步验证" in render_to_string("account/email/second_factor_reset_message.txt", about)
