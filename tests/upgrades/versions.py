"""A database as a version of the portal left it, and what has become of its rows after the migrations since."""

from __future__ import annotations

import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import load_backend

HERE = Path(__file__).parent
# Every database has its own rows of these, made from its models after each migration.
MADE_ANEW = ("contenttypes.contenttype", "auth.permission")


@contextmanager
def empty_database(vendor: str, folder: Path) -> Iterator[None]:
    """A database of its own in the place of the tests' one: a file, or a new one on their PostgreSQL server."""
    usual = connections["default"]
    if vendor == "sqlite":
        own = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "upgrade.sqlite3"), "OPTIONS": {}}
    else:
        own = {"NAME": f"upgrade_{token_hex(6)}"}
        _run(f'CREATE DATABASE "{own["NAME"]}"')
    settings = {**usual.settings_dict, **own}
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
        if vendor != "sqlite":
            _run(f'DROP DATABASE "{own["NAME"]}" WITH (FORCE)')


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def migrate_to_head() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@dataclass
class Version:
    """What dump_version.py wrote of one: ``migrations`` are its last ones of each app."""

    name: str
    # What the migrations changed in its rows (see differences()), once it was loaded and they have run.
    changed: dict[str, Counter[str]] = field(default_factory=dict)

    @cached_property
    def _file(self) -> dict[str, Any]:
        with lzma.open(HERE / f"{self.name}.json.xz", "rt") as file:
            return json.load(file)

    @cached_property
    def rows(self) -> dict[str, dict[Any, dict[str, Any]]]:
        """By model and key, the fields of every row."""
        found: dict[str, dict[Any, dict[str, Any]]] = defaultdict(dict)
        for row in self._file["rows"]:
            found[row["model"]][row["pk"]] = row["fields"]
        return found

    def load(self) -> None:
        """Make the tables of that version in an empty database, and fill them."""
        targets = [tuple(node) for node in self._file["migrations"]]
        executor = MigrationExecutor(connection)
        executor.migrate(targets)
        then = executor.loader.project_state(targets).apps
        with transaction.atomic():
            for label, rows in self.rows.items():
                model = then.get_model(label)
                model._base_manager.bulk_create(_instance(model, key, fields) for key, fields in rows.items())
                for key, fields in rows.items():
                    for many in model._meta.many_to_many:
                        if fields.get(many.name):
                            getattr(model(pk=key), many.name).set(fields[many.name])
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(
                no_style(), [then.get_model(label) for label in self.rows]
            ):
                cursor.execute(statement)

    def moved_models(self) -> set[str]:
        """The models of that version of which today's portal has none of that name."""
        return {label for label in self.rows if not _exists(label)}

    def differences(self) -> dict[str, Counter[str]]:
        """By model: how many rows were lost, are new, or say something else than before in a field that still exists."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for label in self.rows.keys() - {*MADE_ANEW} - self.moved_models():
            model = apps.get_model(label)
            text = serializers.serialize("json", model._base_manager.all())
            now = {row["pk"]: row["fields"] for row in json.loads(text)}
            then = self.rows[label]
            found[label] += Counter(lost=len(then.keys() - now.keys()), new=len(now.keys() - then.keys()))
            for key in then.keys() & now.keys():
                found[label].update(
                    name for name in then[key].keys() & now[key].keys() if then[key][name] != now[key][name]
                )
        return {label: +counts for label, counts in found.items() if +counts}


def _exists(label: str) -> bool:
    try:
        apps.get_model(label)
    except LookupError:
        return False
    return True


def _instance(model: Any, key: Any, fields: dict[str, Any]) -> Any:
    values = {model._meta.pk.attname: model._meta.pk.to_python(key)}
    for column in model._meta.concrete_fields:
        if column.name in fields:
            target = column.target_field if column.is_relation else column
            values[column.attname] = (
                None if fields[column.name] is None else target.to_python(fields[column.name])
            )
    return model(**values)
