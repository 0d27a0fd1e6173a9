"""Locks that the query builder has no words for."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.utils import OperationalError

_NOT_AVAILABLE = "55P03"


def for_update() -> str:
    """What a written-out SELECT ends with that locks its rows; nothing on SQLite, which has one writer at a time."""
    return " " + connection.ops.for_update_sql() if connection.features.has_select_for_update else ""


class StillLocked(Exception):
    """Others have kept a lock for longer than it was to be waited for."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """In a transaction: StillLocked where somebody else has a lock, wanted inside, for so long; what was done inside is
    undone then. SQLite has one writer at a time anyway."""
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {seconds * 1000:.0f}")
            yield
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != _NOT_AVAILABLE:
            raise
        raise StillLocked from error


def take_lock(key: int, part: int) -> None:
    """PostgreSQL's advisory lock of this two-part key, until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [key, part])
