"""A browser that signed in before is not shut out by somebody's tries elsewhere."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications.accounts.known_devices import SIGN_IN
from tests.accounts.mailbox import delivered
from tests.accounts.test_sign_in import link_in, sign_in
from tests.fixtures import moment

TOO_MANY = "登录失败次数过多"


@pytest.fixture
def elsewhere():
    return Client(REMOTE_ADDR="198.51.100.7")


@pytest.fixture
def known(client, wang):
    """A browser at which Wang signed in before."""
    assert sign_in(client, wang.email).status_code == 302
    client.post(reverse("account_logout"))
    return client


def guess(client, email, times=5):
    for _ in range(times):
        assert TOO_MANY not in sign_in(client, email, "wrong password").content.decode()


def test_five_wrong_passwords_from_elsewhere_do_not_shut_the_officer_out(known, elsewhere, wang):
    guess(elsewhere, wang.email)
    assert TOO_MANY in sign_in(elsewhere, wang.email).content.decode()
    assert sign_in(known, wang.email).url == reverse("admin:index")


def test_nor_do_twenty_from_the_same_network(known, wang):
    neighbour = Client()
    for serial in range(20):
        sign_in(neighbour, f"nobody{serial}@example.com", "wrong password")
    assert TOO_MANY in sign_in(neighbour, "another@example.com").content.decode()
    assert sign_in(known, wang.email).url == reverse("admin:index")


def test_the_known_browser_has_five_tries_too(known, elsewhere, wang):
    guess(known, wang.email)
    assert TOO_MANY in sign_in(known, wang.email).content.decode()
    # And they are its own: at another place the right password is let in.
    assert sign_in(elsewhere, wang.email).url == reverse("admin:index")


def test_signing_in_again_gives_no_new_tries(known, wang, elsewhere):
    """A mark stays the same, so that whoever copies the cookie shares its count."""
    copied = known.cookies[SIGN_IN.cookie].value
    sign_in(known, wang.email)
    known.post(reverse("account_logout"))
    guess(known, wang.email)
    elsewhere.cookies[SIGN_IN.cookie] = copied
    assert TOO_MANY in sign_in(elsewhere, wang.email).content.decode()


def test_it_is_known_for_that_account_alone(known, elsewhere, li):
    guess(elsewhere, li.email)
    assert TOO_MANY in sign_in(known, li.email).content.decode()


def test_a_shared_computer_knows_each_of_its_people(known, elsewhere, wang, li):
    sign_in(known, li.email)
    known.post(reverse("account_logout"))
    for person in (wang, li):
        guess(elsewhere, person.email)
        assert sign_in(known, person.email).url == reverse("admin:index")
        known.post(reverse("account_logout"))


@pytest.mark.parametrize("cookie", ["", "x", "eyJ9:1uXyZ:forged", '{"a":1}', "a" * 5000])
def test_a_forged_mark_is_none(client, elsewhere, wang, cookie):
    guess(elsewhere, wang.email)
    client.cookies[SIGN_IN.cookie] = cookie
    assert TOO_MANY in sign_in(client, wang.email).content.decode()


def test_a_mark_ends_after_180_days(client, elsewhere, wang):
    with time_machine.travel(moment("2026-03-01 09:00"), tick=False) as clock:
        sign_in(client, wang.email)
        cookie = client.cookies[SIGN_IN.cookie].value
        clock.move_to(moment("2026-08-30 09:00"))
        client.cookies.clear()
        client.cookies[SIGN_IN.cookie] = cookie
        guess(elsewhere, wang.email)
        assert TOO_MANY in sign_in(client, wang.email).content.decode()


def test_the_cookie_opens_nothing_and_names_nobody(known, wang):
    cookie = known.cookies[SIGN_IN.cookie]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/accounts/"
    assert "wang" not in cookie.value
    assert known.get("/admin/").status_code == 302


def test_a_new_password_by_mail_ends_the_wait(known, wang, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    guess(known, wang.email)
    known.post(reverse("account_reset_password"), {"email": wang.email})
    action = known.get(link_in(delivered()[0]), follow=True).context["action_url"]
    new = "quite another set of words"
    known.post(action, {"password1": new, "password2": new})
    assert sign_in(known, wang.email, new).url == reverse("admin:index")
