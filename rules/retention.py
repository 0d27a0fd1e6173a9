"""How long what is about people is kept (rules/retention.toml): the one place for these numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rules.tables import Table, read_toml

FILE: Final = Path(__file__).parent / "retention.toml"


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of what is kept: what it is, from when on its ``period`` runs (None: no number), what happens ``then``, and which
    ``law`` says so. ``told_before``: so long before its end the person is told."""

    code: str
    label: str
    since: str
    then: str
    law: str
    period: timedelta | None
    told_before: timedelta | None

    @property
    def words(self) -> tuple[str, str, str, str]:
        return self.label, self.since, self.then, self.law

    @property
    def days(self) -> int:
        """Of a period of days; 0 of any other."""
        return self.period.days if self.period else 0

    @property
    def minutes(self) -> int:
        """Of a period of less than a day; 0 of any other."""
        return self.period.seconds // 60 if self.period else 0


@cache
def kinds() -> Mapping[str, Kept]:
    """By code, in the order of the file. PolicyFileError where an entry is wrong."""
    content = read_toml(FILE)
    table = Table(content, FILE.name)
    found = {code: _read(code, table.table(code)) for code in content}
    table.finish()
    return MappingProxyType(found)


def period_of(code: str) -> timedelta:
    """KeyError for what has no number."""
    period = kinds()[code].period
    if period is None:
        raise KeyError(code)
    return period


def _read(code: str, table: Table) -> Kept:
    days, minutes, before = (table.number(name) for name in ("days", "minutes", "told_before_days"))
    if days is not None and minutes is not None:
        raise table.fail("minutes", "天数和分钟数只能写一个")
    period = timedelta(days=days or 0, minutes=minutes or 0) or None
    if before is not None and (days is None or before >= days):
        raise table.fail("told_before_days", "应当小于天数")
    label, since, then, law = (table.text(name) for name in ("label", "since", "then", "law"))
    table.finish()
    return Kept(code, label, since, then, law, period, timedelta(days=before) if before else None)
