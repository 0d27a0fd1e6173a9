"""A natural person shows at a real provider who it is, and acts for its own subject and no other."""

import socket
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.accounts import real_name
from applications.accounts.models import RealNameAccount
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.subjects.access import may_act_for, subjects_of
from applications.subjects.models import Claim, Subject
from applications.subjects.services import register_subject
from tests.fixtures import make_user
from tests.real_name.conftest import BACK, START, configured
from tests.real_name.provider import PEOPLE
from tests.subjects.claims import second_factor, stored

NAME, NUMBER = PEOPLE["zhang"]


@pytest.fixture
def zhang(db) -> Subject:
    return register_subject(
        kind="natural_person",
        name=NAME,
        identity_type="resident_id",
        identity_number=NUMBER,
        at=timezone.now(),
    )


def test_name_and_number_that_agree_connect_at_once(client, provider, charlie, zhang):
    client.force_login(charlie)
    page = client.get("/subjects/").content.decode()
    assert "用江苏政务服务网实名认证" in page
    page = provider.visit(client, "zhang").content.decode()
    assert "实名认证已通过，您现在可以为“张小明”办理" in page
    assert list(subjects_of(charlie)) == [zhang]
    claim = charlie.claims.get()
    assert (claim.status, claim.capacity, claim.decided_by) == ("verified", "self", None)
    assert Event.objects.get(verb="subject.claim_verified").payload["by"] == "real_name"
    # Who is told so by the page gets no message of it.
    assert not Message.objects.filter(recipient=charlie).exists()
    # Of the person the portal keeps the provider's key; no token, and no number outside the files of the subject.
    account = RealNameAccount.objects.get(user=charlie)
    assert account.issuer == provider.issuer and NUMBER not in account.key
    assert not [key for key in dict(client.session) if "real_name" in key]


def test_it_asks_with_state_nonce_and_pkce(client, provider, charlie):
    client.force_login(charlie)
    address = client.get(START)["Location"]
    assert address.startswith(f"{provider.issuer}/authorize/?")
    for part in ("state=", "nonce=", "code_challenge=", "code_challenge_method=S256", "response_type=code"):
        assert part in address


def test_who_has_no_record_is_connected_too(client, provider, charlie):
    client.force_login(charlie)
    provider.visit(client, "li")
    subject = subjects_of(charlie).get()
    assert (subject.name, subject.masked_code) == ("李四方", "3201**********6523")


def test_a_name_that_does_not_match_opens_nothing_and_is_said(client, provider, charlie, zhang):
    client.force_login(charlie)
    page = provider.visit(client, "other-name").content.decode()
    assert "与信用档案中这个身份证号码的姓名不一致，没有相连" in page
    # The other's name is nobody else's business.
    assert NAME not in page
    assert not subjects_of(charlie).exists() and not RealNameAccount.objects.exists()


@pytest.mark.parametrize(
    ("who", "said"), [("nobody", "没有给出姓名和身份证号码"), ("bad-number", "不是有效的身份证号码")]
)
def test_a_person_without_a_number_is_not_connected(client, provider, charlie, who, said):
    client.force_login(charlie)
    assert said in provider.visit(client, who).content.decode()
    assert not charlie.claims.exists() and not RealNameAccount.objects.exists()


def test_a_wrong_state_is_refused(client, provider, charlie, zhang):
    client.force_login(charlie)
    address = provider.sends_back(client, "zhang", state="another")
    page = client.get(address, follow=True).content.decode()
    assert "这次实名认证不是从这个浏览器刚刚开始的" in page
    # Nor does an answer that somebody else was sent open anything here, and each opens once.
    good = provider.sends_back(client, "zhang")
    client.logout()
    client.force_login(make_user("victim@example.com", "别人"))
    assert "不是从这个浏览器刚刚开始的" in client.get(good, follow=True).content.decode()
    assert not Claim.objects.exists()


def test_an_answer_opens_once(client, provider, charlie, zhang):
    client.force_login(charlie)
    address = provider.sends_back(client, "zhang")
    assert "已通过" in client.get(address, follow=True).content.decode()
    assert "已经用过" in client.get(address, follow=True).content.decode()
    assert Claim.objects.count() == 1


def test_a_wrong_nonce_is_refused(client, provider, charlie, zhang):
    """The token was made for another request."""
    client.force_login(charlie)
    page = provider.visit(client, "zhang", nonce="somebody-elses").content.decode()
    assert "核对不通过（不是给这次认证的，或者已经过期）" in page
    assert not charlie.claims.exists()


def test_a_code_without_its_verifier_is_refused(client, provider, charlie, zhang):
    client.force_login(charlie)
    page = provider.visit(
        client, "zhang", code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    ).content.decode()
    assert "实名认证机构没有接受这次认证" in page
    assert not charlie.claims.exists()


def test_an_expired_token_is_refused(client, provider, charlie, zhang):
    """The provider gives it a minute; a minute is allowed for clocks that differ."""
    client.force_login(charlie)
    address = provider.sends_back(client, "zhang")
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        page = client.get(address, follow=True).content.decode()
    assert "已经过期），没有采用" in page
    assert not charlie.claims.exists()


