"""An invitation that does not arrive is told to those who sent it."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from applications.accounts.models import Role, User
from applications.accounts.services import propose_address, send_invitation
from applications.notifications.models import Message
from applications.notifications.sending import send_messages, take_account_mail
from applications.notifications.services import mail_address
from tests.fixtures import make_user
from tests.notifications.test_messages import NOW, mail_server

__all__ = ["mail_server"]


@pytest.fixture(autouse=True)
def _in_a_transaction(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.com", "安全员", market_bureau, Role.SECURITY_ADMIN)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def told(person) -> list[Message]:
    return list(Message.objects.filter(recipient=person, channel="inbox", key__startswith="account-mail/"))


def test_a_refused_invitation(mail_server, keeper, wang, bob):
    mail_server.says[b"RCPT"] = b"550 no such mailbox\r\n"
    for _ in range(2):
        send_invitation(user=wang)
        send_messages(at=NOW)
    [message] = told(keeper)
    assert message.subject == "发给王受理的账号邮件没有送达"
    assert wang.email in message.body and "no such mailbox" in message.body
    assert "重新发送设置密码的链接" in message.body
    # What opens the account is nowhere any more.
    assert not Message.objects.exclude(address="").exists()
    assert "/accounts/password" not in message.body
    assert told(wang) == told(bob) == []


def test_an_invitation_that_was_tried_to_the_end(mail_server, keeper, wang):
    mail_server.says[b"RCPT"] = b"450 later\r\n"
    send_invitation(user=wang)
    for number in range(1, Message.MAX_ATTEMPTS + 1):
        assert told(keeper) == []
        send_messages(at=NOW + timedelta(hours=4 * number))
    assert len(told(keeper)) == 1


def test_a_refused_question_to_a_proposed_address(mail_server, keeper, wang):
    mail_server.says[b"RCPT"] = b"550 no such mailbox\r\n"
    propose_address(user=wang, email="wnag@example.com", actor=keeper, at=NOW)
    send_messages(at=NOW)
    assert any("wnag@example.com" in message.body for message in told(keeper))


@pytest.mark.parametrize("kind", ["reminder", "signing"])
def test_what_anybody_can_have_sent_to_an_officer(mail_server, keeper, wang, kind):
    mail_server.says[b"RCPT"] = b"550 no such mailbox\r\n"
    mail_address(kind=kind, address=wang.email, subject="标题", body="正文", at=NOW)
    assert take_account_mail(address=wang.email, at=NOW) is None
    assert send_messages(at=NOW) == {"failed": 1}
    assert told(keeper) == [] and not Message.objects.exclude(address="").exists()


def test_an_applicant_asks_again_without_anybody_being_told(client, mail_server, keeper, alice):
    mail_server.says[b"RCPT"] = b"550 no such mailbox\r\n"
    client.post(reverse("account_reset_password"), {"email": alice.email})
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    send_messages(at=NOW)
    assert told(keeper) == []
    assert not Message.objects.exclude(address="").exists()
    assert User.objects.filter(pk=alice.pk).exists()
