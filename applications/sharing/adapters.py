"""How a delivery reaches the sharing platform: docs/api/sharing-platform.yaml, spoken over HTTP.

The platform's interface is a matter between the portal and one platform; another platform gets another
adapter, and nothing else changes.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.outbox.sending import NotTaken, Refused
from applications.outbox.signed import PASSING, SignedHttp, body_of, error_words
from applications.sharing.kinds import KINDS
from applications.sharing.models import Delivery, Destination


@dataclass(frozen=True)
class Receipt:
    """What the platform signs for. ``received_at`` is its own clock, ISO 8601 with offset."""

    receipt_number: str
    received_at: str
    message_id: str
    duplicate: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Adapter(Protocol):
    # How many messages may be under way together.
    at_once: int

    def send(self, delivery: Delivery) -> Receipt:
        """Hand one message over and return the receipt; NotTaken or Refused if there is none."""
        ...


class HttpAdapter(SignedHttp):
    """POST to the path of the message's kind."""

    at_once = 4

    def __init__(self, *, url: str, key: str, **seconds: float) -> None:
        super().__init__(key=key, who=gettext_lazy("共享平台"), **seconds)
        self.url = url

    def send(self, delivery: Delivery) -> Receipt:
        status, answer = self.post(
            self.url + KINDS[delivery.kind].path,
            body=body_of(delivery.payload),
            idempotency_key=str(delivery.pk),
        )
        return self._receipt(status, answer, str(delivery.pk))

    def _receipt(self, status: int, answer: bytes, message_id: str) -> Receipt:
        if status in (200, 201, 409):
            try:
                return read_receipt(answer, message_id)
            except ValueError as error:
                # 409 with a receipt means "already here"; without one, another message has the same key.
                if status != 409:
                    raise NotTaken(_("共享平台的回执无法识别：%(error)s") % {"error": error}) from error
        words = error_words(answer)
        if 400 <= status < 500 and status not in PASSING:
            raise Refused(_("共享平台拒收（%(status)s）：%(words)s") % {"status": status, "words": words})
        raise NotTaken(
            _("共享平台暂时不能接收（%(status)s）：%(words)s") % {"status": status, "words": words}
        )


def read_receipt(answer: bytes, message_id: str) -> Receipt:
    """The receipt in an answer, checked; ValueError says what is wrong with it."""
    try:
        fields = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise ValueError(_("不是 JSON")) from error
    if not isinstance(fields, dict):
        raise ValueError(_("不是 JSON 对象"))
    number, received_at, duplicate = (
        fields.get(name) for name in ("receipt_number", "received_at", "duplicate")
    )
    if not isinstance(number, str) or not 0 < len(number) <= 100:
        raise ValueError(_("receipt_number 缺失"))
    # A number that cannot be written down as it is proves nothing later.
    if not number.isprintable():
        raise ValueError(_("receipt_number 含有无法登记的字符"))
    if fields.get("message_id") != message_id:
        raise ValueError(_("message_id 与所推送的不一致"))
    if not isinstance(duplicate, bool):
        raise ValueError(_("duplicate 缺失"))
    try:
        moment = datetime.fromisoformat(received_at) if isinstance(received_at, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(_("received_at 不是带时区的时间"))
    return Receipt(number, moment.isoformat(), message_id, duplicate)


@cache
def _adapter(url: str, key: str) -> HttpAdapter:
    return HttpAdapter(url=url, key=key)


def adapter_of(destination: Destination) -> Adapter:
    """The adapter for a platform's address and key. InvalidToken: its key was encrypted under another FIELD_KEY."""
    return _adapter(destination.address, destination.key)
