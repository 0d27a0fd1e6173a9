"""Writing to the archive (台账, Article 11)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection
from django.db.models import Exists, OuterRef

from applications.database.insertion import insert_many
from applications.ledger.chain import GENESIS, event_hash
from applications.ledger.locking import lock_chain, lock_ledger, share_ledger
from applications.ledger.models import Event

if TYPE_CHECKING:
    from applications.organs.models import Organ


def record_event(
    *,
    chain: str,
    verb: str,
    at: datetime,
    actor: AbstractBaseUser | None = None,
    role: str = "",
    organ: "Organ | None" = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """Append one event to a chain, in the transaction of the change that it reports.

    ``actor`` None is the system. ``payload`` holds JSON primitives only: codes and ids, no personal data that
    must be forgotten one day. A second writer of the same chain waits for the first one's transaction.
    """
    lock_chain(chain)
    entry = Entry(
        chain=chain,
        verb=verb,
        role=role or _role_of(actor),
        actor_id=actor.pk if actor else None,
        organ_id=organ.pk if organ else None,
        payload=payload or {},
    )
    # Written out: every step of every case comes by here several times.
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [chain])
        last = cursor.fetchone()
        for row in _linked([entry], {chain: last} if last else {}, at):
            cursor.execute(_APPEND, [*map(_bound, row), connection.ops.adapt_datetimefield_value(at)])


def _role_of(actor: AbstractBaseUser | None) -> str:
    if actor is None:
        return "system"
    return "staff" if getattr(actor, "is_staff", False) else "user"


def _bound(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


class Entry(NamedTuple):
    """One event of a batch; the fields mean what they mean for record_event()."""

    chain: str
    verb: str
    role: str = "system"
    actor_id: int | None = None
    organ_id: int | None = None
    payload: dict[str, Any] = {}


# SQLite takes no more parameters than this in one statement.
_CHAINS_A_QUERY = 20_000
_COLUMNS = (
    "chain",
    "position",
    "verb",
    "actor_id",
    "role",
    "organ_id",
    "payload",
    "previous_hash",
    "hash",
)


def record_events(*, entries: Sequence[Entry], at: datetime) -> int:
    """Append many events in one go, in their order, in the transaction of the change; return their number.

    Every other writer of the archive waits until this transaction ends. LedgerBusy: others have written for a minute
    without a pause, and nothing was written.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_events() must share the transaction of the change it reports")
    lock_ledger()
    rows = _linked(entries, _last_of({entry.chain for entry in entries}), at)
    insert_many(Event, _COLUMNS, rows, shared={"at": at})
    return len(entries)


def record_in_locked(*, entries: Sequence[Entry], at: datetime) -> None:
    """Append many events in one go, in their order, to chains that the caller has locked."""
    insert_many(
        Event, _COLUMNS, _linked(entries, _last_of({entry.chain for entry in entries}), at), shared={"at": at}
    )


def record_history(*, entries: Iterable[tuple[Entry, datetime]]) -> None:
    """Append events of chains that have none yet, each with its own moment, in their order and in one go.

    For an archive that is made up as a whole, like that of the large sample; a chain's entries come in one call.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_history() must share the transaction of what it reports")
    lock_ledger()
    last: dict[str, tuple[int, str]] = {}
    rows = ((*row, at) for entry, at in entries for row in _linked([entry], last, at))
    insert_many(Event, (*_COLUMNS, "at"), rows)


def begin_chains(*, entries: Iterable[Entry], at: datetime) -> None:
    """Append the first events of chains that nobody else can know yet, because what they are about came into being in
    this transaction. In one go, and others go on writing theirs.

    A head waits until the transaction ends, so this comes late in it.
    """
    share_ledger()
    insert_many(Event, _COLUMNS, _linked(entries, {}, at), shared={"at": at})


_LAST = "SELECT position, hash FROM ledger_event WHERE chain = %s ORDER BY position DESC LIMIT 1"
_APPEND = "INSERT INTO ledger_event ({}, at) VALUES ({}, %s)".format(
    ", ".join(_COLUMNS), ", ".join(["%s"] * len(_COLUMNS))
)


def _linked(
    entries: Iterable[Entry], last: dict[str, tuple[int, str]], at: datetime
) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch, each linked to the end of its chain; ``last`` holds the ends and moves with them."""
    for entry in entries:
        position, previous_hash = last.get(entry.chain, (0, GENESIS))
        position += 1
        digest = event_hash(
            previous_hash=previous_hash,
            chain=entry.chain,
            position=position,
            verb=entry.verb,
            actor_id=entry.actor_id,
            role=entry.role,
            organ_id=entry.organ_id,
            at=at,
            payload=entry.payload,
        )
        last[entry.chain] = position, digest
        yield (
            *(entry.chain, position, entry.verb, entry.actor_id, entry.role, entry.organ_id),
            *(entry.payload, previous_hash, digest),
        )


def _last_of(chains: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Position and hash of the last event of each chain that has one."""
    wanted = sorted(chains)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # One look into the index a chain, however long the chains are.
            cursor.execute(
                "SELECT wanted.chain, last.position, last.hash FROM unnest(%s::text[]) AS wanted (chain) "
                "CROSS JOIN LATERAL (SELECT position, hash FROM ledger_event WHERE chain = wanted.chain "
                "ORDER BY position DESC LIMIT 1) AS last",
                [wanted],
            )
            return {chain: (position, digest) for chain, position, digest in cursor.fetchall()}
    last: dict[str, tuple[int, str]] = {}
    for start in range(0, len(wanted), _CHAINS_A_QUERY):
        part = Event.objects.filter(chain__in=wanted[start : start + _CHAINS_A_QUERY])
        later = Event.objects.filter(chain=OuterRef("chain"), position__gt=OuterRef("position"))
        newest = part.filter(~Exists(later)).values_list("chain", "position", "hash")
        last |= {chain: (position, digest) for chain, position, digest in newest}
    return last
