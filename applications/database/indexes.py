"""Indexes that are made and removed beside a portal that goes on writing (PostgreSQL's CONCURRENTLY). SQLite has one writer and
no such thing: there they are plain. A migration with these says ``atomic = False``."""

from typing import Any

from django.contrib.postgres import operations as postgres
from django.db.migrations import AddIndex, RemoveIndex


class AddIndexBesideWriters(postgres.AddIndexConcurrently):
    """Can be run again after it broke off: what PostgreSQL then leaves is an invalid index of this name, which goes first."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        plain = schema_editor.connection.vendor != "postgresql"
        back = AddIndex.database_backwards if plain else postgres.AddIndexConcurrently.database_backwards
        back(self, app_label, schema_editor, from_state, to_state)


class RemoveIndexBesideWriters(postgres.RemoveIndexConcurrently):
    """Removes it, if it is there."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        plain = schema_editor.connection.vendor != "postgresql"
        forth = RemoveIndex.database_forwards if plain else postgres.RemoveIndexConcurrently.database_forwards
        forth(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        plain = schema_editor.connection.vendor != "postgresql"
        back = (
            RemoveIndex.database_backwards if plain else postgres.RemoveIndexConcurrently.database_backwards
        )
        back(self, app_label, schema_editor, from_state, to_state)
