"""A platform that is slow in whatever way is cut off when its time is up, all in all, and its connection is closed.

A second between two bytes would never offend a socket's own timeout; here it is a fraction of one.
"""

import socket
import threading
import time

import pytest

from applications.outbox.sending import NotTaken
from applications.sharing import adapters
from applications.sharing.adapters import HttpAdapter
from applications.sharing.models import Delivery
from tests.sharing.raw_platform import RawPlatform, http
from tests.sharing_sandbox.process import make_message

# Long enough for whatever is not slow on a busy machine, in the test that needs both.
IN_ALL = 0.6
BETWEEN = 0.05


def dripping(answer: bytes):
    """Byte by byte, each well within the time for one."""
    for place in range(len(answer)):
        time.sleep(BETWEEN)
        yield answer[place : place + 1]


def delivery(**changes) -> Delivery:
    payload = make_message(**changes)
    return Delivery(id=payload["message_id"], payload=payload)


@pytest.fixture
def against():
    """against(answer, …): such a platform, and an adapter that speaks to it."""
    opened = []

    def start(answer, *, scheme="http", seconds=IN_ALL, **options):
        platform = RawPlatform(answer, **options)
        opened.append(platform)
        return platform, HttpAdapter(
            url=f"{scheme}://127.0.0.1:{platform.port}", key="key", exchange_seconds=seconds
        )

    yield start
    for platform in opened:
        platform.close()


SLOW = {
    "status line": lambda _: dripping(b"HTTP/1.1 200 " + b"O" * 10_000),
    "headers": lambda _: dripping(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 10_000),
    "many headers": lambda _: dripping(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 90),
    "body": lambda _: dripping(http(200, b" " * 10_000)),
    "chunks": lambda _: dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 999
    ),
    "continue": lambda _: dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 999),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_a_dripping_answer_is_cut_off(against, answer):
    platform, adapter = against(answer)
    with pytest.raises(NotTaken, match="没有在规定时间内应答"):
        adapter.send(delivery())
    assert platform.hung_up.wait(20), "the connection is still open"


def test_a_request_that_is_taken_in_slowly_is_cut_off(against):
    """The message is longer than what the system takes for it, and nobody reads it."""
    held = threading.Event()

    def hold(_):
        held.wait(60)
        yield b"x"

    platform, adapter = against(hold, reads=False)
    with pytest.raises(NotTaken, match="没有在规定时间内应答"):
        adapter.send(delivery(note="长" * 10_000_000))
    held.set()
    assert platform.hung_up.wait(20), "the connection is still open"


def test_a_dripping_handshake_is_cut_off(against):
    platform, adapter = against(
        lambda _: dripping(b"\x16\x03\x03\x3f\xff" + b"\0" * 10_000), scheme="https", reads=False
    )
    with pytest.raises(NotTaken, match="没有在规定时间内应答"):
        adapter.send(delivery())
    assert platform.hung_up.wait(20), "the connection is still open"


def test_a_name_that_is_looked_up_for_ever_is_cut_off(against, monkeypatch):
    """And when the name is found at last, nothing is sent any more."""
    look_up, found, ended = socket.getaddrinfo, threading.Event(), threading.Event()
    platform, adapter = against(lambda _: [http(200)])

    def slow(*arguments, **options):
        found.wait(60)
        ended.set()
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(NotTaken, match="没有在规定时间内应答"):
        adapter.send(delivery())
    [thread] = [each for each in threading.enumerate() if each.name == "exchange"]
    found.set()
    assert ended.wait(20)
    thread.join(20)
    assert not thread.is_alive()
    assert platform.messages == []


def test_a_connection_that_was_kept_is_cut_off_like_a_new_one(against):
    quick, slow = delivery(), delivery()

    def answer(payload):
        receipt = {
            "receipt_number": "GX1",
            "received_at": "2026-11-23T10:00:01+08:00",
            "message_id": payload["message_id"],
            "duplicate": False,
        }
        whole = http(201, receipt)
        return [whole] if payload["message_id"] == quick.pk else dripping(whole + b" " * 10_000)

    platform, adapter = against(answer, keeps=True, seconds=3)
    assert adapter.send(quick).receipt_number == "GX1"
    with pytest.raises(NotTaken, match="没有在规定时间内应答"):
        adapter.send(slow)
    assert platform.hung_up.wait(20), "the connection is still open"
    assert len(platform.messages) == 2


def test_the_limit_in_service_is_20_seconds_in_all():
    assert adapters.HttpAdapter(url="http://127.0.0.1", key="key").exchange_seconds == 20
