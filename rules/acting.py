"""Who may act for a subject: the portal's own numbers (rules/acting.toml)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from rules.periods import add_months
from rules.tables import Table, read_toml

FILE: Final = Path(__file__).parent / "acting.toml"


@dataclass(frozen=True, slots=True)
class Acting:
    """``power_months``: how long a power of attorney may run. ``told_before_days``: days of the calendar. ``many_subjects``:
    from how many subjects on somebody who acts for them is pointed out."""

    power_months: int
    told_before_days: int
    many_subjects: int

    def last_end(self, today: date) -> date:
        """The latest day on which a power that is handed in today may end."""
        return add_months(today, self.power_months)


@cache
def acting() -> Acting:
    table = Table(read_toml(FILE), FILE.name)
    power, many = table.table("power_of_attorney"), table.table("many")
    found = Acting(
        _number(power, "most_months"), _number(power, "told_before_days"), _number(many, "subjects")
    )
    for each in (power, many, table):
        each.finish()
    return found


def _number(table: Table, name: str) -> int:
    value = table.number(name)
    if value is None:
        raise table.fail(name, "缺少数字")
    return value
