"""Handing text messages to the gateway, and what it tells of them later: what is their own in the steps of ``outbox.sending``."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.foreign_text import clean
from applications.language import as_kept
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault, Message, Phone
from applications.notifications.phones import CODE_KEY, code_is_open, code_of, number_of
from applications.notifications.preferences import texts_are_sent
from applications.outbox.sending import NotTaken, Outcome, Refused, Sender, assert_outside_transaction
from applications.outbox.signed import PASSING, SignedHttp, body_of, error_words
from applications.outbox.timing import clock_from

Status = Message.Status
PATH = "/v1/messages"
# What was written longer ago is not said any more: days that it names may be over, and the inbox has had it all the time.
OLDEST = timedelta(days=1)
# What a receipt of the gateway may say.
TOLD = {"delivered": Status.DELIVERED, "undelivered": Status.FAILED}


def send_texts(*, at: datetime) -> Counter[str]:
    """Hand over every text message that is due; how many ended in which status. Without a gateway nothing is done."""
    if not texts_are_sent():
        return Counter()
    assert_outside_transaction()
    return TextSender(clock_from(at)).sweep(at)


@cache
def _gateway(key: str) -> SignedHttp:
    return SignedHttp(key=key, who=gettext_lazy("短信网关"))


def idempotency_key(message: Message) -> str:
    """The same for every try of a message, and of no other message of any installation; names the row, for the receipt."""
    return f"{message.pk}-{sha256(message.key.encode()).hexdigest()[:24]}"


class TextSender(Sender[Message, None]):
    """There is one gateway, and so one lane."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.gateway = _gateway(settings.SMS_GATEWAY_KEY)

    def due(self, at: datetime) -> QuerySet[Message]:
        waiting = Message.objects.filter(
            channel=Message.Channel.SMS, status=Status.WAITING, next_try_at__lte=at
        )
        return waiting.select_related("recipient__phone_for_texts").order_by("next_try_at", "pk")

    @as_kept()
    def speak(self, row: Message) -> None:
        """Give one message to the gateway. Nothing of the database is asked here."""
        if self.now() - row.written_at > OLDEST:
            raise Refused(_("写好已经超过一天，不再发送。"))
        person = row.recipient
        phone: Phone | None = getattr(person, "phone_for_texts", None)
        if person is None or not person.is_active or phone is None:
            raise Refused(_("收件人已停用短信。"))
        status, answer = self.gateway.post(
            settings.SMS_GATEWAY_URL + PATH,
            body=body_of(
                {
                    "to": number_of(phone),
                    "text": self._text(row, phone),
                    "receipt_to": settings.SITE_URL + reverse("notifications:text_receipt"),
                }
            ),
            idempotency_key=idempotency_key(row),
        )
        if status in (200, 201, 202):
            return
        words = {"status": status, "words": error_words(answer)}
        if 400 <= status < 500 and status not in PASSING:
            raise Refused(_("短信网关拒收（%(status)s）：%(words)s") % words)
        raise NotTaken(_("短信网关暂时不能接收（%(status)s）：%(words)s") % words)

    def _text(self, row: Message, phone: Phone) -> str:
        if not row.key.startswith(CODE_KEY):
            if phone.confirmed_at is None:
                raise Refused(_("手机号码还没有确认。"))
            return row.body
        if not code_is_open(phone, self.now()):
            raise Refused(_("验证码已失效。"))
        return _(
            "验证码%(code)s，10分钟内有效，用于确认接收信用修复短信的手机。不是您本人操作的，请忽略。"
        ) % {"code": code_of(phone)}

    @transaction.atomic
    def record(self, row: Message, answer: None) -> Outcome:
        """Also if the lease ran out meanwhile. A receipt may have been quicker, and says more."""
        Message.objects.filter(pk=row.pk, status=Status.WAITING).update(
            status=Status.HANDED_OVER, sent_at=self.now(), next_try_at=None, leased_until=None, last_error=""
        )
        return Outcome(Status.HANDED_OVER)

    def report(self, row: Message, error: Exception) -> None:
        report_fault(work=Fault.Work.SMS, row=row.pk, error=error, at=self.now())


class Unreadable(ValueError):
    """A receipt that says nothing that can be used; the words name the field."""


def note_receipt(*, content: bytes, at: datetime) -> bool:
    """What the gateway says became of a message: ``{"idempotency_key": …, "status": "delivered"|"undelivered", "reason": …}``.

    What was delivered stays so, whatever comes later; what was called undelivered may arrive after all. False: there is no
    such message. Unreadable.
    """
    try:
        fields = json.loads(content)
        key, told, reason = str(fields["idempotency_key"]), TOLD[fields["status"]], fields.get("reason") or ""
        # Half of a surrogate pair, which JSON can write, is no character.
        key.encode()
        pk = int(key.partition("-")[0])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            _("应为 JSON 对象，含 idempotency_key 和 status（%(states)s）。") % {"states": "、".join(TOLD)}
        ) from error
    if pk.bit_length() > 63:
        return False
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=pk, channel=Message.Channel.SMS).first()
        if message is None or not constant_time_compare(idempotency_key(message), key):
            return False
        if message.status != Status.DELIVERED:
            message.status = told
            message.sent_at = message.sent_at or at
            message.next_try_at = message.leased_until = None
            message.last_error = clean(reason) if told == Status.FAILED and reason else ""
            message.save(update_fields=["status", "sent_at", "next_try_at", "leased_until", "last_error"])
    return True
