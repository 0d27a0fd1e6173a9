"""What a letter tells of reconsideration and suit: the periods of the law, and with whom to file (rules/remedies.toml)."""

from functools import cache
from pathlib import Path
from typing import Final

from rules.tables import Table, read_toml

FILE: Final = Path(__file__).parent / "remedies.toml"
UNITS: Final = {"days": "日", "months": "个月"}


@cache
def periods() -> tuple[str, str]:
    """Within what time reconsideration is applied for and a suit is filed, in words: 60日, 6个月."""
    table = Table(read_toml(FILE), FILE.name)
    return _in_words(table.table("reconsideration")), _in_words(table.table("litigation"))


def _in_words(table: Table) -> str:
    return f"{table.number('amount')}{UNITS[table.choice('unit', UNITS)]}"


def sentence(authority: str = "", court: str = "") -> str:
    """Both ways, as the addressee reads them; an ``authority`` or ``court`` that is not known is not named."""
    reconsideration, suit = periods()
    return (
        f"不服上述决定或者答复的，可以自知道或者应当知道之日起{reconsideration}内依法"
        f"{f'向{authority}' if authority else ''}申请行政复议，也可以自知道或者应当知道之日起{suit}内依法"
        f"向{court or '人民法院'}提起行政诉讼。"
    )
