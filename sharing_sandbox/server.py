"""The interface over HTTP: one thread a connection."""

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sharing_sandbox import pages, signature
from sharing_sandbox.errors import Rejected
from sharing_sandbox.interface import RECEIVING, Interface
from sharing_sandbox.store import Store

BODY_BYTES = 256 * 1024
# How long, and for how much, a refused sender may go on talking.
HANG_UP_SECONDS, HANG_UP_BYTES = 2, 1024 * 1024
# A slow answer takes longer than any sender waits: one byte at a time.
SECONDS_A_BYTE = 0.25
CHINA = timezone(timedelta(hours=8))
HEADERS = ("Idempotency-Key", "X-Timestamp", "X-Signature")


class Sandbox(ThreadingHTTPServer):
    daemon_threads = True
    # Several workers may knock at the same moment.
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        *,
        key: str,
        store: Store,
        interface: Interface,
        fault: Callable[[], str],
    ) -> None:
        self.key, self.store, self.interface, self.fault = key, store, interface, fault
        self.stopping = threading.Event()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A sender that hangs up is its own affair.
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: Sandbox
    protocol_version = "HTTP/1.1"
    server_version = "sharing-sandbox"
    sys_version = ""
    # Seconds that a connection may be silent.
    timeout = 30
    # Answers are small and written in one piece: nothing is gained by waiting for more.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_HEAD(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def do_PUT(self) -> None:
        self._answer(self._refuse_method)

    do_PATCH = do_DELETE = do_OPTIONS = do_PUT

    def _answer(self, handle: Callable[[], None]) -> None:
        try:
            handle()
        except Rejected as rejection:
            if rejection.close:
                self.close_connection = True
            self._json(rejection.status, rejection.as_json())
            if rejection.close:
                self._hang_up()
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:
            self.log_error("%s: %s", type(error).__name__, error)
            self.close_connection = True
            self._json(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                {"error": "internal_error", "field": None, "message": "平台故障，请稍后重试。"},
            )

    def _hang_up(self) -> None:
        """Let a sender that is still talking finish its piece: cut off at once, it would not hear the answer."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(HANG_UP_SECONDS)
        left = HANG_UP_BYTES
        with contextlib.suppress(OSError):
            while left > 0 and (piece := self.connection.recv(65536)):
                left -= len(piece)

    def _refuse_method(self) -> None:
        raise Rejected(
            HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"不支持 {self.command} 方法。", close=True
        )

    # -- Receiving

    def _post(self) -> None:
        path = urlsplit(self.path).path
        if path not in RECEIVING:
            raise Rejected(HTTPStatus.NOT_FOUND, "not_found", f"没有 {self.path} 这个接口。", close=True)
        body = self._read_body()
        for name in HEADERS:
            if not self.headers.get(name):
                raise Rejected(HTTPStatus.BAD_REQUEST, "missing_header", f"缺少请求头 {name}。", name)
        signature.verify(
            key=self.server.key,
            timestamp=self.headers["X-Timestamp"],
            signature=self.headers["X-Signature"],
            body=body,
            now=time.time(),
        )
        payload = self.server.interface.read_message(path, body)
        if payload["message_id"] != self.headers["Idempotency-Key"]:
            raise Rejected(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "invalid_field",
                "message_id 应与请求头 Idempotency-Key 相同。",
                "message_id",
            )
        fault = self.server.fault()
        if fault == "500":
            raise RuntimeError("asked to fail")
        receipt, duplicate = self.server.store.keep(payload, body, at=datetime.now(CHINA))
        if fault == "timeout":
            self.server.stopping.wait()
        if fault in ("lost", "timeout"):
            self.close_connection = True
            return
        if fault == "garbage":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", b"<html>502 Bad Gateway")
            return
        self._json(
            HTTPStatus.OK if duplicate else HTTPStatus.CREATED,
            receipt,
            seconds_a_byte=SECONDS_A_BYTE if fault == "slow" else 0,
        )

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") or self.headers.get("Content-Length") is None:
            raise Rejected(
                HTTPStatus.LENGTH_REQUIRED,
                "length_required",
                "请给出 Content-Length，不支持分块传输。",
                "Content-Length",
                close=True,
            )
        text = self.headers["Content-Length"]
        if not (text.isascii() and text.isdigit()):
            raise Rejected(
                HTTPStatus.BAD_REQUEST,
                "invalid_header",
                "Content-Length 不是数字。",
                "Content-Length",
                close=True,
            )
        length = int(text[:12])
        if length > BODY_BYTES:
            raise Rejected(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "too_large",
                f"消息体超过 {BODY_BYTES // 1024} KiB。",
                "Content-Length",
                close=True,
            )
        body = self.rfile.read(length)
        if len(body) < length:
            raise Rejected(HTTPStatus.BAD_REQUEST, "bad_request", "消息体没有传完，连接已中断。", close=True)
        if self.headers.get_content_type() != "application/json":
            raise Rejected(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "消息体应为 application/json。",
                "Content-Type",
            )
        return body

    # -- Showing

    def _get(self) -> None:
        address = urlsplit(self.path)
        path = address.path if address.path == "/" else address.path.rstrip("/")
        query = parse_qs(address.query)
        if path == "/healthz":
            self._json(HTTPStatus.OK, {"status": "ok"})
        elif path == "/style.css":
            self._send(HTTPStatus.OK, "text/css; charset=utf-8", pages.STYLE.encode())
        elif path == "/v1/received":
            case_number = query.get("case_number", [None])[0]
            messages = [message.as_json() for message in self.server.store.received(case_number=case_number)]
            self._json(HTTPStatus.OK, {"count": len(messages), "messages": messages})
        elif path == "/":
            self._show_list(query.get("page", ["1"])[0])
        elif path.startswith("/messages/"):
            message = self.server.store.get(path.removeprefix("/messages/"))
            if message is None:
                self._html(HTTPStatus.NOT_FOUND, pages.error_page("没有这条消息，网址可能有误。"))
            else:
                self._html(HTTPStatus.OK, pages.message_page(message))
        elif path in RECEIVING:
            self._refuse_method()
        else:
            self._html(HTTPStatus.NOT_FOUND, pages.error_page("没有这个页面，网址可能有误。"))

    def _show_list(self, page: str) -> None:
        total = self.server.store.count()
        last = max(1, -(-total // pages.PAGE_SIZE))
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 0
        if not 1 <= number <= last:
            self._html(HTTPStatus.NOT_FOUND, pages.error_page(f"没有第 {page} 页，共 {last} 页。"))
            return
        messages = self.server.store.page(number=number, size=pages.PAGE_SIZE)
        self._html(HTTPStatus.OK, pages.received_page(messages, number=number, total=total))

    # -- Answering

    def _json(self, status: HTTPStatus, fields: dict[str, Any], *, seconds_a_byte: float = 0) -> None:
        body = json.dumps(fields, ensure_ascii=False).encode()
        self._send(status, "application/json; charset=utf-8", body, seconds_a_byte=seconds_a_byte)

    def _html(self, status: HTTPStatus, body: bytes) -> None:
        self._send(status, "text/html; charset=utf-8", body)

    def _send(self, status: HTTPStatus, content_type: str, body: bytes, *, seconds_a_byte: float = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'",
        )
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if not seconds_a_byte:
            self.wfile.write(body)
            return
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            if self.server.stopping.wait(seconds_a_byte):
                return
