"""Reading from a streaming replica of the database, where it may answer: what it says can be some seconds old.

Inside ``reading()`` the router sends reads there; everything else goes to the primary, as does all where there is no replica
(REPLICA_URL). Whether the replica is near enough to the primary is measured at most once a second in each process.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import StrEnum
from threading import Lock, Timer
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

REPLICA = "replica"
# What is withdrawn must be gone from the public's pages within a minute; this and MEASURED_SECONDS are the replica's part.
LAG_SECONDS = 10
MEASURED_SECONDS = 1
# One that does not answer is left alone for this long: to try may take two seconds.
AWAY_SECONDS = 10
# No page waits longer for it. A process that stands still takes questions in and answers none, and no limit of its own ends that.
PATIENCE_SECONDS = 3

_reading: ContextVar[bool] = ContextVar("reading from the replica", default=False)


class State(StrEnum):
    FOLLOWING = "following"
    BEHIND = "behind"
    AWAY = "away"


class Router:
    """Reads go to the replica inside ``reading()``. Writes and migrations never do."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return REPLICA if _reading.get() else None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == REPLICA else None


@contextmanager
def reading() -> Iterator[None]:
    """A question that has no answer within PATIENCE_SECONDS from here fails with OperationalError or InterfaceError."""
    token = _reading.set(True)
    try:
        with _line().execute_wrapper(_patient):
            yield
    finally:
        _reading.reset(token)


def _line() -> BaseDatabaseWrapper:
    """This thread's line. One from before the replica failed is not tried again: it would fail as well."""
    line = connections[REPLICA]
    if _epochs.setdefault(line, _watch.epoch) != _watch.epoch:
        line.close()
        _epochs[line] = _watch.epoch
    return line


def _patient(execute: Callable[..., Any], *question: Any) -> Any:
    with _patience():
        return execute(*question)


@contextmanager
def _patience() -> Iterator[None]:
    timer = Timer(PATIENCE_SECONDS, _cut, [connections[REPLICA]])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(waiting: BaseDatabaseWrapper) -> None:
    """End the line on which another thread waits: to it, the server has hung up."""
    line = waiting.connection
    # Not there yet, or just ended.
    with suppress(Exception), socket.socket(fileno=os.dup(line.fileno())) as cut:
        cut.shutdown(socket.SHUT_RDWR)


def exists() -> bool:
    return REPLICA in settings.DATABASES


def may_answer() -> bool:
    """Whether what the replica says now is not older than it may be. While another thread finds out, it is not asked."""
    return _watch.state() is State.FOLLOWING


def state() -> State | None:
    """How the replica is; None where there is none. Waits for nobody who is just finding out."""
    return (_watch.state() or _watch.known()) if exists() else None


def give_up() -> None:
    """It failed to answer a question: it is away for a while."""
    connections[REPLICA].close()
    _watch.epoch += 1
    _watch.note(State.AWAY)


class _Watch:
    def __init__(self) -> None:
        self._measuring = Lock()
        self._state: State | None = None
        # Counts its failures.
        self.epoch = 0
        self._holds_until = 0.0

    def state(self) -> State | None:
        """None while another thread finds out."""
        if self._holds():
            return self._state
        if not self._measuring.acquire(blocking=False):
            return None
        try:
            if not self._holds():
                # An answer is as old as the question.
                asked = monotonic()
                self.note(_measured(), asked)
            return self._state
        finally:
            self._measuring.release()

    def known(self) -> State:
        """What was found out last; AWAY where that is too long ago, for then finding out takes too long."""
        fresh = monotonic() < self._holds_until + LAG_SECONDS
        return self._state if self._state and fresh else State.AWAY

    def note(self, state: State, at: float | None = None) -> None:
        if state is not self._state:
            level = logging.INFO if state is State.FOLLOWING else logging.ERROR
            logger.log(level, "the replica of the database is %s", state)
        seconds = AWAY_SECONDS if state is State.AWAY else MEASURED_SECONDS
        self._state, self._holds_until = state, (monotonic() if at is None else at) + seconds

    def _holds(self) -> bool:
        return monotonic() < self._holds_until


_watch = _Watch()
# Since which failure each thread's line has been used.
_epochs: WeakKeyDictionary[BaseDatabaseWrapper, int] = WeakKeyDictionary()


def _measured() -> State:
    """FOLLOWING if it has all that was written until now, or a transaction that ended in the last LAG_SECONDS.

    The second alone would call a replica late where nobody writes. Both moments are the primary's, so the machines'
    clocks may differ. A replica that became a primary itself does not follow.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()::text, clock_timestamp()")
        written, now = cursor.fetchone()
    try:
        with _patience(), _line().cursor() as cursor:
            cursor.execute(
                "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn, "
                "%s - pg_last_xact_replay_timestamp() <= make_interval(secs => %s)",
                [written, now, LAG_SECONDS],
            )
            follows, complete, recent = cursor.fetchone()
    except Error:
        connections[REPLICA].close()
        _watch.epoch += 1
        return State.AWAY
    return State.FOLLOWING if follows and (complete or recent) else State.BEHIND
