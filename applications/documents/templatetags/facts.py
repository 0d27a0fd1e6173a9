"""Tables of facts, each beside its label."""

import unicodedata
from collections.abc import Iterable

from django import template

register = template.Library()

# So many Chinese characters fit a cell of the four columns of a report; others take half the room.
_SHORT = 10.5


@register.filter
def rows_of_facts(facts: Iterable[list[str]]) -> list[list[list[str]]]:
    """[[label, value]] → the rows of a table, of one fact or of two short ones that follow each other."""
    rows: list[list[list[str]]] = []
    for fact in facts:
        if rows and len(rows[-1]) == 1 and all(map(_is_short, rows[-1][0] + fact)):
            rows[-1].append(fact)
        else:
            rows.append([fact])
    return rows


def _is_short(text: str) -> bool:
    wide = sum(unicodedata.east_asian_width(character) in "WFA" for character in text)
    return "\n" not in text and (len(text) + wide) / 2 <= _SHORT
