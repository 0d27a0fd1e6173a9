"""What is done with messages: written (writing.py), read, and the e-mails handed over."""

import logging
import smtplib
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.selectors import keepers_of, staff_with_address
from applications.foreign_text import clean, describe, trace
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault, Message
from applications.notifications.writing import Notice, mail_address, notify, notify_many
from applications.outbox import (
    FAILURES_IN_A_ROW,
    SWEEP_SECONDS,
    assert_outside_transaction,
    clock_from,
    wait_after,
)

__all__ = [
    "Notice",
    "PermanentFailure",
    "Unreachable",
    "hand_over_taken",
    "mail_address",
    "mark_read",
    "notify",
    "notify_many",
    "send_messages",
    "take_account_mail",
]

log = logging.getLogger(__name__)


# Within about 22 hours. After the last try nobody would look for the mail any more: people must step in.
MAX_ATTEMPTS = 24

# Longer than a task may take, so that two never hand over the same mail.
LEASE = timedelta(minutes=5)


def mark_read(*, messages: Iterable[Message], at: datetime) -> int:
    """Note when messages were first opened; return how many were unread."""
    return Message.objects.filter(
        pk__in=[message.pk for message in messages], channel=Message.Channel.INBOX, read_at=None
    ).update(read_at=at)


def send_messages(*, at: datetime) -> Counter[str]:
    """Hand over every e-mail that is due; return how many ended in which status.

    Called by the sweep, the nudge and the management command, also several at once. A message that fails stops no
    other. A server that cannot be reached ends the sweep, and so does one that broke off several times in a row: the
    others would wait for it in vain, and the next sweep is a minute away.
    """
    assert_outside_transaction()
    now = clock_from(at)
    finish = time.monotonic() + SWEEP_SECONDS
    outcome: Counter[str] = Counter()
    backend = get_connection()
    due = Message.objects.filter(
        channel=Message.Channel.EMAIL, status=Message.Status.WAITING, next_try_at__lte=at
    )
    failures = 0
    for message in due.select_related("recipient").order_by("next_try_at", "pk").iterator(chunk_size=100):
        if time.monotonic() > finish or failures >= FAILURES_IN_A_ROW:
            break
        try:
            if not _claim(message, at=now()):
                continue
            error = _hand_over(message, backend)
            outcome[_record(message, error, at=now())] += 1
        except Exception as fault:
            outcome[_record_unsaid(message, fault, at=now())] += 1
            continue
        if isinstance(error, Unreachable):
            break
        answered = error is None or isinstance(error, smtplib.SMTPResponseException | PermanentFailure)
        failures = 0 if answered else failures + 1
    return outcome


def take_account_mail(*, address: str, at: datetime) -> Message | None:
    """The newest e-mail of an account that waits for this address, for the caller alone to hand over.

    Within LEASE nobody else does; after it the sweep does, whatever became of the caller. Older ones of the same subject
    are not sent any more: who asks for another link is to get one, not all that piled up.
    """
    waiting = Message.objects.filter(address=address, status=Message.Status.WAITING)
    message = waiting.order_by("pk").last()
    if message is None or not _claim(message, at=at):
        return None
    waiting.filter(subject=message.subject).exclude(pk=message.pk).delete()
    return message


def hand_over_taken(message: Message, *, at: datetime) -> tuple[str, str]:
    """Try to hand over what take_account_mail gave; the status it has now, and what stood in the way."""
    assert_outside_transaction()
    error = _hand_over(message, get_connection())
    return _record(message, error, at=at), clean(error) if error else ""


class PermanentFailure(Exception):
    """This e-mail can never be handed over; the message says why."""


class Unreachable(Exception):
    """There is no mail server that could be given anything."""


def _claim(message: Message, *, at: datetime) -> bool:
    """Take the message for as long as LEASE; False if another worker was quicker.

    The try is counted before it is made, so that a try that ends the process counts too.
    """
    claimed = Message.objects.filter(
        pk=message.pk,
        status=Message.Status.WAITING,
        attempts=message.attempts,
        next_try_at=message.next_try_at,
    ).update(attempts=F("attempts") + 1, next_try_at=at + LEASE)
    message.attempts += 1
    return bool(claimed)


