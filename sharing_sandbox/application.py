"""The interface as a WSGI application."""

import contextlib
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sharing_sandbox import pages, signature
from sharing_sandbox.errors import Rejected
from sharing_sandbox.interface import Interface
from sharing_sandbox.store import Store

log = logging.getLogger(__name__)

BODY_BYTES = 256 * 1024
# How long, and for how much, a refused sender may go on talking.
HANG_UP_SECONDS, HANG_UP_BYTES = 2, 1024 * 1024
# A slow answer takes longer than any sender waits: one byte at a time.
SECONDS_A_BYTE = 0.25
SECONDS_BETWEEN_LOOKS = 0.1
CHINA = timezone(timedelta(hours=8))
HEADERS = ("Idempotency-Key", "X-Timestamp", "X-Signature")
ANSWER_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
}
ADDRESSES = Map(
    [
        Rule("/", endpoint="list", methods=["GET"]),
        Rule("/healthz", endpoint="health", methods=["GET"]),
        Rule("/style.css", endpoint="style", methods=["GET"]),
        Rule("/messages/<message_id>", endpoint="message", methods=["GET"]),
        Rule("/v1/records/<reference>", endpoint="record", methods=["GET"]),
        Rule("/v1/received", endpoint="received", methods=["GET"]),
        Rule("/v1/repair-decisions", endpoint="receive", methods=["POST"]),
    ],
    strict_slashes=False,
)


