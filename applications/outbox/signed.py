"""Speaking to another machine: a signed POST of JSON over HTTP, over within a bounded time, with a bounded answer."""

import hashlib
import hmac
import json
import time
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from django.utils.translation import gettext as _

from applications.foreign_text import clean
from applications.outbox.exchange import TimeIsUp, Transport, in_all
from applications.outbox.sending import NotTaken

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# For a connection, for the next bytes of an answer, and for everything together, however slowly it drips.
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
EXCHANGE_SECONDS = 20.0
ANSWER_BYTES = 64 * 1024
# Client errors that are not about the message: the other is slow or busy, or a key or an address is set wrong,
# which is put right once and not for each message.
PASSING = frozenset({401, 403, 404, 408, 425, 429})
# How far the clocks of two machines may be apart.
SKEW_SECONDS = 300


def body_of(payload: dict[str, Any]) -> bytes:
    """The same bytes for the same payload at every try: a database may give its keys back in another order."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in lower-case hexadecimal."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(*, key: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether somebody with the key signed this body, within SKEW_SECONDS of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 10):
        return False
    right = hmac.compare_digest(sign(key, timestamp, body).encode(), signature.encode())
    return right and abs(now - int(timestamp)) <= SKEW_SECONDS


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: else the library works out where a redirect leads, and for that reads all of its body."""


class SignedHttp:
    """Keeps its connections between messages. ``who``: what the other is called where it does not answer."""

    def __init__(
        self,
        *,
        key: str,
        who: "StrOrPromise",
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        exchange_seconds: float = EXCHANGE_SECONDS,
    ) -> None:
        self.key, self.who = key, who
        self.timeouts = (connect_seconds, read_seconds)
        self.exchange_seconds = exchange_seconds
        self.session = _Session()
        # The other is reached directly: no proxy and no netrc of the environment has a say in it.
        self.session.trust_env = False
        # Nothing that an answer sets goes out again with the next message.
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, Transport())

    def post(self, address: str, *, body: bytes, idempotency_key: str) -> tuple[int, bytes]:
        """The status and the body of the answer; NotTaken where there is none."""
        # The signature is about the moment of speaking, which the other compares with its own clock.
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": idempotency_key,
            "X-Timestamp": timestamp,
            "X-Signature": sign(self.key, timestamp, body),
        }
        try:
            return in_all(self.exchange_seconds, partial(self._exchange, address, body, headers))
        except (TimeIsUp, requests.Timeout) as error:
            raise NotTaken(_("%(who)s没有在规定时间内应答。") % {"who": self.who}) from error
        except requests.ConnectionError as error:
            raise NotTaken(_("无法连接%(who)s：%(error)s") % self._told(error)) from error
        except requests.RequestException as error:
            raise NotTaken(_("与%(who)s的通信中断：%(error)s") % self._told(error)) from error

    def _told(self, error: BaseException) -> dict[str, object]:
        return {"who": self.who, "error": _cause(error)}

    def _exchange(self, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
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
                    raise NotTaken(_("%(who)s的应答过长。") % {"who": self.who})
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NotTaken(_("%(who)s的应答中断：%(error)s") % self._told(error)) from error
        return answer


def error_words(answer: bytes) -> str:
    """The other's own sentence, or the beginning of what it said instead."""
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
