"""Two workers at once."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.sharing.models import Delivery
from applications.sharing.services import push_deliveries, push_delivery
from tests.sharing.conftest import WRITTEN


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_and_their_nudges_deliver_each_once(write, platform, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = False
    platform.start()
    for case in range(1, 21):
        write(case, 1)
        write(case, 2, data_state="update")
    at = WRITTEN + timedelta(seconds=1)
    nudged = list(Delivery.objects.filter(position=1).values_list("pk", flat=True))
    start, errors = threading.Barrier(4), []

    def work(job):
        try:
            start.wait(10)
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    def nudge():
        for pk in nudged:
            push_delivery(delivery_id=pk, at=at)

    jobs = [lambda: push_deliveries(at=at)] * 2 + [nudge] * 2
    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # What one worker saw as not its turn yet may be left to the next sweep.
    push_deliveries(at=at + timedelta(minutes=1))

    assert errors == []
    assert set(Delivery.objects.values_list("status", "attempts")) == {("delivered", 1)}
    assert len(platform.received()) == 40
    assert not [row for row in Delivery.objects.all() if row.receipt["duplicate"]]
    assert Event.objects.filter(verb="delivery.delivered").count() == 40
    for case in range(1, 21):
        of_case = platform.received(f"XF-320100-2026-{case:06d}-7")
        assert [message["payload"]["sequence"] for message in of_case] == [1, 2]


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_chain_that_another_is_writing(write, platform, settings):
    """One of twenty is being written by an officer: the receipts of the others are there before it is free."""
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = False
    platform.start()
    for case in range(1, 21):
        write(case, 1)
    busy = "XF-320100-2026-000012-7"
    held, over = threading.Event(), threading.Event()

    def officer():
        try:
            with transaction.atomic():
                record_event(chain=busy, verb="repair.reviewed", at=WRITTEN)
                held.set()
                over.wait(60)
        finally:
            connection.close()

    def sweep():
        try:
            push_deliveries(at=WRITTEN + timedelta(seconds=1))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for work in (officer, sweep)]
    threads[0].start()
    assert held.wait(60)
    threads[1].start()
    delivered = Delivery.objects.filter(status="delivered")
    try:
        until = time.monotonic() + 60
        while delivered.count() < 19 and time.monotonic() < until:
            over.wait(0.05)
        assert delivered.count() == 19 and not delivered.filter(about=busy).exists()
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
    assert delivered.count() == 20 and delivered.get(about=busy).attempts == 1
