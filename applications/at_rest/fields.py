"""Columns that are encrypted, and columns by which they are found."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact, In

from applications import at_rest


class Sealed(str):
    """Text that is a token already."""


def sealed(text: str) -> Sealed:
    """For rows that are written without their fields (database.insertion)."""
    return Sealed(at_rest.encrypt(text.encode()).decode() if text else text)


class EncryptedCharField(models.CharField[Any, Any]):
    """Text that is encrypted in the database and plain in Python. It cannot be searched; keep a DigestField beside it for that.

    ``max_length`` is of the plain text. What is no token was written before the column was encrypted, or by such a version
    beside this one: it is read as it is, and sealed by renewing.py.
    """

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if not value or isinstance(value, Sealed):
            return value
        return sealed(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return at_rest.decrypt(value.encode()).decode() if value and at_rest.is_sealed(value) else value


class DigestField(models.CharField[Any, Any]):
    """The digest of other columns of the row: ``make`` gives it of their values (``of``), None where there is nothing to find.

    A Digest is found under its former keys too. ``instead_of``: a plain column that is emptied where this one is written.
    """

    def __init__(
        self,
        *args: Any,
        of: Iterable[str] = (),
        make: Callable[..., at_rest.Digest | None] = lambda *_values: None,
        instead_of: str = "",
        **kwargs: Any,
    ) -> None:
        self.of, self.make, self.instead_of = tuple(of), make, instead_of
        super().__init__(*args, **{"max_length": 64, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Written with what it is made of, in bulk too; ``QuerySet.update`` and ``update_fields`` without it do not come by here."""
        values = [getattr(model_instance, name) for name in self.of]
        # Some are left to the database, which has nothing to find then.
        made = self.make(*values) if all(isinstance(each, str) for each in values) else None
        if made is not None:
            setattr(model_instance, self.attname, made)
        return super().pre_save(model_instance, add)


@EncryptedCharField.register_lookup
class NeverEqual(Exact[Any]):
    """No two tokens are equal, so a search would silently find nothing; empty alone can be asked for."""

    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, str) and self.rhs:
            raise FieldError(f"{self.lhs.output_field.name} is encrypted: look for its digest")
        return super().get_prep_lookup()


def _under_all(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield value
        yield from getattr(value, "former", ())


@DigestField.register_lookup
class DigestExact(Exact[Any]):
    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if not getattr(self.rhs, "former", ()):
            return super().as_sql(compiler, connection)
        return DigestIn(self.lhs, [self.rhs]).as_sql(compiler, connection)


@DigestField.register_lookup
class DigestIn(In[Any]):
    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, Iterable) and not isinstance(self.rhs, models.QuerySet):
            self.rhs = list(_under_all(self.rhs))
        return super().get_prep_lookup()
