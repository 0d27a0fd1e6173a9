"""An authenticator app besides the password: switched on, asked for at sign-in, lost, switched off."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection

from applications.accounts.second_factor import has_second_factor
from applications.ledger.models import Event
from tests.accounts.test_sign_in import sign_in
from tests.fixtures import PASSWORD

ON, OFF, CODES = (
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mails_may_go(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


def shown(secret: str, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def who_it_is(client, user):
    """Signed in, and the password given again."""
    sign_in(client, user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def switched_on(client, user) -> str:
    """The secret of the user's app; who is signed in."""
    who_it_is(client, user)
    page = client.get(ON).content.decode()
    assert "data:image/svg+xml;base64," in page
    secret = re.search(r"<code[^>]*>(\w+)</code>", page)[1]
    client.post(ON, {"code": shown(secret)})
    return secret


def test_it_is_switched_on_with_a_code_and_gives_codes_for_the_day_it_is_lost(
    client, charlie, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        secret = switched_on(client, charlie)
    assert has_second_factor(charlie)
    page = client.get(CODES).content.decode()
    assert len(re.findall(r"<li><code>\d+</code>", page)) == 10
    assert "已开启" in client.get("/accounts/2fa/").content.decode()
    event = Event.objects.get(verb="user.second_factor_on")
    assert event.actor == charlie and secret not in str(event.payload)
    # The secret stands encrypted in the database.
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert secret not in str(cursor.fetchall())


def test_a_wrong_code_switches_nothing_on(client, charlie):
    who_it_is(client, charlie)
    client.get(ON)
    page = client.post(ON, {"code": "000000"}).content.decode()
    assert "验证码不正确，或者已经过期" in page and 'href="#id_code"' in page
    page = client.post(ON, {"code": ""}).content.decode()
    assert "请填写验证码。" in page
    assert not has_second_factor(charlie)


def test_the_password_alone_signs_nobody_in_any_more(client, charlie):
    secret = switched_on(client, charlie)
    client.post("/accounts/logout/")
    answer = sign_in(client, charlie.email)
    assert "两步验证" in client.get("/accounts/2fa/authenticate/").content.decode()
    assert not client.get("/desk/", follow=True).context["user"].is_authenticated
    page = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert "验证码不正确" in page
    assert Event.objects.get(verb="user.second_factor_failed").actor is None
    client.post("/accounts/2fa/authenticate/", {"code": shown(secret, 1)})
    assert client.get("/desk/").status_code == 200
    assert answer is not None


def test_a_recovery_code_signs_in_once(client, charlie):
    switched_on(client, charlie)
    code = re.search(r"<li><code>(\d+)</code>", client.get(CODES).content.decode())[1]
    for expected in (200, 302):
        client.post("/accounts/logout/")
        sign_in(client, charlie.email)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert client.get("/desk/").status_code == expected


def test_recovery_codes_are_shown_once_and_can_only_be_made_anew(
    client, charlie, django_capture_on_commit_callbacks
):
    def codes(page) -> list[str]:
        return re.findall(r"<li><code>(\d+)</code>", page.content.decode())

    switched_on(client, charlie)
    first = client.get(CODES)
    assert "这些备用码只显示这一次" in first.content.decode()
    again = client.get(CODES).content.decode()
    assert "没有用过的备用码：10 个" in again
    assert "备用码只在生成时显示一次" in again
    assert f'href="{CODES}generate/"' in again
    assert not any(code in again for code in codes(first))
    assert client.get(f"{CODES}download/").status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        made_anew = client.post(f"{CODES}generate/", follow=True)
    assert len(codes(made_anew)) == 10
    assert not {*codes(made_anew)} & {*codes(first)}
    assert codes(client.get(CODES)) == []


def test_codes_that_are_lost_wait_for_the_password_and_are_not_seen_by_it(client, charlie):
    """To be asked who one is does not use up the one look."""
    switched_on(client, charlie)
    client.post("/accounts/logout/")
    client.force_login(charlie)
    answer = client.get(CODES)
    assert answer.url.startswith("/accounts/reauthenticate/")
    client.post(answer.url, {"password": PASSWORD})
    assert "这些备用码只显示这一次" in client.get(CODES).content.decode()


def test_it_is_switched_off_after_the_password_was_given_again(client, charlie):
    switched_on(client, charlie)
    assert "确定关闭两步验证吗" in client.get(OFF).content.decode()
    client.post(OFF)
    assert not Authenticator.objects.exists()
    assert Event.objects.filter(verb="user.second_factor_off").count() == 1
    client.post("/accounts/logout/")
    sign_in(client, charlie.email)
    assert client.get("/desk/").status_code == 200


def test_who_left_the_page_open_gives_the_password_first(client, charlie):
    client.force_login(charlie)
    answer = client.get(ON, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    answer = client.post(answer.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == ON


def test_no_page_speaks_english(client, charlie):
    switched_on(client, charlie)
    for address in ("/accounts/2fa/", CODES, f"{CODES}generate/", OFF):
        main = re.search(r"<main.*</main>", client.get(address).content.decode(), re.DOTALL)[0]
        words = re.sub(r"<[^>]*>|&\w+;|[A-Z2-7]{32}|\b[0-9a-zA-Z]{8}\b", " ", main)
        assert not re.search(r"[A-Za-z]{4,}", words), (address, words)
