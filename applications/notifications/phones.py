"""The telephone to which somebody wants text messages: named, confirmed by a code that was sent to it, taken back."""

import hmac
import re
from datetime import UTC, datetime
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications import at_rest
from applications.accounts.models import User
from applications.language import as_kept
from applications.masking import mask_phone
from applications.notifications.models import Message, Phone, Preference
from applications.notifications.services import SEND_TEXTS
from applications.outbox.nudging import nudge

DIGITS = 6
# By this a message of a code is known: it is written when it is sent, so that no code stands in a row.
CODE_KEY = "phone-code/"
CODE_PURPOSE = "code of a telephone"


def phone_of(user: User) -> Phone | None:
    return Phone.objects.filter(user=user).first()


def number_of(phone: Phone) -> str:
    """The number in full; InvalidToken where it was encrypted under another FIELD_KEY."""
    return at_rest.decrypt(bytes(phone.sealed_number)).decode()


def masked(phone: Phone) -> str:
    """As pages show it: 138****5678."""
    return mask_phone(number_of(phone))


def plain_mobile(text: str) -> str:
    """The eleven digits of a mobile telephone of the mainland, however they are typed. ValidationError for anything else."""
    digits = re.sub(r"[\s\-()（）－]", "", text)
    digits = re.sub(r"^(\+|00)86", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits, re.ASCII):
        raise ValidationError(_("请填写11位的手机号码，例如 13812345678。短信发不到固定电话和境外号码。"))
    return digits


def code_of(phone: Phone) -> str:
    """The code that was sent last: of this number and this moment, and of no other."""
    return _code(phone, at_rest.key(CODE_PURPOSE))


def _code(phone: Phone, key: bytes) -> str:
    said = f"{phone.user_id}:{number_of(phone)}:{phone.code_made_at.astimezone(UTC).isoformat()}"
    made = hmac.digest(key, said.encode(), "sha256")
    return f"{int.from_bytes(made) % 10**DIGITS:0{DIGITS}}"


def code_is_open(phone: Phone, at: datetime) -> bool:
    return (
        phone.confirmed_at is None and phone.tries < Phone.TRIES and at < phone.code_made_at + Phone.CODE_FOR
    )


@transaction.atomic
@as_kept()
def name_phone(*, user: User, number: str, at: datetime) -> Phone:
    """Take a number (eleven digits) in place of any other, and send a code to it. Until that is typed in, nothing else is sent
    to anybody."""
    phone, _new = Phone.objects.update_or_create(
        user=user,
        defaults={
            "sealed_number": at_rest.encrypt(number.encode()),
            "code_made_at": at,
            "tries": 0,
            "confirmed_at": None,
        },
    )
    # One that is still to come would tell the new code as well.
    _codes(user).filter(status=Message.Status.WAITING).delete()
    Message.objects.create(
        key=f"{CODE_KEY}{uuid4()}",
        recipient=user,
        channel=Message.Channel.SMS,
        subject=_("验证码"),
        body="",
        written_at=at,
        next_try_at=at,
    )
    nudge(SEND_TEXTS)
    return phone


def code_message(user: User) -> Message | None:
    """The message of the code that was sent last, for how it stands with it."""
    return _codes(user).order_by("pk").last()


def _codes(user: User) -> QuerySet[Message]:
    return Message.objects.filter(recipient=user, channel=Message.Channel.SMS, key__startswith=CODE_KEY)


def confirm_phone(*, user: User, code: str, at: datetime) -> Phone:
    """The number is the user's, who has read the code. ValidationError: a wrong code, no more tries, too late, or no number. A
    wrong code counts also where whoever calls raises."""
    with transaction.atomic():
        phone = Phone.objects.select_for_update().filter(user=user).first()
        if phone is None:
            raise ValidationError(_("请先填写手机号码。"))
        if phone.confirmed_at is not None:
            return phone
        if not code_is_open(phone, at):
            raise ValidationError(_("验证码已失效，请重新获取。"))
        # One that was sent under the key of before is as good.
        if any(hmac.compare_digest(_code(phone, key), code) for key in at_rest.keys(CODE_PURPOSE)):
            phone.confirmed_at = at
            phone.save(update_fields=["confirmed_at"])
            return phone
        phone.tries += 1
        phone.save(update_fields=["tries"])
    left = Phone.TRIES - phone.tries
    if not left:
        raise ValidationError(_("验证码连续输错%(times)d次，已经失效，请重新获取。") % {"times": Phone.TRIES})
    raise ValidationError(_("验证码不正确，请对照短信重新输入，还可以试%(left)d次。") % {"left": left})


@transaction.atomic
def forget_phone(*, user: User) -> None:
    """No more text messages, and no number."""
    Phone.objects.filter(user=user).delete()
    Preference.objects.filter(user=user, channel=Message.Channel.SMS).delete()
