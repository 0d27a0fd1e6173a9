"""A row that is asked for in written-out SQL."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def the_row(model: type[Row], sql: str, parameters: Sequence[Any]) -> Row:
    """The first row of a model that a SELECT finds. The model's DoesNotExist where there is none, as of get()."""
    for row in model._default_manager.raw(sql, parameters):
        return row
    raise model.DoesNotExist(  # type: ignore[attr-defined]  # the stubs know it of concrete models alone
        f"{model.__name__}: {sql} {parameters}"
    )
