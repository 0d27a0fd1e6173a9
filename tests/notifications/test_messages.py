"""Writing messages and handing e-mails over, to a real mail server on loopback."""

import re
from contextlib import suppress
from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from applications.notifications import selectors
from applications.notifications.models import Message
from applications.notifications.sending import MailSender, send_messages
from applications.notifications.services import notify
from applications.notifications.sms import TextSender
from tests.fixtures import moment
from tests.notifications.smtp import MailServer

NOW = moment("2026-11-23 10:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _in_a_transaction(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


@pytest.fixture
def mail_server(settings):
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
    yield server
    server.close()


def tell(*recipients, key="accepted:XF-1", at=NOW, **changes) -> int:
    words = {
        "subject": "您的申请已受理",
        "body": "我们最迟于2026年12月2日前作出决定。",
        "link": "/a/XF-1/",
        "about": "XF-1",
    }
    return notify(key=key, recipients=recipients, at=at, **(words | changes))


def email_to(user) -> Message:
    return Message.objects.get(recipient=user, channel="email")


def test_each_recipient_gets_one_of_each(alice, bob):
    assert tell(alice, bob) == 4
    inbox = Message.objects.get(recipient=alice, channel="inbox")
    assert (inbox.status, inbox.sent_at, inbox.read_at) == ("delivered", NOW, None)
    assert (email_to(alice).status, email_to(alice).sent_at) == ("waiting", None)


def test_the_same_key_again_writes_nothing(alice, bob):
    tell(alice)
    assert tell(alice, subject="另一标题") == 0
    assert tell(alice, alice, bob) == 2
    assert set(Message.objects.values_list("subject", flat=True)) == {"您的申请已受理"}
    assert tell(alice, key="decided:XF-1") == 2


def test_nobody_to_tell(db):
    assert tell() == 0


@pytest.mark.parametrize("link", ["https://example.com/", "//example.com/", "a/XF-1/", "javascript:x"])
def test_a_link_leads_nowhere_else(alice, link):
    with pytest.raises(ValueError, match="path of this site"):
        tell(alice, link=link)


@pytest.mark.parametrize("key", ["", "x" * 171])
def test_a_key_has_its_length(alice, key):
    with pytest.raises(ValueError, match="key"):
        tell(alice, key=key)


def test_a_subject_is_one_line_of_200(alice):
    tell(alice, subject="标题\r\nBcc: x@example.com " + "长" * 300)
    subject = email_to(alice).subject
    assert subject.startswith("标题 Bcc:")
    assert len(subject) == 200


def test_the_mail_server_gets_the_mail(mail_server, alice, settings):
    settings.SITE_URL = "https://credit.example.test"
    tell(alice)
    assert send_messages(at=NOW) == {"handed_over": 1}
    [received] = mail_server.mails
    assert received["To"] == "alice@example.com"
    assert str(make_header(decode_header(received["Subject"]))) == "您的申请已受理"
    text = received.get_payload(decode=True).decode()
    assert "我们最迟于2026年12月2日前作出决定。" in text
    assert "https://credit.example.test/a/XF-1/" in text
    assert "信用修复免费" in text
    message = email_to(alice)
    assert message.status == "handed_over"
    assert NOW <= message.sent_at < NOW + MINUTE
    # Once is enough.
    assert send_messages(at=NOW + 60 * MINUTE) == {}
    assert len(mail_server.mails) == 1


def test_markup_in_a_message_stays_as_it_is(mail_server, alice):
    tell(alice, body='<b>"材料"</b> & 其他')
    send_messages(at=NOW)
    assert '<b>"材料"</b> & 其他' in mail_server.mails[0].get_payload(decode=True).decode()


def test_an_address_that_does_not_exist_has_failed(mail_server, alice, caplog):
    mail_server.refusal = "550 no such user"
    tell(alice)
    assert send_messages(at=NOW) == {"failed": 1}
    message = email_to(alice)
    assert (message.status, message.last_error, message.next_try_at) == ("failed", "550 no such user", None)
    assert "is given up after 1 tries" in caplog.text


def test_a_server_that_is_busy_is_asked_again_with_the_same_mail(mail_server, alice):
    mail_server.refusal = "450 busy"
    tell(alice)
    assert send_messages(at=NOW) == {"waiting": 1}
    message = email_to(alice)
    assert message.last_error.endswith("450, 'busy')") or "busy" in message.last_error
    assert NOW + MINUTE <= message.next_try_at < NOW + 2 * MINUTE
    mail_server.refusal = ""
    assert send_messages(at=NOW + 59 * timedelta(seconds=1)) == {}
    assert send_messages(at=NOW + 2 * MINUTE) == {"handed_over": 1}
    assert email_to(alice).last_error == ""


def test_every_try_bears_the_same_message_id(mail_server, alice):
    tell(alice)
    send_messages(at=NOW)
    Message.objects.filter(channel="email").update(status="waiting", next_try_at=NOW)
    send_messages(at=NOW)
    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_no_server_at_all(mail_server, alice, bob):
    mail_server.close()
    tell(alice, bob)
    # One finds out; the other need not wait for the same.
    assert send_messages(at=NOW) == {"waiting": 1}
    assert sorted(Message.objects.filter(channel="email").values_list("attempts", flat=True)) == [0, 1]


def test_the_moments_of_the_tries_and_the_end(mail_server, alice, caplog):
    mail_server.close()
    tell(alice)
    at, waits = NOW, []
    while True:
        send_messages(at=at)
        message = email_to(alice)
        if message.next_try_at is None:
            break
        waits.append(round((message.next_try_at - at) / MINUTE))
        at = message.next_try_at
    assert waits == [1, 5, 15, 60, 180] + [60] * 18
    assert (message.status, message.attempts) == ("failed", 24)
    assert [record.levelname for record in caplog.records if "after 24 tries" in record.message] == ["ERROR"]
    # The inbox message is there all the same.
    assert Message.objects.filter(recipient=alice, channel="inbox", status="delivered").exists()


def test_a_try_that_ends_the_process_is_made_again(alice, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*args):
        raise Killed

    tell(alice)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", kill)
    with pytest.raises(Killed):
        send_messages(at=NOW)
    assert (email_to(alice).status, email_to(alice).attempts) == ("waiting", 1)
    monkeypatch.undo()
    assert email_to(alice).next_try_at > NOW + 4 * MINUTE


def test_a_disabled_account_gets_no_mail(mail_server, alice):
    tell(alice)
    alice.is_active = False
    alice.save()
    assert send_messages(at=NOW) == {"failed": 1}
    assert email_to(alice).last_error == "收件人的账号已停用。"
    assert mail_server.mails == []


def test_no_mail_server_is_waited_for_inside_a_transaction(alice, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = False
    tell(alice)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        send_messages(at=NOW)
    assert (email_to(alice).attempts, mail.outbox) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_the_commit_nudges_a_worker_and_a_dead_broker_is_no_harm(alice, bob, broker, caplog):
    with transaction.atomic():
        tell(alice)
        assert broker.nudges == []
    assert broker.nudges == [("applications.notifications.tasks.send_messages", [])]
    # Nothing new.
    with transaction.atomic():
        tell(alice)
    assert broker.nudges == [("applications.notifications.tasks.send_messages", [])]

    broker.down = OperationalError("Connection refused")
    with transaction.atomic():
        tell(bob)
    assert "the next sweep will" in caplog.text
    assert send_messages(at=NOW) == {"handed_over": 2}


@pytest.mark.django_db(transaction=True)
def test_a_transaction_nudges_once_also_where_a_part_of_it_is_undone(alice, bob, broker):
    with transaction.atomic():
        with suppress(LookupError), transaction.atomic():
            tell(alice)
            raise LookupError
        tell(alice)
        tell(bob)
    assert broker.nudges == [("applications.notifications.tasks.send_messages", [])]


def test_the_command_sends_and_counts(alice, bob, capsys):
    tell(alice, bob)
    # A text message that waits for its gateway is no mail.
    Message.objects.create(key="sms", recipient=alice, channel="sms", written_at=NOW, next_try_at=NOW)
    call_command("send_messages")
    assert capsys.readouterr().out.strip() == "交付 2 封，稍后重试 0 封，失败 0 封；等待发送共 0 封。"
    assert sorted(sent.to[0] for sent in mail.outbox) == ["alice@example.com", "bob@example.com"]


@pytest.mark.server
@pytest.mark.django_db
@pytest.mark.parametrize("sender", [MailSender, TextSender])
def test_a_sender_reads_past_nothing_of_another_channel(sender):
    with connection.cursor() as cursor:
        # So that the plan of a small table is that of a large one, whatever is known of its rows.
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = sender(lambda: NOW).due(NOW).select_related(None)[:20].explain()
    assert re.search(r"Index Scan using message_due .*\n\s+Index Cond: \(\(\(channel\)::text = ", plan), plan


def test_the_history_of_a_case_tells_the_truth(alice, bob):
    tell(alice, bob)
    tell(alice, key="other", about="XF-2")
    states = selectors.history(alice, "XF-1").values_list("channel", "status")
    assert sorted(states) == [("email", "waiting"), ("inbox", "delivered")]
