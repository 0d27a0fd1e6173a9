"""Indexes that are made and removed beside a portal that goes on writing (PostgreSQL's CONCURRENTLY). SQLite has one writer and
no such thing: there they are plain. A migration with these says ``atomic = False``."""

from typing import Any

from django.contrib.postgres import operations as postgres
from django.db.migrations import AddIndex, RemoveIndex


class AddIndexBesideWriters(postgres.AddIndexConcurrently):
    """Can be run again after it broke off, and where the index is there already: one of this name, which PostgreSQL leaves invalid
    when it breaks off, goes first."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        plain = schema_editor.connection.vendor != "postgresql"
        name, beside = schema_editor.quote_name(self.index.name), "" if plain else "CONCURRENTLY "
        schema_editor.execute(f"DROP INDEX {beside}IF EXISTS {name}")
        forth = AddIndex.database_forwards if plain else postgres.AddIndexConcurrently.database_forwards
        forth(self, app_label, schema_editor, from_state, to_state)

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
