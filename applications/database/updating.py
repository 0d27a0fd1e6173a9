"""Giving many rows values of their own in one statement; bulk_update() puts a condition for each row into it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def update_many(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    shared: Mapping[str, Any] | None = None,
) -> None:
    """Set ``columns``, names of the model's fields, in many rows: each is given as its key and its values in their order.

    ``shared`` are columns with the same value in every row. Values are what the fields take; the model's signals take no
    part. For some thousand values at once, which SQLite takes in one statement.
    """
    shared = shared or {}
    quote = connection.ops.quote_name
    # By name: the stubs know of several kinds of fields, most of which have no column.
    fields: list[Any] = [model._meta.pk, *map(model._meta.get_field, columns)]
    same: list[Any] = [*map(model._meta.get_field, shared)]
    # What PostgreSQL finds among VALUES is text to it, unless it is told otherwise.
    typed = connection.vendor == "postgresql"
    given = [
        f"given.column{place}" + (f"::{field.rel_db_type(connection)}" if typed else "")
        for place, field in enumerate(fields, 1)
    ]
    values = [
        field.get_db_prep_save(value, connection)
        for row in rows
        for field, value in zip(fields, row, strict=True)
    ]
    if not values:
        return
    one_row = f"({', '.join(['%s'] * len(fields))})"
    sets = [f"{quote(field.column)} = {value}" for field, value in zip(fields[1:], given[1:], strict=True)]
    sets += [f"{quote(field.column)} = %s" for field in same]
    table, key = quote(model._meta.db_table), quote(fields[0].column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {', '.join(sets)} "
            f"FROM (VALUES {', '.join([one_row] * (len(values) // len(fields)))}) AS given "
            f"WHERE {table}.{key} = {given[0]}",
            [
                *(
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(same, shared.values(), strict=True)
                ),
                *values,
            ],
        )
