"""What happens to accounts stands in the ledger: who, when, from where, and nothing of what was typed."""

import json

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications.accounts.models import Role, User
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from tests.accounts.mailbox import delivered
from tests.accounts.test_sign_in import NEW, link_in, sign_in
from tests.fixtures import PASSWORD, make_user, moment


def verbs(user) -> list[str]:
    return list(
        Event.objects.filter(chain=f"user-{user.pk}").order_by("position").values_list("verb", flat=True)
    )


@pytest.fixture(autouse=True)
def mails_may_go(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


def test_signing_in_and_out(client, wang, market_bureau):
    sign_in(client, wang.email)
    client.post(reverse("account_logout"))
    assert verbs(wang) == ["user.signed_in", "user.signed_out"]
    event = Event.objects.get(verb="user.signed_in")
    assert (event.actor, event.role, event.organ) == (wang, "staff", market_bureau)


def test_leaving_through_the_officers_site(client, wang):
    sign_in(client, wang.email)
    client.post("/admin/logout/")
    assert verbs(wang) == ["user.signed_in", "user.signed_out"]


def test_a_wrong_password_is_nobodys_but_the_accounts(client, wang):
    sign_in(client, wang.email.upper(), "wrong password")
    event = Event.objects.get()
    assert (event.chain, event.verb, event.actor) == (f"user-{wang.pk}", "user.sign_in_failed", None)


@pytest.mark.django_db(transaction=True)
def test_what_was_typed_is_nowhere_in_the_ledger(client, wang):
    """An address without an account may be a password in the wrong field."""
    for login, password in (("my.secret@example.com", "hunter2hunter2"), (wang.email, "hunter2hunter2")):
        sign_in(client, login, password)
    unknown, known = Event.objects.order_by("id")
    assert (unknown.chain, unknown.verb) == ("sign-in", "user.sign_in_failed")
    # The same place is recognised, and cannot be read.
    assert unknown.payload["from"] == known.payload["from"]
    assert (set(unknown.payload), set(known.payload)) == ({"from", "others"}, {"from"})
    assert "127.0.0.1" not in json.dumps(unknown.payload)
    everything = json.dumps(list(Event.objects.values("chain", "verb", "role", "payload")))
    for typed in ("secret", "hunter2", "wang", "example.com"):
        assert typed not in everything


def test_whoever_goes_on_guessing_writes_no_more_than_the_limit(client, wang):
    for _ in range(12):
        sign_in(client, wang.email, "wrong password")
    assert verbs(wang) == ["user.sign_in_failed"] * 5


def test_strangers_write_one_event_a_minute_that_counts_the_others(db):
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        for network in range(9):
            client = Client(REMOTE_ADDR=f"2001:db8:{network:x}::1")
            for serial in range(10):
                sign_in(client, f"nobody{network}.{serial}@example.com", "wrong")
        assert [event.payload["others"] for event in Event.objects.filter(chain="sign-in")] == [0]
        clock.shift(61)
        sign_in(client, "nobody@example.com", "wrong")
        assert [event.payload["others"] for event in Event.objects.filter(chain="sign-in")] == [0, 89]


def test_a_disabled_account_with_the_right_password(client, wang):
    User.objects.update(is_active=False)
    for _ in range(7):
        sign_in(client, wang.email)
    assert verbs(wang) == ["user.sign_in_refused"] * 5


def test_a_new_account_and_its_second_sign_up(client, db):
    client.post(reverse("account_signup"), NEW)
    user = User.objects.get()
    client.post(reverse("account_signup"), NEW)
    assert verbs(user) == ["user.signed_up", "user.signed_up_again"]
    assert [event.actor for event in Event.objects.order_by("id")] == [user, None]


def test_password_changed_and_reset(client, alice):
    client.force_login(alice)
    new = "quite another set of words"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), form)
    client.logout()
    client.post(reverse("account_reset_password"), {"email": alice.email})
    action = client.get(link_in(delivered()[-1]), follow=True).context["action_url"]
    client.post(action, {"password1": PASSWORD, "password2": PASSWORD})
    assert verbs(alice) == ["user.password_changed", "user.signed_out", "user.password_reset"]


def test_an_address_changed_by_its_owner(client, alice):
    client.force_login(alice)
    client.post(
        reverse("account_email"), {"email": "new@example.com", "password": PASSWORD, "action_add": ""}
    )
    client.post(link_in(delivered()[0]))
    assert verbs(alice) == ["user.address_changed"]
    # The old address is told.
    assert [message.to for message in delivered()] == [["new@example.com"], ["alice@example.com"]]


def test_roles_and_disabling(client, credit_bureau, wang):
    keeper = make_user("keeper@example.com", "安全员", credit_bureau, Role.SECURITY_ADMIN)
    client.force_login(keeper)
    client.post(
        f"/admin/accounts/user/{wang.pk}/change/", {"name": "王受理", "phone": "", "roles": ["reviewer"]}
    )
    assert verbs(wang) == ["user.disabled", "user.roles_changed"]
    assert {event.actor for event in Event.objects.filter(chain=f"user-{wang.pk}")} == {keeper}


@pytest.mark.django_db(transaction=True)
def test_the_chains_hold_together(client, wang):
    sign_in(client, wang.email, "wrong")
    sign_in(client, "nobody@example.com", "wrong")
    sign_in(client, wang.email)
    assert verify_ledger(at=moment("2026-11-23 10:00")).broken is None
