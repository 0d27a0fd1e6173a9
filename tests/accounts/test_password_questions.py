"""The password asked for inside a session: whoever finds the session open must not find it out there."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications.accounts.models import User
from applications.ledger.models import Event
from applications.notifications.models import Message
from tests.fixtures import PASSWORD, moment
from tests.repairs.steps import prepared

NEW = "quite another set of words"
REFUSED = "请在09:15以后再试"


@pytest.fixture
def clock():
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def signed_in(client, alice, clock):
    client.force_login(alice)
    return client


def change_password(client, password):
    return client.post(
        reverse("account_change_password"), {"oldpassword": password, "password1": NEW, "password2": NEW}
    )


def change_address(client, password):
    return client.post(
        reverse("account_email"), {"email": "new@example.com", "password": password, "action_add": ""}
    )


def reauthenticate(client, password):
    return client.post(reverse("account_reauthenticate"), {"password": password})


@pytest.fixture
def sign(general_record, market_bureau, alice, clock):
    case = prepared(general_record, market_bureau, alice)

    def ask(client, password):
        return client.post(
            reverse("repairs:commitment", args=[case.number]),
            {"signatory": "陈示例", "publication_consent": "yes", "password": password},
        )

    return ask


@pytest.fixture(params=["sign", "change_password", "change_address", "reauthenticate"])
def ask(request):
    if request.param == "sign":
        return request.getfixturevalue("sign")
    return globals()[request.param]


def test_the_right_password_is_taken_and_does_not_count(signed_in, sign):
    for _ in range(7):
        assert sign(signed_in, PASSWORD).status_code == 302
    assert change_address(signed_in, PASSWORD).status_code == 302
    assert change_password(signed_in, PASSWORD).status_code == 302
    assert not Event.objects.filter(verb="user.password_refused").exists()


def test_after_five_wrong_ones_the_right_one_has_to_wait_and_the_owner_is_told(signed_in, alice, clock, ask):
    for _ in range(5):
        page = ask(signed_in, "wrong password").content.decode()
        assert "密码不正确，请重新输入" in page
        assert REFUSED not in page
    for _ in range(3):
        assert REFUSED in ask(signed_in, PASSWORD).content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert not alice.emailaddress_set.filter(verified=False).exists()
    # Said once, by both ways, with the hour.
    told = Message.objects.filter(recipient=alice, subject="您的登录密码被连续输错")
    assert sorted(told.values_list("channel", flat=True)) == ["email", "inbox"]
    assert "09:15以前系统不再核对密码" in told[0].body
    assert Event.objects.filter(chain=f"user-{alice.pk}", verb="user.password_refused").count() == 5
    clock.shift(15 * 60 + 1)
    assert ask(signed_in, PASSWORD).status_code == 302


def test_whoever_stays_below_the_limit_all_day_is_told_of_once_a_day(signed_in, alice, clock):
    def rounds(number):
        for _ in range(number):
            alice.refresh_from_db()
            signed_in.force_login(alice)
            for _ in range(4):
                assert REFUSED not in reauthenticate(signed_in, "wrong password").content.decode()
            clock.shift(15 * 60 + 1)

    told = Message.objects.filter(recipient=alice, subject="您的登录密码一天内多次输错", channel="inbox")
    rounds(2)
    assert not told.exists()
    rounds(10)
    assert told.count() == 1
    assert "过去24小时内，在您已登录的页面上共10次输错登录密码" in told.get().body
    assert not Message.objects.filter(subject="您的登录密码被连续输错").exists()
    clock.shift(24 * 3600)
    rounds(2)
    assert told.count() == 1, "eight within a day are no pattern"
    rounds(1)
    assert told.count() == 2


def test_all_questions_of_one_account_count_together(signed_in, sign):
    change_password(signed_in, "wrong")
    change_address(signed_in, "wrong")
    reauthenticate(signed_in, "wrong")
    sign(signed_in, "wrong")
    sign(signed_in, "wrong")
    assert REFUSED in reauthenticate(signed_in, PASSWORD).content.decode()


def test_what_was_typed_beside_the_password_is_kept(signed_in, sign):
    for _ in range(6):
        page = sign(signed_in, "wrong").content.decode()
    assert REFUSED in page
    assert 'value="陈示例"' in page


def test_anothers_account_and_signing_in_are_not_touched(signed_in, client, bob):
    for _ in range(6):
        change_password(signed_in, "wrong")
    client.logout()
    answer = client.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    assert answer.url == reverse("portal:desk")
    client.force_login(bob)
    assert change_password(client, PASSWORD).status_code == 302


def test_failures_at_sign_in_do_not_close_the_questions_of_a_session(signed_in, alice):
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    for _ in range(6):
        stranger.post(reverse("account_login"), {"login": alice.email, "password": "wrong"})
    assert reauthenticate(signed_in, PASSWORD).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_wrong_password_stays_on_record_whatever_becomes_of_the_form(client, alice):
    client.force_login(alice)
    form = {"oldpassword": "wrong", "password1": "1", "password2": "2"}
    assert client.post(reverse("account_change_password"), form).status_code == 200
    assert Event.objects.get(verb="user.password_refused").actor == alice


def test_nobody_is_asked_who_is_not_signed_in(client, db):
    for ask in (change_password, change_address, reauthenticate):
        assert ask(client, PASSWORD).url.startswith(reverse("account_login"))
    assert not User.objects.exists()
