"""Writing anew what is still under an earlier key (FIELD_KEY_OLD, DIGEST_KEY_OLD), or not encrypted yet.

All encrypted columns are found by themselves where they are EncryptedCharFields and DigestFields; what an app encrypts by hand it
names (``register_columns``, ``register``). Nothing is noted of how far the work has come: each value tells under which key it
is, so it can be killed and begun again at any moment, beside the portal.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from applications import at_rest
from applications.at_rest.fields import DigestField, EncryptedCharField, Sealed, sealed
from applications.database.locking import for_update
from applications.database.updating import update_many

BATCH = 500


@dataclass(frozen=True)
class Tally:
    """So many were looked at; of them so many were not under the key that is written with, and so many no key opens (``lost``
    names the first of these)."""

    seen: int = 0
    old: int = 0
    unreadable: int = 0
    lost: str = ""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.seen + other.seen,
            self.old + other.old,
            self.unreadable + other.unreadable,
            self.lost or other.lost,
        )


# Looks through a store piece by piece, and where it is told so writes anew what is old in it.
Walk = Callable[[bool], Iterator[Tally]]
_by_hand: dict[str, tuple[str, ...]] = {}
_others: dict[str, Walk] = {}


def register_columns(model: type[models.Model], *columns: str) -> None:
    """Columns of tokens that no field encrypts: text, bytes, or JSON with tokens in it."""
    _by_hand[model._meta.label] = columns


def register(name: str, walk: Walk) -> None:
    """What is encrypted outside of the database."""
    _others[name] = walk


def stores() -> dict[str, Walk]:
    """All that is encrypted, by name: models by their label, then what lies outside of the database."""
    tables = [_Table(model) for model in apps.get_models() if not model._meta.proxy]
    return {each.name: each.walk for each in tables if each.sealed} | _others


def encrypted_columns() -> list[str]:
    """Where EncryptedCharFields are, as app.Model.field, in the order of the alphabet."""
    tables = [_Table(model) for model in apps.get_models()]
    return sorted(f"{table.name}.{field.name}" for table in tables for field in table.fields)


def seal_what_is_plain() -> dict[str, int]:
    """Encrypt what stands in encrypted columns as a version before wrote it; by model, how many rows. Empty: nothing was plain."""
    sealed = {}
    for model in apps.get_models():
        table = _Table(model, plain_only=True)
        if table.fields and (tally := sum(table.walk(True), Tally())).seen:
            sealed[table.name] = tally.old
    return sealed


class _Table:
    """The encrypted columns of a model, and the digests that are made of them."""

    def __init__(self, model: type[models.Model], *, plain_only: bool = False) -> None:
        self.model, self.name = model, model._meta.label
        every = model._meta.concrete_fields
        self.fields = [each for each in every if isinstance(each, EncryptedCharField)]
        self.digests = [each for each in every if isinstance(each, DigestField) and each.of]
        self.sealed: list[Any] = [*self.fields, *map(model._meta.get_field, _by_hand.get(self.name, ()))]
        emptied = [model._meta.get_field(each.instead_of) for each in self.digests if each.instead_of]
        self.emptied: list[Any] = emptied
        sources: list[Any] = [model._meta.get_field(name) for each in self.digests for name in each.of]
        self.read = list(dict.fromkeys([*self.sealed, *self.digests, *sources, *emptied]))
        self.written = [each.name for each in (*self.sealed, *self.digests, *emptied)]
        self.some = self._plain() if plain_only else self._anything()

    def _anything(self) -> str:
        quote = connection.ops.quote_name
        there = [
            f"{quote(str(each.column))} IS NOT NULL"
            if each in self.emptied or isinstance(each, models.JSONField | models.BinaryField)
            else f"{quote(each.column)} <> ''"
            for each in (*self.sealed, *self.emptied)
        ]
        return " OR ".join(there)

    def _plain(self) -> str:
        quote = connection.ops.quote_name
        columns = [quote(str(each.column)) for each in self.fields]
        plain = [f"({each} <> '' AND {each} NOT LIKE '{at_rest.MARK}%%')" for each in columns]
        return " OR ".join([*plain, *(f"{quote(each.column)} IS NOT NULL" for each in self.emptied)])

    def walk(self, renew: bool) -> Iterator[Tally]:
        last = None
        while rows := self._select(f"({self.some})" + (" AND {key} > %s" if last is not None else ""), last):
            last = rows[-1][0]
            tally, changed = self._look(rows)
            yield tally
            if renew and changed:
                self._write([key for key, _values in changed])

    def _look(self, rows: Sequence[Sequence[Any]]) -> tuple[Tally, list[tuple[Any, list[Any]]]]:
        """How it stands with them, and of those that are to be written anew the key and the new values."""
        unreadable, lost, changed = 0, "", []
        for key, *raw in rows:
            try:
                values = self._renewed(dict(zip(self.read, raw, strict=True)))
            except InvalidToken:
                unreadable, lost = unreadable + 1, lost or f"{self.name} {key}"
                continue
            if values is not None:
                changed.append((key, values))
        return Tally(len(rows), len(changed), unreadable, lost), changed

    def _renewed(self, row: dict[Any, Any]) -> list[Any] | None:
        """What is to stand in the columns that are written; None where it stands there."""
        new = {each: _token(row[each], each) for each in self.sealed}
        by_name = {each.name: each for each in self.read}
        for digest in self.digests:
            sources = [_plain_of(row[by_name[name]], by_name[name]) for name in digest.of]
            made = digest.make(*sources)
            new[digest] = row[digest] if made is None else str(made)
        new |= dict.fromkeys(self.emptied)
        return (
            [*new.values()] if any(value != _given(row[each], each) for each, value in new.items()) else None
        )

    def _write(self, keys: list[Any]) -> None:
        """Once more, locked: what was written meanwhile is not written over."""
        with transaction.atomic():
            places = ", ".join(["%s"] * len(keys))
            rows = self._select(f"{{key}} IN ({places})", *keys, lock=True)
            _tally, changed = self._look(rows)
            update_many(self.model, self.written, [(key, *values) for key, values in changed])

    def _select(self, condition: str, *parameters: Any, lock: bool = False) -> list[Any]:
        quote = connection.ops.quote_name
        key = quote(str(self.model._meta.pk.column))
        columns = ", ".join([key, *(quote(str(each.column)) for each in self.read)])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {quote(self.model._meta.db_table)} "
                f"WHERE {condition.format(key=key)} ORDER BY {key} LIMIT {BATCH}"
                + (for_update() if lock else ""),
                [each for each in parameters if each is not None],
            )
            return list(cursor.fetchall())


def _given(raw: Any, field: Any) -> Any:
    if isinstance(field, models.BinaryField):
        return bytes(raw)
    return json.loads(raw) if isinstance(field, models.JSONField) and isinstance(raw, str) else raw


def _token(raw: Any, field: Any) -> Any:
    """What is to stand in a column; InvalidToken where no key opens what does."""
    given = _given(raw, field)
    if isinstance(field, EncryptedCharField) and given and not at_rest.is_sealed(given):
        return sealed(given)
    return _renewed(given)


def _renewed(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: _renewed(value) for name, value in given.items()}
    if isinstance(given, list):
        return [_renewed(value) for value in given]
    if isinstance(given, bytes):
        return at_rest.renewed(given) or given
    if isinstance(given, str) and at_rest.is_sealed(given):
        new = at_rest.renewed(given.encode())
        return Sealed(new.decode()) if new else Sealed(given)
    return given


def _plain_of(raw: Any, field: Any) -> Any:
    return field.from_db_value(raw, None, connection) if isinstance(field, EncryptedCharField) else raw
