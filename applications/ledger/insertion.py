"""Inserting very many rows in one go, several times faster than bulk_create() on PostgreSQL."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model

_ROWS_A_COPY = 10_000
_json = json.JSONEncoder(ensure_ascii=False).encode
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_many(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Insert rows in their order; ``columns`` are the model's column names, the key is the database's to give.

    Values are None, text, numbers, aware moments, or what JSON can hold. Neither the model's defaults nor its
    signals take part. ``ignore_conflicts`` leaves out what breaks a uniqueness. Call it in a transaction.
    """
    if connection.vendor == "postgresql":
        _copy(model, columns, rows, ignore_conflicts)
        return
    model._default_manager.bulk_create(
        (model(**dict(zip(columns, row, strict=True))) for row in rows),
        batch_size=1_000,
        ignore_conflicts=ignore_conflicts,
    )


def _copy(
    model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], ignore_conflicts: bool
) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
    target = quote("incoming_rows") if ignore_conflicts else table
    remaining, field = iter(rows), _fields()
    with connection.cursor() as cursor:
        if ignore_conflicts:
            cursor.execute(f"CREATE TEMP TABLE {target} AS SELECT {names} FROM {table} WITH NO DATA")
        while chunk := list(islice(remaining, _ROWS_A_COPY)):
            text = "".join("\t".join(map(field, row)) + "\n" for row in chunk)
            cursor.copy_expert(f"COPY {target} ({names}) FROM STDIN", StringIO(text))
        if ignore_conflicts:
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM {target} ON CONFLICT DO NOTHING"
            )
            cursor.execute(f"DROP TABLE {target}")


def _fields() -> Callable[[Any], str]:
    """How COPY is told a value. Rows mostly share one moment, which is put into words once."""
    known: datetime | None = None
    told = ""

    def field(value: Any) -> str:
        nonlocal known, told
        if isinstance(value, str):
            # Most text needs nothing, and asking is many times faster than translating.
            return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
        if value is None:
            return "\\N"
        if isinstance(value, datetime):
            if value is not known:
                known, told = value, value.isoformat()
            return told
        if isinstance(value, dict | list):
            return field(_json(value))
        return str(value)

    return field
