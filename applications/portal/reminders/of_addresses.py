"""Reminding a visitor of the self-check, who has no account, on the first day to apply (Articles 12 and 19).

Nothing is kept until whoever reads the mail of the address agrees: until then address and day are in the link of the mail
alone, sealed. Then they are a row, and nothing else is; it goes with the reminder, or before by the other link. The mails are
Chinese, as all are (ADR 0043).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications import at_rest
from applications.language import as_kept
from applications.notifications.models import address_digest
from applications.notifications.services import mail_address
from applications.portal.models import AddressReminder
from rules.day_words import day_in_words

PURPOSE = "portal.reminder"
# How long the link of the mail can be agreed by.
AGREED_WITHIN = timedelta(days=3)
AT_ONCE = 200


class BrokenLink(ValueError):
    """The link is incomplete, was changed, or comes from another portal."""


class LateLink(ValueError):
    """The link was not opened in time."""


@dataclass(frozen=True)
class Wish:
    """That an address be written to on a day."""

    address: str
    on: date

    @classmethod
    def from_token(cls, token: str, *, within: timedelta | None = None) -> "Wish":
        """What a link holds. BrokenLink; LateLink where it is older than ``within``."""
        try:
            purpose, address, day = json.loads(at_rest.decrypt(token.encode()))
            if purpose != PURPOSE:
                raise BrokenLink
            wish = cls(address, date.fromisoformat(day))
        except (InvalidToken, ValueError):
            raise BrokenLink from None
        if within is not None:
            try:
                at_rest.decrypt(token.encode(), seconds=int(within.total_seconds()))
            except InvalidToken:
                raise LateLink from None
        return wish

    @property
    def token(self) -> str:
        return at_rest.encrypt(json.dumps([PURPOSE, self.address, self.on.isoformat()]).encode()).decode()


@as_kept()
def ask(*, address: str, on: date, at: datetime) -> None:
    """Write to an address for its reader's consent to a reminder on a day."""
    wish = Wish(address.lower(), on)
    token = wish.token
    mail_address(
        kind="reminder",
        address=wish.address,
        subject=_("请确认：%(day)s提醒您申请信用修复") % {"day": day_in_words(on)},
        body=_(
            "有人在江苏信用修复自查后，请我们在%(day)s给这个邮箱发一封提醒：按自查时的回答，最早这一天起可以申请信用修复。\n\n"
            "要收到提醒的，请在3天内打开下面的网址确认。确认以前，系统不登记这个邮箱：\n%(confirm)s\n\n"
            "确认以后改变主意的，打开下面的网址取消：\n%(stop)s\n\n"
            "不是您本人所为的，不必理会：没有确认，就不会提醒。"
        )
        % {
            "day": day_in_words(on),
            "confirm": settings.SITE_URL + reverse("portal:remind_confirm", args=[token]),
            "stop": settings.SITE_URL + reverse("portal:remind_stop", args=[token]),
        },
        at=at,
    )


def agree(wish: Wish) -> None:
    """Keep what was agreed to; once, however often the link is used."""
    AddressReminder.objects.get_or_create(
        address_digest=address_digest(wish.address), on=wish.on, defaults={"address": wish.address}
    )


def reminders_to(address: str) -> QuerySet[AddressReminder]:
    """Those that are kept for an address."""
    return AddressReminder.objects.filter(address_digest=address_digest(address))


def is_kept(wish: Wish) -> bool:
    """Whether it was agreed to and is still to be sent."""
    return reminders_to(wish.address).filter(on=wish.on).exists()


def stop(wish: Wish) -> bool:
    """Forget it again; False where nothing was kept."""
    return bool(reminders_to(wish.address).filter(on=wish.on).delete()[0])


def send_due(*, at: datetime) -> int:
    """Write to every address whose day has come, and forget it; how many there were. Also several at once."""
    today, sent = localdate(at), 0
    while True:
        with transaction.atomic():
            due = AddressReminder.objects.filter(on__lte=today).order_by("on", "pk")
            some = list(due.select_for_update(skip_locked=True)[:AT_ONCE])
            if not some:
                return sent
            for each in some:
                _send(each, at)
            sent += AddressReminder.objects.filter(pk__in=[each.pk for each in some]).delete()[0]


@as_kept()
def _send(reminder: AddressReminder, at: datetime) -> None:
    """What was answered is not kept, so it says what was reckoned then, and asks to check anew."""
    mail_address(
        kind="reminder",
        address=reminder.address,
        subject=_("提醒：按您自查时的回答，最早%(day)s起可以申请信用修复")
        % {"day": day_in_words(reminder.on)},
        body=_(
            "您在江苏信用修复自查后，请我们提醒您：按当时的回答和当时的规定，最早%(day)s起可以申请信用修复。\n\n"
            "系统没有保存您的回答。其后情况或者规定可能有变化，申请前请再自查一次：\n%(check)s\n\n"
            "申请信用修复（需要登录）：\n%(home)s\n\n"
            "自查结果仅供参考，不影响您提交申请的权利。系统已删除您的邮箱，不会再就此发送邮件。"
        )
        % {
            "day": day_in_words(reminder.on),
            "check": settings.SITE_URL + reverse("portal:check"),
            "home": settings.SITE_URL + reverse("portal:home"),
        },
        at=at,
    )
