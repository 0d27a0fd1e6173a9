"""What the portal holds about a person and about a credit subject: the one registry, which every app fills in its ``held.py``.

A table of the database is either in a Holding or among those that hold nothing of anybody, each with the reason. Who asks for
a copy gets the Holdings (portal.own_copy).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.accounts.admin_exports import ExportColumn
from applications.accounts.models import User
from applications.files.models import StoredFile

Rows = Iterable[Any]


@dataclass(frozen=True)
class Holding:
    """One table of a copy. ``columns``: a field of the model by its name, or a heading with what stands under it.

    ``of_person``: the rows about who has an account. ``of_subject``: those about a subject, for the person who acts for it and
    asks. ``files``: what is kept with a row. ``also``: the models that have no table of their own because these columns say what they hold.
    """

    model: type[Model]
    columns: Sequence[str | ExportColumn]
    of_person: Callable[[User], Rows] | None = None
    of_subject: Callable[[Any, User], Rows] | None = None
    title: str | Promise = ""
    files: Callable[[Any], Iterable[StoredFile | None]] = lambda row: ()
    also: Sequence[type[Model]] = field(default=())

    @property
    def heading(self) -> str | Promise:
        return self.title or self.model._meta.verbose_name or self.model.__name__

    def headings(self) -> list[str]:
        """What stands over the columns, in the language at hand."""
        return [
            str(self.model._meta.get_field(each).verbose_name)  # type: ignore[union-attr]
            if isinstance(each, str)
            else str(each.heading)
            for each in self.columns
        ]

    def line(self, row: Any) -> list[object]:
        """What a row says, in the words of pages; moments in Chinese time."""
        return [
            _said(_kept(row, each) if isinstance(each, str) else each.value(row)) for each in self.columns
        ]


def _kept(row: Any, name: str) -> object:
    display = getattr(row, f"get_{name}_display", None)
    value: object = display() if display else getattr(row, name)
    return str(value) if isinstance(value, Model) else value


def _said(value: object) -> object:
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M:%S}"
    return str(value) if isinstance(value, Promise) else value


def cell(value: object) -> object:
    """A value as it stands in a table: words beside each other, and what else has parts as JSON."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return _("、").join(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder) if value else ""
    return value


_holdings: list[Holding] = []
_nothing: dict[type[Model], str] = {}


def register(*holdings: Holding, nothing: Mapping[type[Model], str] | None = None) -> None:
    """Called by every app when it is loaded. ``nothing``: the models that hold nothing of anybody's that a copy could give,
    and why."""
    _holdings.extend(holdings)
    _nothing.update(nothing or {})


def holdings() -> list[Holding]:
    return list(_holdings)


def accounted_for() -> dict[type[Model], str]:
    """Every model that is known here: the reason why it is in no copy, or nothing where it is."""
    shown = {model: "" for each in _holdings for model in (each.model, *each.also)}
    return {**_nothing, **shown}
