"""python -m sharing_sandbox.sms --port 8012: a stand-in for an SMS gateway, which sends nothing and shows what it was given.

It takes what docs/api/sms-gateway.yaml says, and tells the portal later what became of each message. It can be told to
misbehave, when it starts (--mode) or while it runs (POST /v1/mode):

- ``none``    each message is delivered; to a number that ends in 0000 none is
- ``500``     an error, nothing is taken
- ``refuse``  a final no
- ``lost``    taken, but the connection ends without an answer
- ``bounce``  taken, and not delivered
- ``silent``  taken, and nothing more is heard of it
"""

import argparse
import json
import os
import re
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sharing_sandbox import signature
from sharing_sandbox.errors import Rejected

MODES = ("none", "500", "refuse", "lost", "bounce", "silent")
BODY_BYTES = 16 * 1024
CHARACTERS = 70
CHINA = timezone(timedelta(hours=8))
# How often a receipt is told to a portal that does not answer, and how many seconds lie between.
TOLD_TIMES, TOLD_SECONDS = 20, 1.0
# No proxy of the environment may stand between this program and the portal.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Gateway:
    """What was taken, by its key, and how this gateway behaves. ``delay``: seconds before a receipt is told."""

    key: str
    mode: str = "none"
    delay: float = 0.5
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, message: dict[str, str]) -> bool:
        """Keep a message; False where it was here before. Rejected where another has its key."""
        with self.lock:
            before = self.taken.get(key)
            if before is not None:
                if (before["to"], before["text"]) != (message["to"], message["text"]):
                    raise Rejected(
                        HTTPStatus.CONFLICT, "conflict", "同一个幂等键，另一条短信。", "Idempotency-Key"
                    )
                return False
            self.taken[key] = message | {
                "at": datetime.now(CHINA).isoformat(timespec="seconds"),
                "state": "taken",
            }
        if self.mode != "silent":
            failed = self.mode == "bounce" or message["to"].endswith("0000")
            threading.Timer(self.delay, self.tell, (key, "undelivered" if failed else "delivered")).start()
        return True

    def tell(self, key: str, state: str) -> None:
        """Tell the portal what became of a message, until it has heard it."""
        self.taken[key]["state"] = state
        content: dict[str, str] = {"idempotency_key": key, "status": state}
        if state == "undelivered":
            content["reason"] = "用户关机或者号码不存在"
        body = json.dumps(content, ensure_ascii=False).encode()
        for _time in range(TOLD_TIMES):
            stamp = str(int(time.time()))
            signed = signature.sign(key=self.key, timestamp=stamp, body=body)
            headers = {"Content-Type": "application/json", "X-Timestamp": stamp, "X-Signature": signed}
            request = urllib.request.Request(self.taken[key]["receipt_to"], body, headers)
            try:
                with _direct.open(request, timeout=5):
                    return
            except OSError:
                time.sleep(TOLD_SECONDS)


def read_message(body: bytes) -> dict[str, str]:
    """What was sent, checked. Rejected names the field."""
    try:
        content = json.loads(body)
        message = {name: str(content[name]) for name in ("to", "text", "receipt_to")}
    except (ValueError, KeyError, TypeError):
        words = "应为 JSON 对象，含 to、text、receipt_to。"
        raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", words) from None
    if not re.fullmatch(r"1[0-9]{10}", message["to"], re.ASCII):
        raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_field", "应为11位手机号码。", "to")
    if not 0 < len(message["text"]) <= CHARACTERS:
        raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_field", f"应为1至{CHARACTERS}字。", "text")
    if not message["receipt_to"].startswith(("http://", "https://")):
        raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_field", "应为网址。", "receipt_to")
    return message


