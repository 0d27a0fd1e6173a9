"""Handing rows over under a lease: one by itself, and all that are due in a sweep."""

import logging
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from applications.database.updating import update_many
from applications.foreign_text import clean, describe, trace
from applications.outbox.models import OutboxEntry
from applications.outbox.timing import SWEEP_SECONDS, wait_after

log = logging.getLogger(__name__)

# Somebody who is down makes every row wait for the timeout: after so many in a row the next sweep goes on.
FAILURES_IN_A_ROW = 3
# A sender claims one row, and twice as many each time as long as all goes well and that takes less than QUICK_SECONDS; where
# one row takes so long, one again. After BATCH_SECONDS it begins with no other row of what it has claimed. So it stays far below
# the lease, and whoever is slow delays others by little.
MOST_AT_ONCE = 128
QUICK_SECONDS = 1.0
BATCH_SECONDS = 5.0

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


def claim_some(
    rows: QuerySet[Entry], most: int, *, at: datetime
) -> tuple[list[Entry], dict[Any, datetime | None]]:
    """Take the first of the rows, each for as long as its LEASE, in one short transaction; what another sender is just
    taking is passed over. Gives also since when each was due, by its key.

    A row that was tried before is taken alone: should it be what ends its sender, it takes no other along.
    """
    with transaction.atomic():
        found = list(rows.select_for_update(skip_locked=True, of=("self",))[:most])
        tried = next((place for place, row in enumerate(found) if row.attempts), len(found))
        taken = found[: max(tried, 1)]
        since = {row.pk: row.next_try_at for row in taken}
        if taken:
            leased_until = at + taken[0].LEASE
            rows.model._default_manager.filter(pk__in=since).update(
                status=taken[0].HELD,
                attempts=F("attempts") + 1,
                leased_until=leased_until,
                next_try_at=leased_until,
            )
        for row in taken:
            row.status, row.attempts = row.HELD, row.attempts + 1
            row.leased_until = row.next_try_at = leased_until
    return taken, since


def put_back(rows: Collection[OutboxEntry], *, since: dict[Any, datetime | None]) -> None:
    """Let go of rows that were claimed together and not tried; they stand in the line where they stood."""
    first = next(iter(rows), None)
    if first is None:
        return
    with transaction.atomic():
        held = (
            type(first)
            ._default_manager.select_for_update()
            .filter(pk__in=[row.pk for row in rows], status=first.HELD, leased_until=first.leased_until)
        )
        # Of rows that were claimed together none was tried before, or there is one alone.
        shared = {"status": first.WAITING, "leased_until": None, "attempts": first.attempts - 1}
        rest = [(pk, since[pk]) for pk in held.values_list("pk", flat=True)]
        update_many(type(first), ["next_try_at"], rest, shared=shared)


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


@dataclass
class Lane:
    """How it stands with one of those to whom something is handed over, during one sweep."""

    cost: float = 0.0
    size: int = 1
    failures: int = 0
    over: bool = False
    # When it begins with no other row of those that were claimed last.
    until: float = 0.0
    # Rows and what was answered, which could not be recorded yet.
    held_up: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        return not self.over and time.monotonic() <= self.until

    def note(self, outcome: Outcome) -> None:
        self.failures = self.failures + 1 if outcome.troubled else 0
        self.over |= outcome.unreachable or self.failures >= FAILURES_IN_A_ROW

    def spent(self, seconds: float) -> None:
        self.cost += seconds
        if self.failures or seconds >= QUICK_SECONDS * self.size:
            self.size = 1
        elif seconds < QUICK_SECONDS:
            self.size = min(2 * self.size, MOST_AT_ONCE)


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
            claimed = claim(row, at=self.now())
        except Exception as error:
            return self._unsaid(row, error)
        return self.concluded(row, self.ask(row)) if claimed else None

    def try_claimed(self, row: Entry) -> Outcome:
        """Speak and record, of a row that was claimed."""
        return self.conclude(row, self.ask(row))

    def ask(self, row: Entry) -> Answer | Exception:
        """Speak; what was answered, or why there is no answer. Does not touch the database."""
        if row.attempts > row.MAX_ATTEMPTS:
            # Each of the tries ended its worker.
            return Refused(_("多次尝试均中途中断。"))
        try:
            return self.speak(row)
        except Exception as error:
            return error

    def conclude(self, row: Entry, answer: Answer | Exception) -> Outcome:
        """Record what came of a try."""
        if isinstance(answer, Refused):
            return self._end(row, answer)
        if isinstance(answer, NotTaken):
            return self.later(row, answer)
        if isinstance(answer, Exception):
            # A fault of ours, or an answer that a library cannot read; the row must say that it failed.
            log.error("%s %s could not be sent\n%s", row._meta.model_name, row.pk, trace(answer))
            return self.later(row, NotTaken(describe(answer)))
        return self.record(row, answer)

    def concluded(self, row: Entry, answer: Answer | Exception) -> Outcome:
        """The same, and never raises."""
        try:
            return self.conclude(row, answer)
        except Exception as error:
            return self._unsaid(row, error)

    def ask_all(self, rows: list[Entry], lane: Lane) -> Iterator[list[tuple[Entry, Answer | Exception]]]:
        """Speak of claimed rows as long as the lane goes on: those that were answered, as the answers come."""
        for row in rows:
            if not lane.goes_on:
                return
            yield [(row, self.ask(row))]

    def conclude_all(self, answered: list[tuple[Entry, Answer | Exception]]) -> Sequence[Outcome | None]:
        """Record what came of several tries, in their order; None for one that would keep the others waiting, of which
        this is asked again with the next ones."""
        return [self.concluded(row, answer) for row, answer in answered]

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
        is left to the next sweep. What is held up is tried again with each turn, so that nobody waits for it, and it for no other lane.
        """
        assert_outside_transaction()
        finish = time.monotonic() + SWEEP_SECONDS
        outcome: Counter[str] = Counter()
        lanes = {name: Lane() for name in self.lanes(at)}
        going_on = dict(lanes)
        while going_on and (started := time.monotonic()) <= finish:
            name = min(going_on, key=lambda each: going_on[each].cost)
            lane = going_on[name]
            # A row that was tried is due after ``at``, so every read finds others, and in the end none.
            rows, since = claim_some(self.in_lane(self.due(at), name), lane.size, at=self.now())
            lane.until = time.monotonic() + BATCH_SECONDS
            left = {row.pk: row for row in rows}
            for answered in self.ask_all(rows, lane):
                for row, _answer in answered:
                    del left[row.pk]
                outcome.update(self._settle(lane, answered))
            put_back(left.values(), since=since)
            lane.spent(time.monotonic() - started)
            if lane.over or not rows:
                del going_on[name]
            for each in lanes.values():
                if each.held_up:
                    outcome.update(self._settle(each, []))
        for lane in lanes.values():
            outcome.update(self.concluded(row, answer).status for row, answer in lane.held_up)
        return outcome

    def _settle(self, lane: Lane, answered: list[tuple[Entry, Answer | Exception]]) -> Iterator[str]:
        """Record what came of these tries, and of those that were held up before; the statuses that they ended in."""
        tries = [*lane.held_up, *answered]
        lane.held_up = []
        for each, done in zip(tries, self.conclude_all(tries), strict=True):
            if done is None:
                lane.held_up.append(each)
            else:
                lane.note(done)
                yield done.status
