"""Who writes the archive at one moment.

One writer a chain, so that two transactions never take the same position; and none at all while a batch or a
head is written, which both must see every event before them. Locks end with the transaction. SQLite has one
writer at a time anyway.

Whoever also locks rows of its own takes the chain first: with one order for all there is no deadlock.
"""

from django.db import connection

# The first key of PostgreSQL's two-part advisory locks: this project's locks of the archive.
LEDGER = 0x4C45
WHOLE = 0


def lock_chain(chain: str) -> None:
    """Wait until nobody else writes this chain, nor a batch or a head. RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("a chain is locked until the transaction ends, so there must be one")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, hashtext(%s))",
                [LEDGER, WHOLE, LEDGER + 1, chain],
            )


def lock_ledger() -> None:
    """Wait until nobody else writes any chain. For the whole transaction nobody can."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LEDGER, WHOLE])


def for_update() -> str:
    """What a written-out SELECT ends with that locks its rows; nothing on SQLite, which has one writer at a time."""
    return " " + connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
