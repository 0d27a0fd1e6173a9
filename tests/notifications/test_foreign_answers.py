"""Whatever bytes a mail server says, the message tells what became of it, and the others go on."""

from datetime import timedelta

import pytest

from applications.accounts.models import Role
from applications.notifications.models import Fault, Message
from applications.notifications.sending import send_messages
from tests.fixtures import make_user
from tests.notifications.test_messages import NOW, email_to, mail_server, tell
from tests.refusing import key_of, refuse

__all__ = ["mail_server"]

MINUTE = timedelta(minutes=1)

WEIRD = {
    "NUL": b"a\0b\r\n",
    "not UTF-8": b"\xff\xfe\x80\r\n",
    "lines of a log": b"x\x1b[31m\xe2\x80\xae\x85 2026 CRITICAL forged\r\n",
    "long": b"x" * 7_000 + b"\r\n",
    "too long": b"x" * 20_000 + b"\r\n",
    "endless lines": b"x\r\n",
}


@pytest.fixture(autouse=True)
def _in_a_transaction(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


def assert_fit(text: str) -> None:
    assert text, "nothing is said"
    assert text.isprintable(), repr(text)
    assert len(text) <= 500


@pytest.mark.parametrize("words", WEIRD.values(), ids=WEIRD)
@pytest.mark.parametrize("verb", [b"", b"MAIL", b"RCPT", b"DATA", b"."])
@pytest.mark.parametrize(("code", "status"), [(b"450 ", "waiting"), (b"550 ", "failed")])
def test_weird_words(mail_server, alice, verb, words, code, status):
    mail_server.says[verb] = code + words
    tell(alice)
    send_messages(at=NOW)
    message = email_to(alice)
    assert_fit(message.last_error)
    # A greeting is not about this message; a line without end is no answer at all.
    if verb and len(words) < 10_000:
        assert message.status == status
    assert message.attempts == 1
    assert not Fault.objects.exists()


@pytest.mark.parametrize("answer", [b"\0\xff\r\n", b"abc def\r\n", b"99999 x\r\n", b"-1 x\r\n", b"\r\n", b""])
@pytest.mark.parametrize("verb", [b"", b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
def test_no_answer_at_all_is_asked_again(mail_server, alice, verb, answer):
    mail_server.says[verb] = answer
    if verb == b"EHLO":
        mail_server.says[b"HELO"] = answer
    tell(alice)
    send_messages(at=NOW)
    message = email_to(alice)
    assert (message.status, message.attempts) == ("waiting", 1)
    assert NOW + MINUTE <= message.next_try_at < NOW + 2 * MINUTE
    assert_fit(message.last_error)


@pytest.mark.parametrize("answer", [b"\0\xff\r\n", b"500 " + b"x" * 20_000 + b"\r\n", b""])
def test_what_is_said_to_our_leaving_does_not_take_the_mail_back(mail_server, alice, answer):
    mail_server.says[b"QUIT"] = answer
    tell(alice)
    assert send_messages(at=NOW) == {"handed_over": 1}
    assert len(mail_server.mails) == 1


def test_one_message_at_which_the_server_breaks_off_stops_no_other(mail_server, alice, bob, wang):
    """The server hangs up at a recipient; that one is tried again, the others have their mail."""
    tell(alice), tell(bob, key="b"), tell(wang, key="c")
    mail_server.hangs_up_at = b"alice@example.com"
    assert send_messages(at=NOW) == {"waiting": 1, "handed_over": 2}
    assert (email_to(alice).status, email_to(alice).attempts) == ("waiting", 1)


def test_an_outcome_that_cannot_be_written_down_is_an_alarm_and_stops_no_other(
    mail_server, alice, bob, credit_bureau, caplog
):
    keeper = make_user("keeper@example.com", "纪系统", credit_bureau, Role.SYSTEM_ADMIN)
    tell(alice), tell(bob, key="b")
    refuse(
        "notifications_message",
        f"NEW.id = {key_of(email_to(alice))} AND NEW.status = 'handed_over'",
    )
    assert send_messages(at=NOW) == {"waiting": 1, "handed_over": 1}
    # The try counts and the lease backs it off.
    assert (email_to(alice).status, email_to(alice).attempts) == ("waiting", 1)
    assert email_to(alice).next_try_at > NOW + 4 * MINUTE
    told = Message.objects.get(recipient=keeper, channel="inbox")
    assert told.subject == "系统未能登记一项失败：电子邮件"
    assert "CRITICAL" in {record.levelname for record in caplog.records}


def test_a_message_whose_tries_all_ended_the_process_fails_in_the_end(mail_server, alice):
    tell(alice)
    Message.objects.filter(channel="email").update(attempts=24)
    assert send_messages(at=NOW) == {"failed": 1}
    assert email_to(alice).last_error == "多次尝试均中途中断。"
    assert mail_server.mails == []