def page(gateway: Gateway) -> bytes:
    """What was taken, the latest first."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(message[name])}</td>' for name in ('at', 'to', 'text', 'state'))}</tr>"
        for message in reversed(gateway.taken.values())
    )
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>短信网关沙箱</title>'
        f"<h1>短信网关沙箱</h1><p>不发送短信，只列出收到的：{len(gateway.taken)} 条。</p>"
        f"<table><tr><th>时间<th>号码<th>内容<th>状态</tr>{rows}</table></html>"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    """One request; the gateway is that of the server."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Numbers and texts are in no log."""

    def do_GET(self) -> None:
        gateway = self.server.gateway
        match self.path.rstrip("/"):
            case "":
                self._answer(HTTPStatus.OK, page(gateway), "text/html; charset=utf-8")
            case "/healthz":
                self._json(HTTPStatus.OK, {"status": "ok"})
            case "/v1/received":
                messages = [{"idempotency_key": key, **message} for key, message in gateway.taken.items()]
                self._json(HTTPStatus.OK, {"count": len(messages), "messages": messages})
            case _:
                self._json(HTTPStatus.NOT_FOUND, {"error": "not_found", "message": "没有这个页面。"})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= BODY_BYTES):
            self.close_connection = True
            self._json(HTTPStatus.BAD_REQUEST, {"error": "bad_request", "message": "请给出 Content-Length。"})
            return
        body = self.rfile.read(int(length))
        try:
            match self.path.rstrip("/"):
                case "/v1/messages":
                    self._take(body)
                case "/v1/mode":
                    self._set_mode(body)
                case _:
                    raise Rejected(HTTPStatus.NOT_FOUND, "not_found", "没有这个接口。")
        except Rejected as no:
            self._json(no.status, no.as_json())

    def _take(self, body: bytes) -> None:
        gateway = self.server.gateway
        signature.verify(
            key=gateway.key,
            timestamp=self.headers.get("X-Timestamp", ""),
            signature=self.headers.get("X-Signature", ""),
            body=body,
            now=time.time(),
        )
        key = self.headers.get("Idempotency-Key", "")
        if not key:
            raise Rejected(HTTPStatus.BAD_REQUEST, "missing_header", "缺少请求头。", "Idempotency-Key")
        if gateway.mode == "500":
            raise Rejected(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "网关故障，请稍后重试。")
        message = read_message(body)
        if gateway.mode == "refuse":
            raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "号码在免打扰名单中。", "to")
        new = gateway.take(key, message)
        if gateway.mode == "lost":
            self.close_connection = True
            return
        self._json(HTTPStatus.ACCEPTED if new else HTTPStatus.OK, {"id": key, "duplicate": not new})

    def _set_mode(self, body: bytes) -> None:
        mode = body.decode(errors="replace")
        if mode not in MODES:
            words = f"只能是 {'、'.join(MODES)}。"
            raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", words)
        self.server.gateway.mode = mode
        self._json(HTTPStatus.OK, {"mode": mode})

    def _json(self, status: int, fields: dict[str, Any]) -> None:
        self._answer(
            status, json.dumps(fields, ensure_ascii=False).encode(), "application/json; charset=utf-8"
        )

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], gateway: Gateway) -> None:
        self.gateway = gateway
        super().__init__(address, Handler)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sharing_sandbox.sms", description=__doc__)
    parser.add_argument("--port", type=int, default=8012)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--key", default=os.environ.get("SMS_GATEWAY_KEY"), help="else SMS_GATEWAY_KEY")
    parser.add_argument("--mode", choices=MODES, default="none")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds before a receipt is told")
    options = parser.parse_args()
    if not options.key:
        print("错误：没有签名密钥，请用 --key 或环境变量 SMS_GATEWAY_KEY 给出。", file=sys.stderr)
        return 2
    try:
        server = Server((options.host, options.port), Gateway(options.key, options.mode, options.delay))
    except OSError as error:
        print(
            f"错误：无法监听 {options.host}:{options.port}：{error.strerror}。请换一个端口。", file=sys.stderr
        )
        return 2
    print(
        f"短信网关沙箱已启动 SMS gateway sandbox: http://{options.host}:{server.server_port}/",
        file=sys.stderr,
    )
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
