"""What all that is handed to others has in common: mail, deliveries to platforms, drawing of documents, replays.

The row that waits is the guarantee: it is written in the transaction of what it follows from, and a sweep finds it.
A nudge over the broker only makes it quicker. Handing over is three steps: claim the row with a lease (the try is
counted before it is made, so that one which ends the process counts too), speak to the other outside any
transaction, record what came of it.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from applications.foreign_text import clean

log = logging.getLogger(__name__)

# Most outages end within minutes, so the first tries are close together; one that lasts is asked once an hour. How
# often in all is each sender's own affair.
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
RETRY_THEN = timedelta(hours=1)
# A sweep ends before Celery would end it, and before its picture of what is due grows old.
SWEEP_SECONDS = 200
# Somebody who is down makes every row wait for the timeout: after so many in a row the next sweep goes on.
FAILURES_IN_A_ROW = 3

_lost = False


def wait_after(tries: int) -> timedelta:
    """How long after the failed try of this number, from 1 on, the next one is made."""
    return RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else RETRY_THEN


def clock_from(at: datetime) -> Callable[[], datetime]:
    """A clock that shows ``at`` now: a sweep of minutes must not date its last row back to its beginning."""
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


def assert_outside_transaction() -> None:
    """RuntimeError where a lock would be held while somebody else is waited for.

    Tests that live in a transaction say so by the setting ALLOW_OUTBOUND_IN_TRANSACTION.
    """
    if connection.in_atomic_block and not getattr(settings, "ALLOW_OUTBOUND_IN_TRANSACTION", False):
        raise RuntimeError("nobody may be waited for inside a transaction")


def nudge(task: str, *arguments: str) -> None:
    """Have a worker run the task of this name when the transaction is committed, rather than at the next sweep.

    A broker that is down costs a minute, never the work: it is logged and no error.
    """
    transaction.on_commit(partial(_send, task, arguments))


def _send(task: str, arguments: tuple[str, ...]) -> None:
    if _lost:
        return
    try:
        current_app.send_task(task, args=arguments, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no broker to start %s, the next sweep will: %s", task, clean(error))


@contextmanager
def nudges_lost() -> Iterator[None]:
    """Drop every nudge of this process: where time is simulated, a worker would act by the real clock."""
    global _lost
    _lost = True
    try:
        yield
    finally:
        _lost = False
