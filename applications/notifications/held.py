"""What notifications hold about a person (accounts.holdings)."""

from contextlib import suppress
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.accounts import retention
from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, register
from applications.accounts.retention import Erasure, delete_rows
from applications.notifications.models import Fault, Message, Phone, Preference
from applications.notifications.phones import number_of
from rules.retention import period_of


def _number(phone: Phone) -> str:
    with suppress(InvalidToken):
        return number_of(phone)
    return ""


def _copies(at: datetime) -> QuerySet[Message]:
    """Of what is in the inbox too; those that still wait to be sent are left alone."""
    sent = Message.objects.exclude(channel=Message.Channel.INBOX).exclude(status=Message.Status.WAITING)
    return sent.filter(recipient__isnull=False, written_at__lt=at - period_of("message_copy")).exclude(
        body=""
    )


retention.register(
    Erasure("message_copy", _copies, lambda rows, _at: rows.update(body="")),
    Erasure(
        "unconfirmed_phone",
        lambda at: Phone.objects.filter(
            confirmed_at=None, code_made_at__lt=at - period_of("unconfirmed_phone")
        ),
        delete_rows,
    ),
)
register(
    Holding(
        Message,
        [
            "channel",
            "subject",
            "body",
            Column(_("状态"), lambda row: row.state),
            "written_at",
            "sent_at",
            "read_at",
        ],
        # Mails about the account itself hold links that sign in, and are not given out again.
        of_person=lambda person: Message.objects.filter(recipient=person).order_by("pk"),
    ),
    Holding(
        Phone,
        [
            Column(_("手机号码"), _number),
            Column(_("确认时间"), lambda row: row.confirmed_at),
        ],
        of_person=lambda person: Phone.objects.filter(user=person),
        title=_("接收短信的手机号码"),
    ),
    Holding(
        Preference,
        [
            Column(_("消息"), lambda row: row.get_group_display()),
            Column(_("渠道"), lambda row: row.get_channel_display()),
            Column(_("要"), lambda row: row.wanted),
        ],
        of_person=lambda person: Preference.objects.filter(user=person),
        title=_("通知设置"),
    ),
    nothing={Fault: "which work of the system failed, by the number of its row"},
)
