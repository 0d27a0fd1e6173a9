"""A delivery's way to the platform, which is the real sandbox process over HTTP."""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.outbox.sending import NotTaken, claim
from applications.sharing import adapters
from applications.sharing.models import Delivery
from applications.sharing.sending import DeliverySender
from applications.sharing.services import push_deliveries, push_delivery
from applications.sharing.signals import delivered
from tests.fixtures import moment
from tests.sharing.conftest import WRITTEN

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def heard():
    """Every delivery that the apps above were told of."""
    told = []

    def hear(sender, deliveries, at, **kwargs):
        told.extend((delivery.pk, delivery.receipt["receipt_number"], at) for delivery in deliveries)

    delivered.connect(hear)
    yield told
    delivered.disconnect(hear)


def test_the_platform_gets_the_decision_and_we_its_receipt(write, platform, heard):
    platform.start()
    delivery = write()
    assert push_delivery(delivery_id=delivery.pk, at=WRITTEN) == "delivered"

    [received] = platform.received()
    assert received["payload"] == delivery.payload
    delivery.refresh_from_db()
    assert delivery.receipt["receipt_number"] == received["receipt_number"]
    assert delivery.receipt["duplicate"] is False
    assert WRITTEN <= delivery.delivered_at < WRITTEN + 5 * SECOND
    assert delivery.attempts == 1
    assert heard == [(delivery.pk, received["receipt_number"], delivery.delivered_at)]
    [event] = Event.objects.filter(chain=delivery.stream)
    assert event.verb == "delivery.delivered"
    assert event.payload["receipt"] == received["receipt_number"]


def test_what_is_delivered_is_not_pushed_again(write, platform, heard):
    platform.start()
    delivery = write()
    push_deliveries(at=WRITTEN)
    assert push_deliveries(at=WRITTEN + 90 * MINUTE) == {}
    assert push_delivery(delivery_id=delivery.pk, at=WRITTEN + 90 * MINUTE) == "delivered"
    assert len(heard) == 1
    delivery.refresh_from_db()
    assert delivery.attempts == 1


@pytest.mark.parametrize(
    ("fault", "stored", "words"),
    [
        ("500", 0, "暂时不能接收（500）：平台故障"),
        ("lost", 1, "无法连接共享平台"),
        ("garbage", 1, "回执无法识别：不是 JSON"),
        ("timeout", 1, "没有在规定时间内应答"),
        ("slow", 1, "应答"),
    ],
)
def test_a_platform_that_is_not_well_is_asked_again(write, platform, hurried, heard, fault, stored, words):
    platform.start(fault)
    delivery = write()
    with hurried() if fault in ("timeout", "slow") else nullcontext():
        assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert words in delivery.last_error
    assert WRITTEN + MINUTE <= delivery.next_try_at < WRITTEN + MINUTE + 5 * SECOND
    assert heard == []

    platform.start()
    assert len(platform.received()) == stored
    # Not before its time.
    assert push_deliveries(at=WRITTEN + 59 * SECOND) == {}
    assert push_deliveries(at=WRITTEN + 2 * MINUTE) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.receipt["duplicate"] is bool(stored)
    assert delivery.last_error == ""
    assert len(platform.received()) == 1
    assert len(heard) == 1


def test_no_platform_at_all(write):
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert delivery.last_error.startswith("无法连接共享平台：")
    assert "Connection refused" in delivery.last_error


def test_the_moments_of_the_tries(write):
    """One minute, five, fifteen, one hour, three hours after the last; then every hour."""
    delivery = write()
    at = WRITTEN
    waits = []
    for _ in range(8):
        push_deliveries(at=at)
        delivery.refresh_from_db()
        waits.append(round((delivery.next_try_at - at) / MINUTE))
        at = delivery.next_try_at
    assert waits == [1, 5, 15, 60, 180, 60, 60, 60]
    assert delivery.attempts == 8


def test_at_least_thirty_tries_in_two_days(write):
    delivery = write()
    at = WRITTEN
    while at <= WRITTEN + timedelta(days=2):
        push_deliveries(at=at)
        delivery.refresh_from_db()
        at = delivery.next_try_at
    assert delivery.attempts >= 30
    assert delivery.status == "waiting"


def test_tries_go_on_for_two_weeks_and_end_with_a_call_for_people(write, zhao, sun):
    """zhao supervises the deciding organ; sun another one, and learns nothing."""
    delivery = write()
    Delivery.objects.update(attempts=340)
    push_deliveries(at=WRITTEN + timedelta(days=14))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.next_try_at) == ("dead", 341, None)
    subjects = set(Message.objects.filter(recipient=zhao).values_list("subject", flat=True))
    assert f"修复决定推送失败：{delivery.stream}" in subjects
    assert not Message.objects.filter(recipient=sun).exists()


