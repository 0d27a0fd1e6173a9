"""Handing the e-mails over: what is their own in the three steps of ``outbox.sending``."""

import smtplib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.selectors import keepers_of, staff_with_address
from applications.foreign_text import clean
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault, Message, address_digest
from applications.notifications.services import ACCOUNT_MAIL, notify
from applications.outbox.sending import (
    NotTaken,
    NotThisOne,
    Outcome,
    Refused,
    Sender,
    Unreachable,
    assert_outside_transaction,
    claim,
    give_up,
)
from applications.outbox.timing import clock_from

Status = Message.Status


def send_messages(*, at: datetime) -> Counter[str]:
    """Hand over every e-mail that is due; return how many ended in which status.

    Called by the sweep, the nudge and the management command, also several at once. A message that fails stops no
    other. A server that cannot be reached ends the sweep, and so does one that broke off several times in a row: the
    others would wait for it in vain, and the next sweep is a minute away.
    """
    assert_outside_transaction()
    return MailSender(clock_from(at)).sweep(at)


def take_account_mail(*, address: str, at: datetime) -> Message | None:
    """The newest e-mail of an account that waits for this address, for the caller alone to hand over.

    Within its lease nobody else does; after it the sweep does, whatever became of the caller. Older ones of the same
    subject are not sent any more: who asks for another link is to get one, not all that piled up.
    """
    waiting = Message.objects.filter(
        address_digest=address_digest(address),
        channel=Message.Channel.EMAIL,
        status=Status.WAITING,
        key__startswith=ACCOUNT_MAIL,
    )
    message = waiting.order_by("pk").last()
    if message is None or not claim(message, at=at):
        return None
    waiting.filter(subject=message.subject).exclude(pk=message.pk).delete()
    return message


def hand_over_taken(message: Message, *, at: datetime) -> tuple[str, str]:
    """Try to hand over what take_account_mail gave; the status it has now, and what stood in the way."""
    assert_outside_transaction()
    done = MailSender(clock_from(at)).try_claimed(message)
    return done.status, done.words


class MailSender(Sender[Message, None]):
    """There is one mail server, and so one lane."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.backend = get_connection()

    def due(self, at: datetime) -> QuerySet[Message]:
        waiting = Message.objects.filter(
            channel=Message.Channel.EMAIL, status=Status.WAITING, next_try_at__lte=at
        )
        return waiting.select_related("recipient").order_by("next_try_at", "pk")

    def speak(self, row: Message) -> None:
        """Give one e-mail to the mail server."""
        try:
            email = self._written(row)
            try:
                self.backend.open()
            except Exception as error:
                raise Unreachable(error) from error
            email.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPHeloError as error:
            raise Unreachable(error) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except OSError as error:
            raise NotTaken(error) from error
        except ValueError as error:
            raise Refused(error) from error
        finally:
            # What a server says to our leaving does not take back that it has the mail.
            with suppress(Exception):
                self.backend.close()

    def _written(self, row: Message) -> EmailMessage:
        person = row.recipient
        if person is not None and not person.is_active:
            raise Refused(_("收件人的账号已停用。"))
        to = person.email if person else row.address
        text = row.body
        if not row.key.startswith(ACCOUNT_MAIL):
            text = render_to_string(
                "notifications/email.txt", {"message": row, "site_url": settings.SITE_URL}
            )
        # The same for every try, so that a mail program that gets it twice can show it once.
        identity = sha256(row.key.encode()).hexdigest()[:32]
        return EmailMessage(
            row.subject,
            text,
            to=[to],
            headers={
                "Message-ID": f"<{identity}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=self.backend,
        )

    @transaction.atomic
    def record(self, row: Message, answer: None) -> Outcome:
        """Also if the lease ran out meanwhile: the server has it, whoever else is trying."""
        handed_over = Message.objects.filter(pk=row.pk, status=Status.WAITING).update(
            status=Status.HANDED_OVER, sent_at=self.now(), next_try_at=None, leased_until=None, last_error=""
        )
        if handed_over:
            _forget(row)
        return Outcome(Status.HANDED_OVER)

    def given_up(self, row: Message, words: str) -> bool:
        given_up = give_up(row, words)
        if given_up:
            _tell_keepers(row, words, at=self.now())
            _forget(row)
        return given_up

    def report(self, row: Message, error: Exception) -> None:
        report_fault(work=Fault.Work.EMAIL, row=row.pk, error=error, at=self.now())


def _refusal(code: int, answer: bytes | str) -> NotTaken:
    """What a server said to this message: final from 500 on, for now below that."""
    words = f"{code} {clean(answer)}"
    return Refused(words) if 500 <= code < 600 else NotThisOne(words)


def _forget(message: Message) -> None:
    """Mail to an address leaves no row: it holds a link that opens something, and nobody agreed that the address be kept."""
    if message.address:
        Message.objects.filter(pk=message.pk).delete()


def _tell_keepers(message: Message, words: str, *, at: datetime) -> None:
    """An invitation, or the question to a proposed address, that does not arrive: who sent it must know. Of reminders and
    links for signing nobody hears, for anybody can have them sent to any address.

    Others ask for their mail again themselves, so the log is enough. The link is not repeated. A day's failures at one
    address are one message.
    """
    about_account = message.address and message.key.startswith(ACCOUNT_MAIL)
    person = staff_with_address(message.address) if about_account else None
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
            "error": words,
        },
        at=at,
    )