def _hand_over(message: Message, backend: BaseEmailBackend) -> Exception | None:
    """Give one e-mail to the mail server, return what went wrong."""
    person = message.recipient
    if person is None:
        to, text = message.address, message.body
    elif person.is_active:
        to = person.email
        text = render_to_string(
            "notifications/email.txt", {"message": message, "site_url": settings.SITE_URL}
        )
    else:
        return PermanentFailure(_("收件人的账号已停用。"))
    if message.attempts > MAX_ATTEMPTS:
        # None of the tries lived to tell.
        return PermanentFailure(_("多次尝试均中途中断。"))
    # The same for every try, so that a mail program that gets it twice can show it once.
    identity = sha256(message.key.encode()).hexdigest()[:32]
    email = EmailMessage(
        message.subject,
        text,
        to=[to],
        headers={
            "Message-ID": f"<{identity}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=backend,
    )
    try:
        try:
            backend.open()
        except Exception as error:
            return Unreachable(clean(error))
        email.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        return _refusal(code, answer)
    except smtplib.SMTPHeloError as error:
        return Unreachable(clean(error))
    except smtplib.SMTPResponseException as error:
        return _refusal(error.smtp_code, error.smtp_error)
    except OSError as error:
        return error
    except ValueError as error:
        return PermanentFailure(clean(error))
    except Exception as error:
        # A fault of ours, or an answer that the library cannot read.
        log.error("e-mail %s could not be sent\n%s", message.pk, trace(error))
        return RuntimeError(describe(error))
    finally:
        # What a server says to our leaving does not take back that it has the mail.
        with suppress(Exception):
            backend.close()
    return None


def _refusal(code: int, answer: bytes | str) -> Exception:
    """What a server said to this message: final from 500 on, for now below that."""
    words = clean(answer)
    if 500 <= code < 600:
        return PermanentFailure(f"{code} {words}")
    return smtplib.SMTPResponseException(code, words)


@transaction.atomic
def _record(message: Message, error: Exception | None, *, at: datetime) -> str:
    """Write down how a try ended; return the status the message has now. Mail of an account leaves no row."""
    status = _written_down(message, error, at=at)
    if message.address and status == Message.Status.FAILED:
        _tell_keepers(message, error, at=at)
    if message.address and status != Message.Status.WAITING:
        Message.objects.filter(pk=message.pk, status=status).delete()
    return status


def _tell_keepers(message: Message, error: Exception | None, *, at: datetime) -> None:
    """An invitation, or the question to a proposed address, that does not arrive: who sent it must know.

    Others ask for their mail again themselves, so the log is enough. The link is not repeated. A day's failures at one
    address are one message.
    """
    person = staff_with_address(message.address)
    if person is None or person.organ is None:
        return
    notify(
        key=f"account-mail/{person.pk}/{sha256(message.address.encode()).hexdigest()[:16]}/{localdate(at):%Y%m%d}",
        recipients=keepers_of(person.organ),
        subject=_("发给%(name)s的账号邮件没有送达") % {"name": person},
        body=_(
            "系统发给%(name)s（%(organ)s）的账号邮件“%(subject)s”没有送达，不再重发。收件邮箱：%(address)s。原因：%(error)s\n"
            "请核对邮箱：邮箱无误的，在“用户”中选中该账号，选择“重新发送设置密码的链接”；邮箱有误的，请提出新的邮箱。"
        )
        % {
            "name": person,
            "organ": person.organ,
            "subject": message.subject,
            "address": message.address,
            "error": clean(error),
        },
        at=at,
    )


def _written_down(message: Message, error: Exception | None, *, at: datetime) -> str:
    own = Message.objects.filter(pk=message.pk, status=Message.Status.WAITING, attempts=message.attempts)
    if error is None:
        # Also if the lease ran out meanwhile: the server has it, whoever else is trying.
        Message.objects.filter(pk=message.pk, status=Message.Status.WAITING).update(
            status=Message.Status.HANDED_OVER, sent_at=at, next_try_at=None, error=""
        )
        return Message.Status.HANDED_OVER
    text = clean(error)
    if isinstance(error, PermanentFailure) or message.attempts >= MAX_ATTEMPTS:
        own.update(status=Message.Status.FAILED, next_try_at=None, error=text)
        log.error("e-mail %s was not handed over after %s tries: %s", message.pk, message.attempts, text)
        return Message.Status.FAILED
    delay = wait_after(message.attempts)
    own.update(next_try_at=at + delay, error=text)
    log.warning(
        "e-mail %s was not handed over (try %s), again in %s: %s", message.pk, message.attempts, delay, text
    )
    return Message.Status.WAITING


def _record_unsaid(message: Message, error: Exception, *, at: datetime) -> str:
    """The outcome could not be written down: people are alarmed. Its lease is over by itself, and it is tried again."""
    report_fault(work=Fault.Work.EMAIL, row=message.pk, error=error, at=at)
    return Message.Status.WAITING