def test_what_the_platform_refuses_is_dead_at_once(write, platform, zhao, caplog):
    platform.start()
    delivery = write(record__severity="minor")
    assert push_deliveries(at=WRITTEN) == {"dead": 1}
    delivery.refresh_from_db()
    assert "拒收（422）" in delivery.last_error
    assert "record.severity" in delivery.last_error
    assert Event.objects.get(chain=delivery.stream).verb == "delivery.failed"
    message = Message.objects.get(recipient=zhao, channel="inbox")
    assert "record.severity 只能是" in message.body
    assert str(delivery.pk) in message.link
    assert [record.levelname for record in caplog.records if "is given up" in record.message] == ["ERROR"]
    # Dead is dead until somebody acts.
    assert push_deliveries(at=WRITTEN + timedelta(days=1)) == {}


def test_a_stream_goes_in_its_order(write, platform, heard):
    platform.start("500")
    first, second = write(sequence=1), write(sequence=2, data_state="update", at=WRITTEN + SECOND)
    # The second waits for the first, however often it is its time.
    assert push_deliveries(at=WRITTEN + SECOND) == {"waiting": 1}
    assert push_delivery(delivery_id=second.pk, at=WRITTEN + SECOND) == "waiting"
    second.refresh_from_db()
    assert second.attempts == 0

    platform.start()
    assert push_deliveries(at=WRITTEN + 2 * MINUTE) == {"delivered": 2}
    assert [told[0] for told in heard] == [first.pk, second.pk]
    assert [message["payload"]["sequence"] for message in platform.received()] == [1, 2]


def test_a_nudge_for_the_first_takes_the_waiting_second_along(write, platform):
    platform.start()
    first, second = write(sequence=1), write(sequence=2, data_state="update")
    assert push_delivery(delivery_id=first.pk, at=WRITTEN) == "delivered"
    second.refresh_from_db()
    assert second.status == "delivered"


def test_a_dead_delivery_holds_up_its_own_stream_only(write, platform):
    platform.start()
    write(1, record__severity="minor")
    held, other = write(1, 2), write(2)
    assert push_deliveries(at=WRITTEN) == {"dead": 1, "delivered": 1}
    held.refresh_from_db()
    other.refresh_from_db()
    assert (held.status, held.attempts, other.status) == ("waiting", 0, "delivered")


def test_a_sender_that_died_leaves_a_lease_that_ends(write, platform):
    platform.start()
    delivery = write()
    Delivery.objects.update(
        status="sending",
        attempts=1,
        leased_until=WRITTEN + 2 * MINUTE,
        next_try_at=WRITTEN + 2 * MINUTE,
    )
    assert push_deliveries(at=WRITTEN + MINUTE) == {}
    assert push_delivery(delivery_id=delivery.pk, at=WRITTEN + MINUTE) == "sending"
    assert push_deliveries(at=WRITTEN + 3 * MINUTE) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.attempts == 2


def test_a_try_counts_before_it_is_made(write, monkeypatch):
    """A try that ends the process is found again by the sweep, one try richer."""
    delivery = write()

    class Killed(BaseException):
        pass

    def kill(*args):
        raise Killed

    monkeypatch.setattr("applications.sharing.adapters.HttpAdapter.send", kill)
    with pytest.raises(Killed):
        push_deliveries(at=WRITTEN)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("sending", 1)


def test_a_sender_that_comes_back_late_spoils_nothing(write, platform, monkeypatch):
    """Its lease is over and another sender has delivered: its own failure is no news."""
    platform.start()
    delivery = write()
    send = adapters.HttpAdapter.send

    def dawdle(self, row):
        if row.attempts > 1:
            return send(self, row)
        assert push_delivery(delivery_id=row.pk, at=WRITTEN + 3 * MINUTE) == "delivered"
        raise NotTaken("too late")

    monkeypatch.setattr(adapters.HttpAdapter, "send", dawdle)
    push_deliveries(at=WRITTEN)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error, delivery.attempts) == ("delivered", "", 2)


