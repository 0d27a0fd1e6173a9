"""Article 6: the grounds on which repair is refused, one function a ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from rules.facts import UNKNOWN, Facts
from rules.findings import Finding, found, found_often
from rules.instruments import Exclusion, Policy, SpecificSerious
from rules.periods import ONE_DAY, last_day

# As facts in JSON: before anybody applies or examines, nothing speaks for the grounds that only an officer can find.
NO_GROUND: Final[Mapping[str, Any]] = {
    "other_specific_serious_ground": None,
    "false_material": False,
    "statutory_bar": None,
}


def is_specific_serious(facts: Facts, listed: SpecificSerious) -> bool | None:
    """Whether the record is 特定严重失信行为: a listed penalty, and a listed domain, conduct or other ground.

    None where the facts do not say.
    """
    penalties = facts.penalties
    if penalties is not UNKNOWN and listed.penalties.isdisjoint(penalties):
        return False
    ground = _has_ground(facts, listed)
    if ground is False:
        return False
    return None if penalties is UNKNOWN else ground


def _has_ground(facts: Facts, listed: SpecificSerious) -> bool | None:
    domains, conducts, other = facts.domains, facts.conducts, facts.other_specific_serious_ground
    if (
        (domains is not UNKNOWN and not listed.domains.isdisjoint(domains))
        or (conducts is not UNKNOWN and not listed.conducts.isdisjoint(conducts))
        or (other is not UNKNOWN and other is not None)
    ):
        return True
    return None if domains is UNKNOWN or conducts is UNKNOWN or other is UNKNOWN else False


def bar_ends_on(facts: Facts, policy: Policy) -> date | None:
    """The last day of the longest publicity of specific serious conduct, or None where it is not known."""
    listed = policy.specific_serious
    if listed is None or listed.publicity.amount is None:
        return None
    start = facts.decision_date if policy.publicity_from == "decided_on" else facts.identified_on
    if start is UNKNOWN:
        return None
    return last_day(start, listed.publicity.amount, listed.publicity.unit)


def specific_serious(facts: Facts, exclusion: Exclusion, policy: Policy, on: date) -> Finding:
    """Specific serious conduct bars repair through the last day of its longest publicity."""
    code, article = "specific_serious", exclusion.source.article
    listed = policy.specific_serious
    grave = listed is not None and is_specific_serious(facts, listed)
    if grave is False:
        return found_often(code, article, True, None, "absent")
    last = bar_ends_on(facts, policy)
    if last is None:
        return found(code, article, None, None, "undated" if grave else "unknown")
    if on > last:
        return found(code, article, True, last + ONE_DAY, "over", (last,))
    if grave is None:
        return found(code, article, None, None, "unknown")
    return found(code, article, False, last + ONE_DAY, "barred", (last,))


def false_material(facts: Facts, exclusion: Exclusion, policy: Policy, on: date) -> Finding:
    """False materials or another untrue application bar repair."""
    code, article = "false_material", exclusion.source.article
    if facts.false_material is UNKNOWN:
        return found(code, article, None, None, "unknown")
    if not facts.false_material:
        return found_often(code, article, True, None, "absent")
    if not exclusion.effect_known:
        return found(code, article, None, None, "effect_unknown", (policy.document,))
    return found(code, article, False, None, "barred")


def statutory_bar(facts: Facts, exclusion: Exclusion, policy: Policy, on: date) -> Finding:
    """A law, regulation or rule that forbids repair bars it."""
    code, article = "statutory_bar", exclusion.source.article
    bar = facts.statutory_bar
    if bar is UNKNOWN:
        return found(code, article, None, None, "unknown")
    if bar is None:
        return found_often(code, article, True, None, "absent")
    return found(code, article, False, None, "barred", (bar.basis,))


EXCLUSION_CHECKS: Final[Mapping[str, Callable[[Facts, Exclusion, Policy, date], Finding]]] = {
    "specific_serious": specific_serious,
    "false_material": false_material,
    "statutory_bar": statutory_bar,
}
