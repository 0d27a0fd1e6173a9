"""How long one waits between two tries, and how long a sweep may take."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded

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

Item = TypeVar("Item")


def wait_after(tries: int) -> timedelta:
    """How long after the failed try of this number, from 1 on, the next one is made."""
    return RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else RETRY_THEN


def clock_from(at: datetime) -> Callable[[], datetime]:
    """A clock that shows ``at`` now: a sweep of minutes must not date its last row back to its beginning."""
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


def each(
    items: Iterable[Item], work: Callable[[Item], object], failed: Callable[[Item, Exception], object]
) -> int:
    """Work on one after the other; one that fails stops no other. Returns how many were done, without those of which
    ``work`` says False: they were another's.

    What ends the whole task (Celery's time limit) goes through: the next sweep goes on.
    """
    done = 0
    for item in items:
        try:
            done += work(item) is not False
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            failed(item, error)
    return done
