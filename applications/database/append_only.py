"""Rows that are written once: a migration operation that makes the database refuse their change and loss."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

REFUSED = "rows of this table are written once and never changed"


class AppendOnly(Operation):
    """``AppendOnly("ledger_event")`` in a migration after the one that creates the table.

    UPDATE and DELETE fail, on PostgreSQL TRUNCATE too (SQLite has none). Whoever owns the table can drop the
    triggers; the hash chain and its signed heads show what was done then.
    """

    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in self._forwards(schema_editor):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in self._backwards(schema_editor):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Make {self.table} append-only"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.table}_append_only"

    def _forwards(self, schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
        table = schema_editor.quote_name(self.table)
        if schema_editor.connection.vendor == "postgresql":
            return [
                "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '%: {REFUSED}', TG_TABLE_NAME; END $$",
                f"CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()",
                f"CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
            ]
        return [
            f"CREATE TRIGGER append_only_{self.table}_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{self.table}: {REFUSED}'); END"
            for event in ("UPDATE", "DELETE")
        ]

    def _backwards(self, schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
        if schema_editor.connection.vendor == "postgresql":
            table = schema_editor.quote_name(self.table)
            return [
                f"DROP TRIGGER IF EXISTS {name} ON {table}"
                for name in ("append_only_rows", "append_only_table")
            ]
        return [f"DROP TRIGGER IF EXISTS append_only_{self.table}_{event}" for event in ("update", "delete")]
