"""Who waits for whom: a long write keeps nobody from the archive but those who need all of it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event as Flag

import pytest
from django.db import connection, transaction

from applications.ledger.locking import LedgerBusy, lock_ledger
from applications.ledger.models import Event
from applications.ledger.sealing import TOLD_AFTER, seal_ledger
from applications.ledger.services import record_event
from applications.notifications.models import Fault
from tests.fixtures import moment

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

NOW = moment("2026-11-20 10:00")
PATIENCE = 30


def write(chain: str) -> None:
    with transaction.atomic():
        record_event(chain=chain, verb="repair.reviewed", at=NOW)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as threads:

        def start(work, *arguments):
            def run():
                try:
                    return work(*arguments)
                finally:
                    connection.close()

            return threads.submit(run)

        yield start


@contextmanager
def an_import(pool):
    """Somebody writes for a long time, in one transaction."""
    begun, over = Flag(), Flag()

    def work():
        with transaction.atomic():
            record_event(chain="import-1", verb="record.imported", at=NOW)
            begun.set()
            over.wait(PATIENCE)

    running = pool(work)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        over.set()
        running.result(PATIENCE)


def test_sealing_leaves_a_long_write_to_the_next_round(pool):
    write("XF-1")
    with an_import(pool):
        assert pool(lambda: seal_ledger(at=NOW)).result(PATIENCE) is None
        pool(write, "XF-2").result(PATIENCE)
        assert not Fault.objects.exists()
        # Ten minutes of it are told.
        later = NOW + TOLD_AFTER * 1.1
        assert pool(lambda: seal_ledger(at=later)).result(PATIENCE) is None
        assert Fault.objects.get().row == "seal-ledger"
    assert seal_ledger(at=NOW).event_count == 3


def test_who_waits_for_the_whole_archive_lets_others_pass(pool):
    begun = Flag()

    def batch():
        with transaction.atomic():
            begun.set()
            lock_ledger()
            return Event.objects.count()

    with an_import(pool):
        waiting = pool(batch)
        assert begun.wait(PATIENCE)
        for number in range(4):
            pool(write, f"XF-{number}").result(PATIENCE)
        assert not waiting.done()
    assert waiting.result(PATIENCE) == 5


def test_nobody_waits_for_ever(pool):
    with an_import(pool), pytest.raises(LedgerBusy), transaction.atomic():
        lock_ledger(seconds=1)


def test_the_time_to_wait_is_nobody_elses():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        lock_ledger()
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before
