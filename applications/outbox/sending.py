"""Handing rows over: one at a time under a lease, and all that are due in a sweep."""

import logging
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from applications.foreign_text import clean, describe, trace
from applications.outbox.models import OutboxEntry
from applications.outbox.timing import SWEEP_SECONDS, wait_after

log = logging.getLogger(__name__)

# Somebody who is down makes every row wait for the timeout: after so many in a row the next sweep goes on.
FAILURES_IN_A_ROW = 3
ROWS_A_READ = 200

Entry = TypeVar("Entry", bound=OutboxEntry)
Answer = TypeVar("Answer")


class NotTaken(Exception):
    """The other side did not take the row this time; a later try may succeed.

    Its words repeat what the other side said, so they are cleaned here, at the door.
    """

    # Whether this speaks against the other side, and not just against the row.
    troubled = True

    def __init__(self, words: object = "") -> None:
        super().__init__(clean(words))


class Refused(NotTaken):
    """The other side will never take the row as it is; people must look at it."""

    troubled = False


class NotThisOne(NotTaken):
    """The other side is well and takes others, but not this row now."""

    troubled = False


class Unreachable(NotTaken):
    """There is nobody who could be given anything."""


class Outcome(NamedTuple):
    """The status that the row has now, what was in the way, and what that says about the other side."""

    status: str
    words: str = ""
    troubled: bool = False
    unreachable: bool = False


def assert_outside_transaction() -> None:
    """RuntimeError where a lock would be held while somebody else is waited for.

    Tests that live in a transaction say so by the setting ALLOW_OUTBOUND_IN_TRANSACTION.
    """
    if connection.in_atomic_block and not getattr(settings, "ALLOW_OUTBOUND_IN_TRANSACTION", False):
        raise RuntimeError("nobody may be waited for inside a transaction")


# -- One row


def _table(row: Entry) -> QuerySet[Entry]:
    return type(row)._default_manager.filter(pk=row.pk)


def claim(row: OutboxEntry, *, at: datetime) -> bool:
    """Take a row that was due for as long as its LEASE; False if another sender was quicker."""
    leased_until = at + row.LEASE
    stands: dict[str, Any] = {name: getattr(row, name) for name in ("status", "attempts", "next_try_at")}
    claimed = (
        _table(row)
        .filter(**stands)
        .update(
            status=row.HELD, attempts=F("attempts") + 1, leased_until=leased_until, next_try_at=leased_until
        )
    )
    if claimed:
        row.status, row.attempts = row.HELD, row.attempts + 1
        row.leased_until = row.next_try_at = leased_until
    return bool(claimed)


def ours(row: Entry) -> QuerySet[Entry]:
    """The row, as long as it is still under the lease that we took: a later claim has another end."""
    return _table(row).filter(status=row.HELD, attempts=row.attempts, leased_until=row.leased_until)


def put_off(row: OutboxEntry, words: str, *, at: datetime) -> None:
    """Note a failed try, and when the next one is."""
    delay = wait_after(row.attempts)
    with transaction.atomic():
        ours(row).update(
            status=row.WAITING, next_try_at=at + delay, leased_until=None, last_error=clean(words)
        )
    log.warning(
        "%s %s was not taken (try %s), again in %s: %s",
        row._meta.model_name,
        row.pk,
        row.attempts,
        delay,
        clean(words),
    )


def give_up(row: OutboxEntry, words: str) -> bool:
    """Note that there is no next try; False where another sender has the row."""
    given_up = ours(row).update(
        status=row.GIVEN_UP, next_try_at=None, leased_until=None, last_error=clean(words)
    )
    log.error(
        "%s %s is given up after %s tries: %s", row._meta.model_name, row.pk, row.attempts, clean(words)
    )
    return bool(given_up)


def hand_back(rows: QuerySet[Any], *, at: datetime) -> int:
    """Let rows be tried anew from the first try; how many there were."""
    return rows.update(
        status=OutboxEntry.WAITING, attempts=0, next_try_at=at, leased_until=None, last_error=""
    )


# -- Many rows


