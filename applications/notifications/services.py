"""Writing messages to people (Article 12: to know conditions, course and result); sending.py hands the e-mails over, sms.py
the text messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from applications.database.insertion import insert_many
from applications.language import refuse_other_words
from applications.notifications.models import Group, Message
from applications.notifications.preferences import with_texts, without_mail
from applications.outbox.nudging import nudge

# What is left of a key's 200 characters when "/<user id>/<channel>" is added.
KEY_LENGTH = 170
SUBJECT_LENGTH = 200

SEND = "applications.notifications.tasks.send_messages"
SEND_TEXTS = "applications.notifications.tasks.send_texts"
# What goes into one SMS.
TEXT_LENGTH = 70

AddressMail = Literal["account", "reminder", "signing"]
# How the keys of mail about accounts begin.
ACCOUNT_MAIL = "account/"


def notify(
    *,
    key: str,
    recipients: Iterable[AbstractBaseUser],
    subject: str,
    body: str,
    at: datetime,
    link: str = "",
    about: str = "",
    by: AbstractBaseUser | None = None,
    group: Group = Group.NOTICE,
    text: str = "",
) -> int:
    """Write one inbox message and one e-mail for each recipient; return how many messages are new.

    ``group``: where one can choose, who does not want the e-mail gets none. ``text``: the same in at most TEXT_LENGTH
    characters, for those who want such messages by SMS too.

    Exactly once: a recipient who already has a message of this ``key`` gets no second one. The inbox message
    is there when the transaction is; the e-mail waits until ``send_messages`` hands it over. ``link`` is a
    lasting address (links.link_to), ``about`` a case number. ``by``: whose act the message tells of; that person, who saw
    on the page what came of it, is told nothing, all others are. ValueError: the key is too long, or the link leads
    elsewhere. RuntimeError: the words are not Chinese (language.as_kept).
    """
    refuse_other_words()
    if not key or len(key) > KEY_LENGTH:
        raise ValueError(f"key must have 1 to {KEY_LENGTH} characters: {key!r}")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError(f"link must be a path of this site: {link!r}")
    subject = " ".join(subject.split())
    if len(subject) > SUBJECT_LENGTH:
        subject = subject[: SUBJECT_LENGTH - 1] + "…"
    if len(text) > TEXT_LENGTH:
        raise ValueError(f"a text message has at most {TEXT_LENGTH} characters: {text!r}")
    moment = connection.ops.adapt_datetimefield_value(at)
    rows: list[Any] = []
    people = {user.pk for user in recipients} - {by.pk if by else None}
    no_mail, texted = without_mail(people, group), with_texts(people, group) if text else set()
    for person in people:
        for channel, said, wanted in (
            ("inbox", body, True),
            ("email", body, person not in no_mail),
            ("sms", text, person in texted),
        ):
            if wanted:
                rows += [
                    *(f"{key}/{person}/{channel}", person, channel, subject, said, link, about, moment),
                    *(("delivered", moment, None) if channel == "inbox" else ("waiting", None, moment)),
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
        if texted:
            nudge(SEND_TEXTS)
    return new


def mail_address(*, kind: AddressMail, address: str, subject: str, body: str, at: datetime) -> None:
    """Write one e-mail to an address, whether or not somebody has an account with it.

    ``kind``: "account" (verification, password, invitation) is sent as it is, and its failure at an officer's address is
    told to those who keep the accounts; "reminder" and "signing" can be had by anybody for any address, so nobody is told,
    and they end as all other e-mails do.

    It goes out with all others (``send_messages``), so nobody waits for the mail server, nor learns from its
    slowness which addresses have accounts. Its row goes when it was handed over or given up: it holds a link that
    opens something, and perhaps the address of somebody who has no account.
    """
    refuse_other_words()
    Message.objects.create(
        key=f"{kind}/{uuid4()}",
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


def notify_many(
    *,
    drafts: Sequence[MessageDraft],
    channel: Message.Channel,
    group: Group = Group.NOTICE,
    at: datetime,
) -> None:
    """Write many messages over one channel in one go, in the transaction of what they report; ``group`` as for notify().

    Each is one by key and recipient: IntegrityError if there is such a message already, and none is written.
    """
    refuse_other_words()
    inbox = channel == Message.Channel.INBOX
    if not inbox:
        no_mail = without_mail({draft.recipient_id for draft in drafts}, group)
        drafts = [draft for draft in drafts if draft.recipient_id not in no_mail]
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