class Sandbox:
    """``stopping`` says whether the server is about to end: what waits or drips ends with it."""

    def __init__(
        self,
        *,
        key: str,
        store: Store,
        interface: Interface,
        fault: Callable[[], str],
        stopping: Callable[[], bool],
    ) -> None:
        self.key, self.store, self.interface, self.fault = key, store, interface, fault
        self.stopping = stopping

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, arguments = ADDRESSES.bind_to_environ(request.environ).match()
            view: Callable[..., Response] = getattr(self, f"_{endpoint}")
            return view(request, **arguments)
        except NotFound:
            if request.method in ("GET", "HEAD"):
                return _html(HTTPStatus.NOT_FOUND, pages.error_page("没有这个页面，网址可能有误。"))
            words = f"没有 {request.path} 这个接口。"
            return _refusal(request, Rejected(HTTPStatus.NOT_FOUND, "not_found", words, close=True))
        except MethodNotAllowed:
            words = f"不支持 {request.method} 方法。"
            refused = Rejected(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", words, close=True)
            return _refusal(request, refused)
        except Rejected as rejection:
            return _refusal(request, rejection)
        except HTTPException:
            words = "消息体没有传完，连接已中断。"
            return _refusal(request, Rejected(HTTPStatus.BAD_REQUEST, "bad_request", words, close=True))
        except Exception:
            log.exception("%s %s", request.method, request.path)
            fields = {"error": "internal_error", "field": None, "message": "平台故障，请稍后重试。"}
            return _json(HTTPStatus.INTERNAL_SERVER_ERROR, fields)

    # -- Receiving

    def _receive(self, request: Request) -> Response:
        body = _read_body(request)
        for name in HEADERS:
            if not request.headers.get(name):
                raise Rejected(HTTPStatus.BAD_REQUEST, "missing_header", f"缺少请求头 {name}。", name)
        signature.verify(
            key=self.key,
            timestamp=request.headers["X-Timestamp"],
            signature=request.headers["X-Signature"],
            body=body,
            now=time.time(),
        )
        payload = self.interface.read_decision(body)
        if payload["message_id"] != request.headers["Idempotency-Key"]:
            raise Rejected(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "invalid_field",
                "message_id 应与请求头 Idempotency-Key 相同。",
                "message_id",
            )
        fault = self.fault()
        if fault == "500":
            raise RuntimeError("asked to fail")
        receipt, duplicate = self.store.keep(payload, body, at=datetime.now(CHINA))
        while fault == "timeout" and not self.stopping():
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if fault in ("lost", "timeout"):
            _connection(request).shutdown(socket.SHUT_RDWR)
            return Response()
        if fault == "garbage":
            return _html(HTTPStatus.OK, b"<html>502 Bad Gateway")
        answer = _json(HTTPStatus.OK if duplicate else HTTPStatus.CREATED, receipt)
        if fault == "slow":
            answer.response = self._dripping(answer.get_data())
        return answer

    def _dripping(self, body: bytes) -> Iterator[bytes]:
        for place in range(len(body)):
            yield body[place : place + 1]
            if self.stopping():
                return
            time.sleep(SECONDS_A_BYTE)

    # -- Showing

    def _health(self, request: Request) -> Response:
        return _json(HTTPStatus.OK, {"status": "ok"})

    def _style(self, request: Request) -> Response:
        return Response(pages.STYLE, mimetype="text/css", headers=ANSWER_HEADERS)

    def _received(self, request: Request) -> Response:
        received = self.store.received(case_number=request.args.get("case_number"))
        messages = [message.as_json() for message in received]
        return _json(HTTPStatus.OK, {"count": len(messages), "messages": messages})

    def _record(self, request: Request, reference: str) -> Response:
        record = self.store.record(reference)
        if record is None:
            raise Rejected(HTTPStatus.NOT_FOUND, "not_found", "本平台没有就该失信行为信息收到过决定。")
        return _json(HTTPStatus.OK, record.as_json())

    def _list(self, request: Request) -> Response:
        page = request.args.get("page", "1")
        total = self.store.count()
        last = max(1, -(-total // pages.PAGE_SIZE))
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 0
        if not 1 <= number <= last:
            return _html(HTTPStatus.NOT_FOUND, pages.error_page(f"没有第 {page} 页，共 {last} 页。"))
        messages = self.store.page(number=number, size=pages.PAGE_SIZE)
        return _html(HTTPStatus.OK, pages.received_page(messages, number=number, total=total))

    def _message(self, request: Request, message_id: str) -> Response:
        message = self.store.get(message_id)
        if message is None:
            return _html(HTTPStatus.NOT_FOUND, pages.error_page("没有这条消息，网址可能有误。"))
        standing = self.store.record(message.payload["record"]["reference"])
        return _html(HTTPStatus.OK, pages.message_page(message, standing))


def _read_body(request: Request) -> bytes:
    if request.headers.get("Transfer-Encoding") or request.content_length is None:
        words = "请给出 Content-Length，不支持分块传输。"
        raise Rejected(HTTPStatus.LENGTH_REQUIRED, "length_required", words, "Content-Length", close=True)
    if request.content_length > BODY_BYTES:
        words = f"消息体超过 {BODY_BYTES // 1024} KiB。"
        raise Rejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", words, "Content-Length", close=True)
    body = request.get_data()
    if request.mimetype != "application/json":
        raise Rejected(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "消息体应为 application/json。",
            "Content-Type",
        )
    return body


def _json(status: HTTPStatus, fields: dict[str, Any]) -> Response:
    body = json.dumps(fields, ensure_ascii=False)
    return Response(body, status, ANSWER_HEADERS, content_type="application/json; charset=utf-8")


def _html(status: HTTPStatus, body: bytes) -> Response:
    return Response(body, status, ANSWER_HEADERS, mimetype="text/html")


def _refusal(request: Request, rejection: Rejected) -> Response:
    answer = _json(rejection.status, rejection.as_json())
    if rejection.close:
        # When the answer is out.
        answer.call_on_close(lambda: _hang_up(_connection(request)))
    return answer


def _hang_up(connection: socket.socket) -> None:
    """Let a sender that is still talking finish its piece: cut off at once, it would not hear the answer."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(HANG_UP_SECONDS)
        left = HANG_UP_BYTES
        while left > 0 and (piece := connection.recv(65536)):
            left -= len(piece)
        connection.shutdown(socket.SHUT_RD)


def _connection(request: Request) -> socket.socket:
    """What WSGI hides: a platform that is not well ends connections without an answer."""
    connection: socket.socket = request.environ["gunicorn.socket"]
    return connection
