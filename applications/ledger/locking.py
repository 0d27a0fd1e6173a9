"""Who writes the archive at one moment.

One writer a chain, so that two transactions never take the same position; and none at all while a batch or a
head is written, which both must see every event before them. Locks end with the transaction. SQLite has one
writer at a time anyway.

Whoever also locks rows of its own takes the chain first: with one order for all there is no deadlock.
"""

import time
from collections.abc import Iterable

from django.db import connection

from applications.database.locking import StillLocked, patience, take_lock
from applications.database.undone import done_already

# The first key of PostgreSQL's two-part advisory locks: this project's locks of the archive.
LEDGER = 0x4C45
WHOLE = 0

_IN_LINE = 0.5


def lock_chain(chain: str) -> None:
    """Wait until nobody else writes this chain, nor a batch or a head. RuntimeError outside a transaction."""
    if chain in (held := _held()):
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, hashtext(%s))",
                [LEDGER, WHOLE, LEDGER + 1, chain],
            )
    held.add(chain)


def lock_free_chains(chains: Iterable[str]) -> set[str]:
    """Lock those of the chains that nobody else writes just now, and say which: who has several never waits for one."""
    wanted = sorted(set(chains))
    held = _held()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LEDGER, WHOLE])
            cursor.execute(
                "SELECT chain FROM unnest(%s::text[]) AS wanted (chain) "
                "WHERE pg_try_advisory_xact_lock(%s, hashtext(chain))",
                [wanted, LEDGER + 1],
            )
            wanted = [chain for (chain,) in cursor.fetchall()]
    held.update(wanted)
    return set(wanted)


def _held() -> set[str]:
    """The chains that this transaction has locked: a step writes its chain several times."""
    if not connection.in_atomic_block:
        raise RuntimeError("a chain is locked until the transaction ends, so there must be one")
    return done_already("locked chains")


def share_ledger() -> None:
    """Wait until nobody writes a batch or a head. Until the transaction ends nobody can; chains are written by all."""
    if not connection.in_atomic_block:
        raise RuntimeError("the archive is shared until the transaction ends, so there must be one")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LEDGER, WHOLE])


class LedgerBusy(Exception):
    """Somebody has been writing for longer than anybody should wait; nothing was done."""


def lock_ledger(seconds: int = 60) -> None:
    """Wait until nobody else writes any chain. For the whole transaction nobody can. LedgerBusy: after so many seconds.

    Whoever waits in PostgreSQL's line for all chains stops everybody who comes later for one, for as long as a single
    writer goes on. So the line is left every half second, for as long, and those who came meanwhile pass.
    """
    for _ in range(seconds):
        if try_lock_ledger():
            return
        time.sleep(1 - _IN_LINE)
    raise LedgerBusy


def try_lock_ledger() -> bool:
    """Lock all chains as lock_ledger() does, if half a second is enough for it; say whether it was."""
    try:
        with patience(_IN_LINE):
            take_lock(LEDGER, WHOLE)
    except StillLocked:
        return False
    return True
