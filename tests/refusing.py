"""A database that refuses to write one thing, as a full disk, a constraint or foreign bytes make it do."""

from django.db import connection


def refuse(table: str, condition: str, *, action: str = "UPDATE") -> None:
    """From now to the end of the test the database refuses every new state of a row that fulfils the condition.

    ``condition`` speaks of the row as NEW.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$"
            )
            how = f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
        else:
            how = f"WHEN {condition} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
        # None: no parameters, so that a % means itself.
        cursor.execute(f"CREATE TRIGGER refusing_{table} BEFORE {action} ON {table} {how}", None)


def key_of(row: object) -> str:
    """A row's key as SQL."""
    key = row.pk
    if isinstance(key, int):
        return str(key)
    return f"'{key}'" if connection.vendor == "postgresql" else f"'{key.hex}'"
