"""Writing messages to people (Article 12: to know conditions, course and result); sending.py hands the e-mails over."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from applications.database.insertion import insert_many
from applications.language import refuse_other_words
from applications.notifications.models import Message
from applications.outbox.nudging import nudge

# What is left of a key's 200 characters when "/<user id>/<channel>" is added.
KEY_LENGTH = 170
SUBJECT_LENGTH = 200

SEND = "applications.notifications.tasks.send_messages"


def notify(
    *,
    key: str,
    recipients: Iterable[AbstractBaseUser],
    subject: str,
    body: str,
    at: datetime,
    link: str = "",
    about: str = "",
) -> int:
    """Write one inbox message and one e-mail for each recipient; return how many messages are new.

    Exactly once: a recipient who already has a message of this ``key`` gets no second one. The inbox message
    is there when the transaction is; the e-mail waits until ``send_messages`` hands it over. ``link`` is a
    lasting address (links.link_to), ``about`` a case number. ValueError: the key is too long, or the link leads elsewhere.
    RuntimeError: the words are not Chinese (language.as_kept).
    """
    refuse_other_words()
    if not key or len(key) > KEY_LENGTH:
        raise ValueError(f"key must have 1 to {KEY_LENGTH} characters: {key!r}")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError(f"link must be a path of this site: {link!r}")
    subject = " ".join(subject.split())
    if len(subject) > SUBJECT_LENGTH:
        subject = subject[: SUBJECT_LENGTH - 1] + "…"
    moment = connection.ops.adapt_datetimefield_value(at)
    rows: list[Any] = []
    for person in {user.pk for user in recipients}:
        for channel in Message.Channel.values:
            inbox = channel == Message.Channel.INBOX
            rows += [
                *(f"{key}/{person}/{channel}", person, channel, subject, body, link, about, moment),
                *(("delivered", moment, None) if inbox else ("waiting", None, moment)),
            ]
    if not rows:
        return 0
    # Another transaction may be writing the same key right now: its message is as good as ours.
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_WRITE} VALUES {', '.join([_ONE_MESSAGE] * (len(rows) // _PARAMETERS))} ON CONFLICT (key) DO NOTHING",
            rows,
        )
        new: int = cursor.rowcount
    if new:
        nudge(SEND)
    return new


def mail_address(*, address: str, subject: str, body: str, at: datetime) -> None:
    """Write one e-mail of an account to an address, whether or not somebody has an account with it.

    It goes out with all others (``send_messages``), so nobody waits for the mail server, nor learns from its
    slowness which addresses have accounts. Its row goes when it was handed over or given up: it holds a link that
    opens an account, and perhaps the address of somebody who has none.
    """
    refuse_other_words()
    Message.objects.create(
        key=f"account/{uuid4()}",
        channel=Message.Channel.EMAIL,
        address=address,
        subject=subject[:SUBJECT_LENGTH],
        body=body,
        written_at=at,
        next_try_at=at,
    )
    nudge(SEND)


_WRITE = (
    "INSERT INTO notifications_message (key, recipient_id, channel, subject, body, link, about, written_at, "
    "status, sent_at, next_try_at, attempts, error)"
)
_PARAMETERS = 11
_ONE_MESSAGE = f"({', '.join(['%s'] * _PARAMETERS)}, 0, '')"


class MessageDraft(NamedTuple):
    """One message of a batch, to one person; the fields mean what they mean for notify()."""

    key: str
    recipient_id: int
    subject: str
    body: str
    link: str = ""
    about: str = ""


def notify_many(*, drafts: Sequence[MessageDraft], channel: Message.Channel, at: datetime) -> None:
    """Write many messages over one channel in one go, in the transaction of what they report.

    Each is one by key and recipient: IntegrityError if there is such a message already, and none is written.
    """
    refuse_other_words()
    inbox = channel == Message.Channel.INBOX
    with transaction.atomic():
        insert_many(
            Message,
            ("key", "recipient_id", "subject", "body", "link", "about"),
            (
                (
                    f"{draft.key}/{draft.recipient_id}/{channel.value}",
                    draft.recipient_id,
                    draft.subject[:SUBJECT_LENGTH],
                    draft.body,
                    draft.link,
                    draft.about,
                )
                for draft in drafts
            ),
            shared={
                "channel": channel.value,
                "status": Message.Status.DELIVERED.value if inbox else Message.Status.WAITING.value,
                "attempts": 0,
                "last_error": "",
                "written_at": at,
                "sent_at": at if inbox else None,
                "next_try_at": None if inbox else at,
            },
        )
        if drafts and not inbox:
            nudge(SEND)


def mark_read(*, messages: Iterable[Message], at: datetime) -> int:
    """Note when messages were first opened; return how many were unread."""
    return Message.objects.filter(
        pk__in=[message.pk for message in messages], channel=Message.Channel.INBOX, read_at=None
    ).update(read_at=at)
