"""Starting a worker at once, rather than at the next sweep."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from applications.database.undone import done_already
from applications.foreign_text import clean

log = logging.getLogger(__name__)

_lost = False


def nudge(task: str, *arguments: str) -> None:
    """Have a worker run the task of this name when the transaction is committed, rather than at the next sweep.

    However often a transaction asks for it, once. A broker that is down costs a minute, never the work: it is logged and
    no error.
    """
    if connection.in_atomic_block:
        asked = done_already("nudges")
        if (task, arguments) in asked:
            return
        asked.add((task, arguments))
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
