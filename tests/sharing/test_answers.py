"""What the portal makes of each answer that a platform can give."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from applications.sharing.services import push_deliveries
from tests.sharing.conftest import WRITTEN
from tests.sharing.platforms import move


@pytest.fixture
def answering(nanjing) -> Iterator[Callable[..., list[str]]]:
    """A platform that gives one answer to everything: answering(status, body, headers) → paths it was asked."""
    asked: list[str] = []
    answer: dict[str, object] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(answer["status"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer["body"])))
            self.end_headers()
            self.wfile.write(answer["body"])

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(418)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    move(nanjing, f"http://127.0.0.1:{server.server_port}")

    def set_answer(status: int, body: object, headers: dict[str, str] | None = None) -> list[str]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer.update(status=status, body=data, headers=headers or {})
        return asked

    yield set_answer
    server.shutdown()
    server.server_close()


def receipt(delivery, **changes) -> dict[str, object]:
    return {
        "receipt_number": "GX20261123-00000001",
        "received_at": "2026-11-23T10:00:01+08:00",
        "message_id": str(delivery.pk),
        "duplicate": False,
    } | changes


@pytest.mark.parametrize(("status", "duplicate"), [(200, True), (201, False), (409, True)])
def test_a_receipt_is_a_receipt(write, answering, status, duplicate):
    delivery = write()
    answering(status, receipt(delivery, duplicate=duplicate))
    assert push_deliveries(at=WRITTEN) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.receipt["receipt_number"] == "GX20261123-00000001"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message_id": "3f1e0f5c-6a55-4d0e-9a1e-2f6f4c1a7b10"}, "message_id 与所推送的不一致"),
        ({"receipt_number": ""}, "receipt_number 缺失"),
        ({"receipt_number": 7}, "receipt_number 缺失"),
        ({"duplicate": "no"}, "duplicate 缺失"),
        ({"received_at": "2026-11-23T10:00:01"}, "received_at 不是带时区的时间"),
        ({"received_at": "today"}, "received_at 不是带时区的时间"),
        ({"received_at": None}, "received_at 不是带时区的时间"),
    ],
)
def test_a_receipt_with_a_fault_is_none(write, answering, changes, words):
    delivery = write()
    answering(201, receipt(delivery, **changes))
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert delivery.receipt is None
    assert words in delivery.last_error


@pytest.mark.parametrize("body", [b"", b"OK", b"[]", b"null", b"\xff", b"[" * 20_000])
def test_an_answer_that_is_no_receipt_is_asked_again(write, answering, body):
    write()
    answering(200, body)
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}


def test_an_answer_without_end_is_cut_off(write, answering):
    delivery = write()
    answering(200, b" " * 70_000)
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert "过长" in delivery.last_error


@pytest.mark.parametrize("status", [400, 405, 409, 410, 413, 415, 422])
def test_a_client_error_is_final(write, answering, status):
    delivery = write()
    answering(status, {"error": "x", "field": "region", "message": "区划不符。"})
    assert push_deliveries(at=WRITTEN) == {"dead": 1}
    delivery.refresh_from_db()
    assert delivery.last_error == f"共享平台拒收（{status}）：区划不符。（region）"


@pytest.mark.parametrize("status", [401, 403, 404, 408, 425, 429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_asked_again(write, answering, status):
    delivery = write()
    answering(status, b"<html>Gateway</html>")
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert delivery.last_error == f"共享平台暂时不能接收（{status}）：<html>Gateway</html>"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(write, answering, status):
    write()
    asked = answering(status, b"", {"Location": "/elsewhere"})
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    assert asked == ["/v1/repair-decisions"]


def test_no_proxy_of_the_environment_comes_between(write, answering, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    delivery = write()
    answering(201, receipt(delivery))
    assert push_deliveries(at=WRITTEN) == {"delivered": 1}