def test_a_receipt_counts_even_after_the_lease(write, platform, heard):
    """The answer came after another sender had taken the row over: both have receipts, one is recorded."""
    platform.start()
    delivery = write()
    first, second = (
        DeliverySender(lambda: WRITTEN + 3 * MINUTE),
        DeliverySender(lambda: WRITTEN + 4 * MINUTE),
    )
    row, other = (Delivery.objects.get(pk=delivery.pk) for _ in range(2))
    claim(row, at=WRITTEN)
    other.refresh_from_db()
    claim(other, at=WRITTEN + 3 * MINUTE)
    late, again = first.speak(row), second.speak(other)
    first.record(row, late)
    second.record(other, again)
    delivery.refresh_from_db()
    assert delivery.receipt["duplicate"] is False
    assert delivery.delivered_at == WRITTEN + 3 * MINUTE
    assert len(heard) == 1


def test_a_receiver_that_fails_undoes_the_recording_and_is_asked_again(write, platform, heard, caplog):
    platform.start()
    delivery = write()

    def break_down(**kwargs):
        raise LookupError("no such case")

    delivered.connect(break_down)
    try:
        assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    finally:
        delivered.disconnect(break_down)
    delivery.refresh_from_db()
    assert delivery.receipt is None
    assert delivery.delivered_at is None
    assert "登记失败：LookupError: no such case" in delivery.last_error
    assert not Event.objects.filter(chain=delivery.stream).exists()

    assert push_deliveries(at=WRITTEN + 2 * MINUTE) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.receipt["duplicate"] is True
    assert len(platform.received()) == 1


def test_a_platform_that_is_down_is_not_asked_for_every_row(write):
    for case in range(1, 11):
        write(case)
    assert push_deliveries(at=WRITTEN) == {"waiting": 3}
    assert Delivery.objects.filter(attempts=0).count() == 7


def test_three_days_of_outage_lose_nothing_and_keep_the_order(write, platform, zhao):
    for case in range(1, 11):
        write(case, 1)
        write(case, 2, data_state="update")
    for minutes in range(0, 72 * 60, 30):
        push_deliveries(at=WRITTEN + minutes * MINUTE)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"waiting"}

    platform.start()
    # The longest that a row waits for its next try is an hour.
    push_deliveries(at=WRITTEN + timedelta(hours=73, minutes=1))
    push_deliveries(at=WRITTEN + timedelta(hours=74, minutes=2))
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    messages = platform.received()
    assert len(messages) == 20
    for case in range(1, 11):
        of_case = platform.received(f"XF-320100-2026-{case:06d}-7")
        assert [message["payload"]["sequence"] for message in of_case] == [1, 2]
    # Half of the time used up: the supervisor is told, once for each delivery.
    late = Message.objects.filter(recipient=zhao, channel="inbox", subject__startswith="修复决定尚未共享")
    assert late.count() == 20


def test_an_alarm_at_half_of_the_time(write, zhao, caplog):
    delivery = write()
    push_deliveries(at=moment("2026-11-24 09:59"))
    assert not Message.objects.exists()
    push_deliveries(at=moment("2026-11-24 10:00"))
    push_deliveries(at=moment("2026-11-24 12:00"))
    [message] = Message.objects.filter(recipient=zhao, channel="inbox")
    assert message.subject == f"修复决定尚未共享：{delivery.stream}"
    assert "已超过 24 小时" in message.body and "系统会继续重试，请与共享平台联系。" in message.body
    assert len([record for record in caplog.records if "still not at the platform" in record.message]) == 1


def test_the_alarm_of_what_waits_behind_a_dead_one_says_so(write, platform, zhao):
    platform.start()
    write(record__severity="minor")
    held = write(sequence=2)
    push_deliveries(at=WRITTEN)
    push_deliveries(at=WRITTEN + timedelta(days=1))
    [message] = Message.objects.filter(
        recipient=zhao, channel="inbox", subject__startswith="修复决定尚未共享"
    )
    assert "的第 2 条" in message.body and str(held.pk) in message.link
    assert "排在前面的一条推送失败，待人工处理后才会推送。" in message.body
    assert "系统会继续重试" not in message.body


def test_a_flaky_platform_gets_every_message_once(write, platform):
    """Errors, lost and unreadable answers by the dice: in the end each is there once, with one receipt."""
    platform.start("flaky:20261123")
    for case in range(1, 31):
        write(case, 1)
        write(case, 2, data_state="update")
    at = WRITTEN
    for _ in range(300):
        if not Delivery.objects.exclude(status="delivered").exists():
            break
        push_deliveries(at=at)
        at += timedelta(minutes=30)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    messages = platform.received()
    assert len(messages) == 60
    receipts = {str(row.pk): row.receipt["receipt_number"] for row in Delivery.objects.all()}
    assert receipts == {message["payload"]["message_id"]: message["receipt_number"] for message in messages}
