"""Whatever bytes a platform answers, the failure is written down, the others go on, and the alarm comes in time."""

import json
from datetime import timedelta

import pytest

from applications.notifications.models import Fault, Message
from applications.sharing.adapters import adapter_of
from applications.sharing.models import Destination
from applications.sharing.services import push_deliveries, push_delivery
from tests.refusing import key_of, refuse
from tests.sharing.conftest import WRITTEN
from tests.sharing.platforms import move
from tests.sharing.raw_platform import RawPlatform, http

TABLE = "sharing_delivery"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def answering(nanjing):
    """answering(bytes or a function of the payload): the platform of Nanjing says that."""
    opened = []

    def start(answer, **options):
        platform = RawPlatform(lambda payload: [answer(payload) if callable(answer) else answer], **options)
        move(nanjing, f"http://127.0.0.1:{platform.port}")
        opened.append(platform)
        return platform

    yield start
    for platform in opened:
        platform.close()


def receipt(payload, **changes):
    return {
        "receipt_number": "GX20261123-00000001",
        "received_at": "2026-11-23T10:00:01+08:00",
        "message_id": payload["message_id"],
        "duplicate": False,
    } | changes


def assert_fit(text: str) -> None:
    """One line that every database, page and log can hold."""
    assert text.isprintable(), repr(text)
    assert len(text) <= 500
    text.encode()


WEIRD = {
    "NUL in JSON": http(503, r'{"message": "a\u0000b"}'),
    "lone surrogate": http(503, r'{"message": "a\ud800b"}'),
    "surrogate in the field": http(503, r'{"message": "x", "field": "\udfff"}'),
    "NUL in plain text": http(503, b"a\0b"),
    "not UTF-8": http(503, b"\xff\xfe\x80 \xc3\x28"),
    "lines of a log": http(503, b"x\r\n2026-11-23 CRITICAL forged\x1b[31m\x85\xe2\x80\xae"),
    "lines in JSON": http(503, r'{"message": "x\n2026 CRITICAL forged\u202e\u001b[2J"}'),
    "deep nesting": http(503, b"[" * 60_000),
    "deep object": http(503, b'{"message":' * 900 + b"1" + b"}" * 900),
    "5,000 digits": http(503, b'{"message": ' + b"9" * 5_000 + b"}"),
    "4,000 digits": http(503, b'{"message": ' + b"9" * 4_000 + b"}"),
    "infinite number": http(503, b'{"message": 1e99999}'),
    "no words but a list": http(503, b'{"message": [null, {}], "field": {"a": "\\u0000"}}'),
    "1 MB header": b"HTTP/1.1 503 x\r\nX-Long: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "10,000 headers": b"HTTP/1.1 503 x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
    "weird header": http(503, b"x", b"Set-Cookie: a=\0\xff; Path=/\r\nX\0Y: \xff\r\nno colon\r\n"),
    "weird status line": b"HTT\0P\xff nonsense\x1b\r\n\r\n",
    "weird status": b"HTTP/1.1 9\0\xff x\r\n\r\n",
    "huge status": b"HTTP/1.1 99999999999999999999 x\r\n\r\n",
    "weird reason": http(b"503 a\0b\xff"),
    "negative length": b"HTTP/1.1 503 x\r\nContent-Length: -5\r\n\r\n",
    "huge length": b"HTTP/1.1 503 x\r\nContent-Length: " + b"9" * 4_999 + b"\r\n\r\nabc",
    "weird chunks": b"HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\n\0zz\xff\r\n",
    "weird address": http(302, b"", b"Location: http://[\0\xff\r\n"),
}


@pytest.mark.parametrize("answer", WEIRD.values(), ids=WEIRD)
def test_a_weird_answer_is_noted_and_the_alarm_comes(write, answering, zhao, caplog, answer):
    answering(answer)
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("waiting", 1)
    assert WRITTEN + MINUTE <= delivery.next_try_at < WRITTEN + 2 * MINUTE
    assert delivery.last_error.startswith(
        ("共享平台暂时不能接收（", "无法连接共享平台：", "与共享平台的通信中断：", "共享平台的应答")
    )
    assert_fit(delivery.last_error)

    push_deliveries(at=WRITTEN + DAY)
    message = Message.objects.get(recipient=zhao, channel="inbox")
    assert message.subject == f"修复决定尚未共享：{delivery.stream}"
    assert all(
        record.getMessage().isprintable() for record in caplog.records if "was not taken" in record.msg
    )
    assert not Fault.objects.exists()


def test_a_redirect_without_end_is_cut_off(write, answering):
    """Where it leads is not even looked at, and its body counts like any other."""
    answering(http(302, b" " * 200_000, b"Location: /elsewhere\r\n"))
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert delivery.last_error == "共享平台的应答过长。"


@pytest.mark.parametrize("words", [r"a\u0000b", r"\ud800", r"\udc00\ud800 x"])
def test_a_weird_refusal_is_final_and_people_are_told(write, answering, zhao, words):
    answering(http(422, f'{{"message": "{words}", "field": "{words}"}}'))
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"dead": 1}
    delivery.refresh_from_db()
    assert_fit(delivery.last_error)
    assert delivery.last_error.startswith("共享平台拒收（422）：")
    message = Message.objects.get(recipient=zhao, channel="inbox")
    assert message.subject == f"修复决定推送失败：{delivery.stream}"
    assert delivery.last_error in message.body


