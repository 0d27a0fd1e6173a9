"""Lets a transactional test empty its tables afterwards, although some of them refuse to lose a row."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations


@contextmanager
def triggers_off() -> Iterator[None]:
    """Whoever owns the tables can do this too; the tests of the ledger do it to tamper with rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'append_only%'"
            )
            found = cursor.fetchall()
            off = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in found]
            on = [f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in found]
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only%'"
            )
            found = cursor.fetchall()
            off = [f"DROP TRIGGER {name}" for name, _ in found]
            on = [sql for _, sql in found]
        for statement in off:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in on:
                cursor.execute(statement)


@pytest.fixture(autouse=True, scope="session")
def flush_append_only_tables() -> Iterator[None]:
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with triggers_off():
            flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield
