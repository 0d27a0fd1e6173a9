"""A row that is asked for in written-out SQL."""

from typing import TypeVar

from django.db.models import Model
from django.db.models.query import RawQuerySet

Row = TypeVar("Row", bound=Model)


def the_row(rows: RawQuerySet[Row]) -> Row:
    """The first of them. DoesNotExist of the model where there is none, as of get()."""
    for row in rows:
        return row
    raise rows.model.DoesNotExist(f"no row of {rows.model.__name__} has these: {rows.params}")
