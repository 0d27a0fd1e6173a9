"""How a delivery reaches the sharing platform: docs/api/sharing-platform.yaml, spoken over HTTP.

The platform's interface is a matter between the portal and one platform; another platform gets another
adapter, and nothing else changes.
"""

import hashlib
import hmac
import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol

import requests
import urllib3
from django.utils.translation import gettext as _

from applications.foreign_text import clean
from applications.outbox.sending import NotTaken, Refused
from applications.sharing.exchange import TimeIsUp, Transport, in_all
from applications.sharing.kinds import KINDS
from applications.sharing.models import Delivery, Destination

# For a connection, for the next bytes of an answer, and for everything together, however slowly it drips.
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
EXCHANGE_SECONDS = 20.0
ANSWER_BYTES = 64 * 1024
# Client errors that are not about the message: the platform was slow or busy, or a key or an address is set wrong,
# which is put right once and not for each message.
PASSING = frozenset({401, 403, 404, 408, 425, 429})


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


def body_of(payload: dict[str, Any]) -> bytes:
    """The same bytes for the same payload at every try: a database may give its keys back in another order."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in lower-case hexadecimal."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: else the library works out where a redirect leads, and for that reads all of its body."""


class HttpAdapter:
    """POST to the path of the message's kind. Keeps its connections between messages."""

    at_once = 4

    def __init__(
        self,
        *,
        url: str,
        key: str,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        exchange_seconds: float = EXCHANGE_SECONDS,
    ) -> None:
        self.url = url
        self.key = key
        self.timeouts = (connect_seconds, read_seconds)
        self.exchange_seconds = exchange_seconds
        self.session = _Session()
        # The platform is reached directly: no proxy and no netrc of the environment has a say in it.
        self.session.trust_env = False
        # Nothing that an answer sets goes out again with the next message.
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, Transport())

    def send(self, delivery: Delivery) -> Receipt:
        body = body_of(delivery.payload)
        # The signature is about the moment of speaking, which the platform compares with its own clock.
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": str(delivery.pk),
            "X-Timestamp": timestamp,
            "X-Signature": sign(self.key, timestamp, body),
        }
        try:
            status, answer = in_all(
                self.exchange_seconds,
                partial(self._exchange, self.url + KINDS[delivery.kind].path, body, headers),
            )
        except (TimeIsUp, requests.Timeout) as error:
            raise NotTaken(_("共享平台没有在规定时间内应答。")) from error
        except requests.ConnectionError as error:
            raise NotTaken(_("无法连接共享平台：%(error)s") % {"error": _cause(error)}) from error
        except requests.RequestException as error:
            raise NotTaken(_("与共享平台的通信中断：%(error)s") % {"error": _cause(error)}) from error
        return self._receipt(status, answer, str(delivery.pk))

    def _exchange(self, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        with self.session.post(
            address, data=body, headers=headers, timeout=self.timeouts, allow_redirects=False, stream=True
        ) as response:
            return response.status_code, self._read(response)

    def _read(self, response: requests.Response) -> bytes:
        """The answer's body, if it is short enough."""
        answer = b""
        try:
            while piece := response.raw.read1(4096, decode_content=False):
                answer += piece
                if len(answer) > ANSWER_BYTES:
                    raise NotTaken(_("共享平台的应答过长。"))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NotTaken(_("共享平台的应答中断：%(error)s") % {"error": _cause(error)}) from error
        return answer

    def _receipt(self, status: int, answer: bytes, message_id: str) -> Receipt:
        if status in (200, 201, 409):
            try:
                return read_receipt(answer, message_id)
            except ValueError as error:
                # 409 with a receipt means "already here"; without one, another message has the same key.
                if status != 409:
                    raise NotTaken(_("共享平台的回执无法识别：%(error)s") % {"error": error}) from error
        words = _error_words(answer)
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


def _error_words(answer: bytes) -> str:
    """The platform's own sentence, or the beginning of what it said instead."""
    try:
        fields = json.loads(answer)
        place = f"（{fields['field']}）" if fields.get("field") else ""
        return f"{fields['message']}{place}"
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return clean(answer, 200) or _("没有说明")


def _cause(error: BaseException) -> str:
    """The innermost reason, without the library's layers around it."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return clean(error)


@cache
def _adapter(url: str, key: str) -> HttpAdapter:
    return HttpAdapter(url=url, key=key)


def adapter_of(destination: Destination) -> Adapter:
    """The adapter for a platform's address and key. InvalidToken: its key was encrypted under another FIELD_KEY."""
    return _adapter(destination.address, destination.key)
