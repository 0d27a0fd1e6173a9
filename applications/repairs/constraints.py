"""The table of rules/procedure.py as a constraint of the database: a case changes its status as the table says.

In the model's Meta, so that makemigrations writes the migration when the table gets a new row, and the check for
missing migrations names what was forgotten.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model

REFUSED = "a status changes by a step of rules/procedure.py, and with the version of the case"


class FollowsProcedure(BaseConstraint):
    """``ways`` are pairs of states, from and to. Any other change of ``status`` is an IntegrityError, and so is one
    that leaves ``version`` as it was.

    A trigger, as no CHECK knows the row before. Whoever owns the table can drop it.
    """

    def __init__(self, *, ways: Any, name: str) -> None:
        super().__init__(name=name)
        self.ways = tuple(sorted((str(source), str(target)) for source, target in ways))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FollowsProcedure) and (self.name, self.ways) == (other.name, other.ways)

    def __hash__(self) -> int:
        return hash((self.name, self.ways))

    def deconstruct(self) -> Any:
        path, arguments, options = super().deconstruct()
        return path, arguments, {**options, "ways": self.ways}

    def validate(self, *arguments: Any, **options: Any) -> None:
        """A form knows no row before either: the database refuses."""

    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Nothing within CREATE TABLE, a trigger after it. SQLite makes tables anew, and so their triggers."""
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return None

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        ways = ", ".join(f"'{source}>{target}'" for source, target in self.ways)
        changes = f"OLD.status || '>' || NEW.status IN ({ways}) AND NEW.version = OLD.version + 1"
        if schema_editor.connection.vendor == "postgresql":
            template = (
                f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{REFUSED}'; END $$; "
                f"CREATE TRIGGER {self.name} BEFORE UPDATE OF status ON %(table)s FOR EACH ROW "
                f"WHEN (OLD.status <> NEW.status AND NOT ({changes})) EXECUTE FUNCTION {self.name}()"
            )
        else:
            template = (
                f"CREATE TRIGGER {self.name} BEFORE UPDATE OF status ON %(table)s FOR EACH ROW "
                f"WHEN OLD.status <> NEW.status AND NOT ({changes}) "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
        return Statement(template, table=Table(model._meta.db_table, schema_editor.quote_name))

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        """For PostgreSQL: SQLite makes the table anew without it."""
        assert model is not None and schema_editor is not None
        table = schema_editor.quote_name(model._meta.db_table)
        return f"DROP TRIGGER {self.name} ON {table}; DROP FUNCTION {self.name}()"