def test_who_gives_up_at_the_provider_is_told_so(client, provider, charlie):
    client.force_login(charlie)
    client.get(START)
    page = client.get(f"{BACK}?error=access_denied&state=x", follow=True).content.decode()
    assert "您在认证页面取消了，或者没有通过认证" in page


def test_a_provider_that_is_down_is_said(client, settings, charlie, caplog):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.REAL_NAME = configured(f"http://127.0.0.1:{nobody.getsockname()[1]}/o")
        client.force_login(charlie)
        page = client.get(START, follow=True).content.decode()
    assert "实名认证机构现在没有回应，没有认证" in page and "上传证件由工作人员核验" in page
    assert "confirmed nobody" in caplog.text


def test_a_provider_that_goes_down_on_the_way_is_said(client, provider, charlie, zhang, monkeypatch):
    client.force_login(charlie)
    address = provider.sends_back(client, "zhang")
    metadata = real_name._client().server_metadata
    monkeypatch.setitem(metadata, "token_endpoint", "http://127.0.0.1:9/o/token/")
    page = client.get(address, follow=True).content.decode()
    assert "实名认证机构现在没有回应，没有认证" in page
    assert not charlie.claims.exists()


def test_another_issuer_than_the_configured_is_refused(client, provider, settings, charlie):
    settings.REAL_NAME = configured(provider.issuer.replace("127.0.0.1", "localhost"))
    client.force_login(charlie)
    answer = client.get(START, follow=True)
    assert "实名认证的设置不正确" in answer.content.decode() or "没有回应" in answer.content.decode()


# -- Accounts that exist


def test_next_time_the_person_signs_in_with_it(client, provider, charlie, zhang):
    client.force_login(charlie)
    provider.visit(client, "zhang")
    client.logout()
    assert "用江苏政务服务网登录（个人）" in client.get("/accounts/login/").content.decode()
    page = provider.visit(client, "zhang")
    assert page.redirect_chain[-1][0] == "/desk/"
    assert page.context["user"] == charlie
    # Closing the browser ends it, as /privacy/ says.
    assert client.cookies["sessionid"]["max-age"] == client.cookies["sessionid"]["expires"] == ""
    assert Event.objects.filter(chain=f"user-{charlie.pk}", verb="user.signed_in").exists()


def test_the_second_factor_is_asked_for_here_too(client, provider, charlie, zhang):
    client.force_login(charlie)
    provider.visit(client, "zhang")
    second_factor(charlie)
    client.logout()
    answer = client.get(provider.sends_back(client, "zhang"))
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not client.get("/desk/", follow=True).context["user"].is_authenticated


def test_somebody_unknown_is_not_signed_in_and_told_what_to_do(client, provider, zhang):
    page = provider.visit(client, "zhang")
    assert "还没有账号与这个实名身份相连，所以没有登录" in page.content.decode()
    assert not page.context["user"].is_authenticated and not RealNameAccount.objects.exists()


def test_a_person_has_one_account(client, provider, charlie, bob, zhang):
    client.force_login(charlie)
    provider.visit(client, "zhang")
    client.logout()
    client.force_login(bob)
    page = provider.visit(client, "zhang").content.decode()
    assert "已经与您的另一个账号相连" in page
    assert may_act_for(charlie, zhang) and not may_act_for(bob, zhang)


def test_an_account_is_one_persons(client, provider, charlie, zhang):
    client.force_login(charlie)
    provider.visit(client, "zhang")
    page = provider.visit(client, "li").content.decode()
    assert "已经与另一个人的实名身份相连" in page
    assert list(subjects_of(charlie)) == [zhang]


def test_it_takes_the_place_of_an_account_that_an_officer_confirmed(client, provider, charlie, bob, zhang):
    """Whoever the provider names is the person; the other account is told."""
    Claim.objects.create(user=bob, subject=zhang, capacity="self", status="verified", made_at=timezone.now())
    client.force_login(charlie)
    provider.visit(client, "zhang")
    assert may_act_for(charlie, zhang) and not may_act_for(bob, zhang)
    assert Message.objects.filter(recipient=bob, subject="您不再代“张*明”办理").exists()


def test_what_waits_for_an_officer_is_answered_by_it(client, provider, charlie, zhang):
    from applications.subjects.services import claim_subject

    second_factor(charlie)
    waiting = claim_subject(
        user=charlie, kind="natural_person", capacity="self", name=NAME, code=NUMBER,
        identity_type="resident_id", proof=stored(charlie), at=timezone.now(),
    )  # fmt: skip
    client.force_login(charlie)
    provider.visit(client, "zhang")
    waiting.refresh_from_db()
    assert waiting.status == "verified" and Claim.objects.count() == 1


def test_staff_do_not_use_it(client, provider, qian):
    client.force_login(qian)
    assert client.get(START).status_code == client.get(BACK).status_code == 403


def test_without_configuration_there_is_no_such_page(client, charlie):
    client.force_login(charlie)
    assert client.get(START).status_code == client.get(BACK).status_code == 404
    assert "实名认证" not in client.get("/subjects/").content.decode()