@pytest.mark.parametrize("number", ["GX\0", "GX\ud800", "GX\n1", "\u202eGX"])
def test_a_receipt_number_that_cannot_be_written_down_is_none(write, answering, number):
    answering(lambda payload: http(201, receipt(payload, receipt_number=number)))
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert "receipt_number 含有无法登记的字符" in delivery.last_error


@pytest.mark.parametrize(
    "received_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-23T10:00:01+08:00:30"]
)
def test_a_receipt_from_the_end_of_time_is_kept(write, answering, received_at):
    answering(lambda payload: http(201, receipt(payload, received_at=received_at, more={"x": "\0\ud800"})))
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.receipt["receipt_number"] == "GX20261123-00000001"
    json.dumps(delivery.receipt, ensure_ascii=False).encode()


def test_what_an_answer_sets_does_not_go_out_with_the_next(write, answering):
    seen = []

    def answer(payload):
        seen.append(payload)
        return http(201, receipt(payload), b"Set-Cookie: poison=1; Path=/\r\n")

    answering(answer)
    write(1), write(2)
    assert push_deliveries(at=WRITTEN) == {"delivered": 2}
    assert not list(adapter_of(Destination.objects.get()).session.cookies)


def test_one_poisoned_delivery_stops_no_other(write, answering):
    """Its failure cannot be written down either, in no words at all."""
    poisoned = write(1)
    others = [write(case) for case in range(2, 8)]
    refuse(TABLE, f"NEW.id = {key_of(poisoned)} AND NEW.status = 'waiting'")
    answering(
        lambda payload: (
            http(503, rb'{"message": "\u0000"}')
            if payload["message_id"] == str(poisoned.pk)
            else http(201, receipt(payload))
        ),
        # A connection that it hangs up while the next message goes out would be one more that has to wait.
        keeps=True,
    )
    assert push_deliveries(at=WRITTEN) == {"waiting": 1, "delivered": len(others)}
    # Its lease backs it off; nobody is in its way, and it in nobody's.
    assert push_deliveries(at=WRITTEN + MINUTE) == {}
    assert push_deliveries(at=WRITTEN + 3 * MINUTE) == {"waiting": 1}
    poisoned.refresh_from_db()
    assert (poisoned.status, poisoned.attempts) == ("sending", 2)


def test_the_nudge_survives_it_too(write, answering):
    poisoned = write(1)
    refuse(TABLE, f"NEW.id = {key_of(poisoned)} AND NEW.status = 'waiting'")
    answering(http(503, b"\0"))
    assert push_delivery(delivery_id=poisoned.pk, at=WRITTEN) == "sending"


def test_a_failure_that_cannot_be_noted_is_an_alarm(write, answering, keeper, client, time_machine, caplog):
    """The row says at least that it failed; administrators, the log and the health check say the rest."""
    time_machine.move_to(WRITTEN, tick=False)
    delivery = write()
    refuse(TABLE, "NEW.last_error LIKE '%poison%'")
    answering(http(503, b"poison"))
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("sending", "结果未能登记，原因见日志。")
    # Its lease backs it off.
    assert WRITTEN + 2 * MINUTE <= delivery.next_try_at < WRITTEN + 3 * MINUTE
    message = Message.objects.get(recipient=keeper, channel="inbox")
    assert message.subject == "系统未能登记一项失败：共享推送"
    assert str(delivery.pk) in message.body
    assert [record.name for record in caplog.records if record.levelname == "CRITICAL"] == [
        "applications.notifications.faults"
    ]
    assert client.get("/healthz/").json()["unrecorded_failures"] == 1
    assert client.get("/healthz/").status_code == 503

    # One message a day, however often it fails; and the alarm at half of the time comes all the same.
    push_deliveries(at=WRITTEN + 3 * MINUTE)
    assert Message.objects.filter(recipient=keeper, channel="inbox").count() == 1
    assert Fault.objects.get().failures == 2
    push_deliveries(at=WRITTEN + DAY)
    subjects = Message.objects.filter(recipient=keeper, channel="inbox").values_list("subject", flat=True)
    assert f"修复决定尚未共享：{delivery.stream}" in subjects

    time_machine.move_to(WRITTEN + 2 * DAY, tick=False)
    assert client.get("/healthz/").json()["unrecorded_failures"] == 0


def test_an_alarm_that_fails_stops_no_other(write, zhao, keeper):
    broken, whole = write(1), write(2)
    refuse(TABLE, f"NEW.id = {key_of(broken)} AND NEW.alarmed_at IS NOT NULL")
    push_deliveries(at=WRITTEN + DAY)
    assert Message.objects.get(recipient=zhao, channel="inbox").subject == f"修复决定尚未共享：{whole.stream}"
    subjects = Message.objects.filter(recipient=keeper, channel="inbox").values_list("subject", flat=True)
    assert "系统未能登记一项失败：共享推送告警" in subjects
