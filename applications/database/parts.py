"""Finding a part of a text, from two characters on, by an index: Chinese words are that short.

PostgreSQL's trigrams know nothing of two characters. So ``bigrams()`` (WITH_BIGRAMS) gives the pairs of neighbours in a
text, a GIN index holds them, and a part is looked for by all of its pairs; LIKE then says whether they stand in its order.
Other databases have LIKE alone.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython
from django.db.models import Lookup

FUNCTION = (
    "CREATE OR REPLACE FUNCTION bigrams(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS "
    "$$ SELECT array_agg(DISTINCT substr($1, n, 2)) FROM generate_series(1, length($1) - 1) AS n $$"
)


def index_parts(app: str, model: str, column: str, name: str) -> RunPython:
    """An operation of a migration: the index by which ``has_part`` finds in a column."""

    def create(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            table = apps.get_model(app, model)._meta.db_table
            schema_editor.execute(FUNCTION)
            schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (bigrams({column}))")
            # What an expression holds is known to the planner only when the table has been looked at.
            schema_editor.execute(f"ANALYZE {table}")

    def drop(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX {name}")

    return RunPython(create, drop)


def pairs(text: str) -> list[str]:
    """As bigrams() gives them."""
    return sorted({text[at : at + 2] for at in range(len(text) - 1)})


class HasPart(Lookup[Any]):
    """``column__has_part=text``: the text stands somewhere in the column, letter for letter."""

    lookup_name = "has_part"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        like = f"%{connection.ops.prep_for_like_query(self.rhs)}%"
        return f"{column} LIKE %s ESCAPE '\\'", (*parameters, like)

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        like, parameters = self.as_sql(compiler, connection)
        column, own = self.process_lhs(compiler, connection)
        wanted = pairs(self.rhs)
        if not wanted:
            return like, parameters
        return f"(bigrams({column}) @> %s::text[] AND {like})", (*own, wanted, *parameters)
