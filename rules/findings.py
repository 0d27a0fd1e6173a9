"""Finding: what one clause says about given facts."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from rules.sentences import sentence


class Finding(NamedTuple):
    """One condition or ground, checked.

    `met` is True where the clause does not stand in the way (for Article 6: where the ground is absent), False
    where it does, None where the facts do not say. `earliest_on` is the first day from which it does not,
    None where no such day follows from the facts. `state` and `values` choose and fill the sentence;
    `basis` names the implementing rules that ask for more than the clause does.
    """

    code: str
    article: str | None
    met: bool | None
    earliest_on: date | None
    state: str
    values: tuple[Any, ...] = ()
    basis: str = ""

    @property
    def reason(self) -> str:
        """The clause and one plain sentence, in Chinese."""
        return sentence(self, "zh")

    @property
    def reason_en(self) -> str:
        """The clause and one plain sentence, in English."""
        return sentence(self, "en")

    def to_json(self) -> dict[str, Any]:
        """The finding as the contract of `assess` has it."""
        day = self.earliest_on
        return {
            "code": self.code,
            "article": self.article,
            "met": self.met,
            "earliest_on": None if day is None else day.isoformat(),
            "reason": sentence(self, "zh"),
        }


_new_tuple = tuple.__new__


def found(
    code: str,
    article: str | None,
    met: bool | None,
    earliest_on: date | None,
    state: str,
    values: tuple[Any, ...] = (),
) -> Finding:
    """A Finding, made without the detour of a class call: a dozen are made for each assessment."""
    return _new_tuple(Finding, (code, article, met, earliest_on, state, values, ""))


# For findings without dates, of which there are few and the same ones again and again.
found_often = lru_cache(maxsize=1024)(found)
