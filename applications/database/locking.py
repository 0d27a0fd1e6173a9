"""Locks that the query builder has no words for."""

from django.db import connection


def for_update() -> str:
    """What a written-out SELECT ends with that locks its rows; nothing on SQLite, which has one writer at a time."""
    return " " + connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
