"""Known and unknown addresses cost the same work, so that the time of an answer tells nothing.

What costs time is counted: the hashing of passwords (on purpose slow), mails written, rows written to the database,
but for those of a new account itself. Statements that only look something up by an index may differ by two. No mail is
handed to the mail server while somebody waits.
"""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.accounts.models import User
from applications.notifications.models import Message
from tests.accounts.mailbox import delivered
from tests.accounts.test_sign_in import NEW

WRITTEN = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) \"?(?!accounts_user|account_emailaddress)\w+")


@pytest.fixture
def costs(client, monkeypatch):
    """Posts a form and returns how many passwords were hashed and how many mails and rows were written."""
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *args, **kwargs: hashed.append(1) or encode(*args, **kwargs)
    )

    def post(name, data):
        hashed.clear()
        before = Message.objects.count()
        with CaptureQueriesContext(connection) as made:
            response = client.post(reverse(name), data)
        post.statements = len(made)
        assert response.status_code in (200, 302)
        assert mail.outbox == []
        client.logout()
        rows = sum(bool(WRITTEN.match(each["sql"])) for each in made)
        return len(hashed), Message.objects.count() - before, rows

    return post


@pytest.fixture
def unverified(db):
    user = User.objects.create_user("new@example.com", "some words to sign in", name="新人")
    user.emailaddress_set.create(email=user.email, primary=True)
    return user


def test_signing_up(costs, alice, unverified):
    new = costs("account_signup", NEW)
    # The mail, the event, the session with what is said on the next page.
    assert new == (1, 1, 3)
    assert costs("account_signup", {**NEW, "email": alice.email}) == new
    assert costs("account_signup", {**NEW, "email": unverified.email}) == new


def test_signing_in(costs, alice, wang):
    User.objects.filter(pk=wang.pk).update(is_active=False)
    for serial in range(3):
        # The first is an event of its own; the first after it makes the counter.
        unknown = costs("account_login", {"login": f"nobody{serial}@example.com", "password": "wrong"})
        assert unknown == (1, 0, 1)
    statements = costs.statements
    for known in (alice.email, wang.email):
        assert costs("account_login", {"login": known, "password": "wrong"}) == unknown
        assert abs(costs.statements - statements) <= 2


def test_asking_for_a_new_password(costs, alice):
    unknown = costs("account_reset_password", {"email": "nobody@example.com"})
    statements = costs.statements
    assert unknown == (0, 1, 1)
    assert costs("account_reset_password", {"email": alice.email}) == unknown
    assert abs(costs.statements - statements) <= 2


def test_asking_for_the_verification_again(costs, alice, unverified):
    for email in ("nobody@example.com", alice.email, unverified.email):
        assert costs("accounts:resend", {"email": email}) == (0, 1, 1)


def test_two_sign_ups_with_one_address_at_once_make_one_account(costs, monkeypatch, alice):
    """The second finds the address free when it looks and taken when it writes."""
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.email_already_exists", lambda email: (email, False)
    )
    _hashed, mails, _rows = costs("account_signup", {**NEW, "email": alice.email})
    assert mails == 1
    assert User.objects.filter(email=alice.email).count() == 1


def test_mail_of_an_account_leaves_nothing_behind(client, alice, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    client.post(reverse("account_reset_password"), {"email": alice.email})
    waiting = Message.objects.get()
    assert (waiting.address, waiting.recipient, waiting.status) == (alice.email, None, "waiting")
    [message] = delivered()
    assert message.to == [alice.email]
    # A link that sets a password must not lie about in the database.
    assert not Message.objects.exists()