class Sender(ABC, Generic[Entry, Answer]):
    """How the rows of one table are handed over. ``now`` tells the moment as the sweep goes on."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now

    @abstractmethod
    def due(self, at: datetime) -> QuerySet[Entry]:
        """The rows whose time has come, in their order."""

    @abstractmethod
    def speak(self, row: Entry) -> Answer:
        """Hand one row over. NotTaken, or one of its kinds, if that did not work."""

    @abstractmethod
    def record(self, row: Entry, answer: Answer) -> Outcome:
        """Write down what the other side answered; also when the lease ran out meanwhile, for it has the row."""

    @abstractmethod
    def report(self, row: Entry, error: Exception) -> None:
        """Tell people of a failure that the row itself could not say. Never raises."""

    def given_up(self, row: Entry, words: str) -> bool:
        """Give up, and tell the people who can do something about it."""
        return give_up(row, words)

    def lanes(self, at: datetime) -> Iterable[Hashable]:
        """Who has something to get: each is down or slow by itself, and delays no other."""
        return [None]

    def in_lane(self, rows: QuerySet[Entry], lane: Any) -> QuerySet[Entry]:
        return rows

    def hand_over(self, row: Entry) -> Outcome | None:
        """Claim, speak and record; None if the row was not ours to take.

        Whatever fails, the recording of the failure included, it is this row's affair and stops no other.
        """
        try:
            return self.try_claimed(row) if claim(row, at=self.now()) else None
        except Exception as error:
            return self._unsaid(row, error)

    def try_claimed(self, row: Entry) -> Outcome:
        """Speak and record, of a row that was claimed."""
        if row.attempts > row.MAX_ATTEMPTS:
            # Each of the tries ended its worker.
            return self._end(row, Refused(_("多次尝试均中途中断。")))
        try:
            answer = self.speak(row)
        except Refused as no:
            return self._end(row, no)
        except NotTaken as no:
            return self.later(row, no)
        except Exception as error:
            # A fault of ours, or an answer that a library cannot read; the row must say that it failed.
            log.error("%s %s could not be sent\n%s", row._meta.model_name, row.pk, trace(error))
            return self.later(row, NotTaken(describe(error)))
        return self.record(row, answer)

    def later(self, row: Entry, no: NotTaken) -> Outcome:
        """Note a failed try; after the last one it is given up."""
        if row.attempts >= row.MAX_ATTEMPTS:
            return self._end(row, no)
        put_off(row, str(no), at=self.now())
        return Outcome(row.WAITING, str(no), no.troubled, isinstance(no, Unreachable))

    def _end(self, row: Entry, no: NotTaken) -> Outcome:
        with transaction.atomic():
            self.given_up(row, str(no))
        return Outcome(row.GIVEN_UP, str(no), no.troubled, isinstance(no, Unreachable))

    def _unsaid(self, row: Entry, error: Exception) -> Outcome:
        """What became of the try could not be written down: note that much, in words of ours alone, and alarm people.

        Its lease ends by itself, and the next sweep tries again.
        """
        try:
            with transaction.atomic():
                ours(row).update(last_error=_("结果未能登记，原因见日志。"))
        except Exception as second:
            log.critical("%s %s cannot be updated at all\n%s", row._meta.model_name, row.pk, trace(second))
        self.report(row, error)
        return Outcome(row.WAITING, troubled=True)

    def sweep(self, at: datetime) -> Counter[str]:
        """Hand over everything that is due; how many ended in which status.

        Also several sweeps at once. The lane that has cost the least time so far is next, so one in which each row
        takes seconds delays another by one row at most; one that fails FAILURES_IN_A_ROW times, or cannot be reached,
        is left to the next sweep.
        """
        assert_outside_transaction()
        finish = time.monotonic() + SWEEP_SECONDS
        outcome: Counter[str] = Counter()
        waiting = {lane: self._rows(at, lane) for lane in self.lanes(at)}
        cost = dict.fromkeys(waiting, 0.0)
        failures: Counter[Hashable] = Counter()
        while waiting and (started := time.monotonic()) <= finish:
            lane = min(waiting, key=cost.__getitem__)
            row = next(waiting[lane], None)
            if row is None:
                del waiting[lane]
                continue
            done = self.hand_over(row)
            cost[lane] += time.monotonic() - started
            if done is None:
                continue
            outcome[done.status] += 1
            failures[lane] = failures[lane] + 1 if done.troubled else 0
            if done.unreachable or failures[lane] >= FAILURES_IN_A_ROW:
                del waiting[lane]
        return outcome

    def _rows(self, at: datetime, lane: Hashable) -> Iterator[Entry]:
        # A row that was tried is due after ``at``, so every read finds others, and in the end none.
        while rows := list(self.in_lane(self.due(at), lane)[:ROWS_A_READ]):
            yield from rows
