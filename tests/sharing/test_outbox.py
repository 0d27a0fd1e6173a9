"""Writing a delivery, and starting to push it."""

import pytest
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from applications.sharing.models import Delivery
from applications.sharing.services import enqueue, push_deliveries, push_delivery
from applications.sharing.tasks import push_delivery as task
from tests.sharing.conftest import WRITTEN
from tests.sharing_sandbox.process import make_message


def test_a_delivery_bears_the_messages_id_and_place(write):
    first, second = write(), write(sequence=2)
    assert str(first.pk) == first.payload["message_id"]
    assert (first.position, second.position) == (1, 2)
    assert (first.status, first.next_try_at, first.created_at) == ("waiting", WRITTEN, WRITTEN)


@pytest.mark.parametrize("sequence", [1, 3])
def test_a_stream_has_no_gap_and_no_place_twice(write, sequence):
    write()
    with pytest.raises(ValueError, match="goes on with sequence 2"):
        write(sequence=sequence)


def test_the_database_keeps_places_apart(write):
    first = write()
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            kind="repair_decision", stream=first.stream, position=1, payload={}, created_at=WRITTEN
        )


@pytest.mark.django_db(transaction=True)
def test_a_delivery_is_written_with_its_decision_or_not_at_all(market_bureau):
    message = make_message()
    with pytest.raises(RuntimeError, match="share the transaction"):
        enqueue(
            kind="repair_decision",
            about=message["case_number"],
            organ=market_bureau,
            payload=message,
            at=WRITTEN,
        )
    assert not Delivery.objects.exists()


def test_the_commit_nudges_a_worker(write, broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        delivery = write()
        assert broker.nudges == []
    assert broker.nudges == [("applications.sharing.tasks.push_delivery", [str(delivery.pk)])]


@pytest.mark.parametrize("error", [OperationalError("Connection refused"), PermissionError("broker")])
def test_a_dead_broker_does_not_undo_the_decision(
    write, platform, broker, caplog, django_capture_on_commit_callbacks, error
):
    broker.down = error
    with django_capture_on_commit_callbacks(execute=True):
        write()
    assert "the next sweep will" in caplog.text
    platform.start()
    assert push_deliveries(at=WRITTEN) == {"delivered": 1}


def test_the_platform_is_not_spoken_to_inside_a_transaction(write, platform, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = False
    platform.start()
    delivery = write()
    with pytest.raises(RuntimeError, match="inside a transaction"):
        push_deliveries(at=WRITTEN)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        push_delivery(delivery_id=delivery.pk, at=WRITTEN)
    assert platform.received() == []
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("waiting", 0)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is(write, platform, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = False
    platform.start()
    delivery = write()
    task(str(delivery.pk))
    delivery.refresh_from_db()
    assert delivery.status == "delivered"


def test_the_command_pushes_and_counts(write, platform, capsys):
    from django.core.management import call_command

    platform.start()
    write(1)
    write(2, record__severity="minor")
    call_command("push_deliveries")
    assert capsys.readouterr().out.strip() == (
        "签收 1 条，稍后重试 0 条，失败 1 条；尚未签收共 1 条，其中待人工处理 1 条。"
    )
