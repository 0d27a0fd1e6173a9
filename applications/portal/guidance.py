"""The law in force as the guide tells it: every number comes from the policies."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications.policies.models import ImplementingRules
from applications.policies.selectors import policy_in_force, recorded_rules
from rules.facts import CONDUCTS, DOMAINS, PENALTIES
from rules.instruments import CONDITIONS, MINIMUM_PERIOD, Clock, Policy, Severity, Source, Term
from rules.policy import load_policies


@dataclass(frozen=True)
class SeverityGuide:
    """What one class of conduct has to wait for and to bring, and how long it is public at most."""

    label: str
    article: str | None
    minimum: Term | None
    conditions: list[str]
    publicity: Term


@dataclass(frozen=True)
class BarGuide:
    """The specific serious conduct of Article 6, in its own words."""

    domains: list[str]
    conducts: list[str]
    penalties: list[str]
    publicity: Term


@dataclass(frozen=True)
class OtherRules:
    """An instrument that is in force besides the adopted one, and the waiting times that it sets."""

    title: str
    document: str
    effective_from: date
    # Label of the class, its minimum here (None: none is set), and what the adopted policy says, if it has the class.
    minimums: list[tuple[str, Term | None, Term | None]]
    decision: Clock


def severity_guides(policy: Policy) -> list[SeverityGuide]:
    return [_severity_guide(severity) for severity in policy.severities.values()]


def _severity_guide(severity: Severity) -> SeverityGuide:
    return SeverityGuide(
        label=_(severity.label),
        article=severity.source.article,
        minimum=severity.minimum,
        conditions=[_(CONDITIONS[code]) for code in severity.conditions if code != MINIMUM_PERIOD],
        publicity=severity.publicity,
    )


def bar_guide(policy: Policy) -> BarGuide | None:
    """None where the policy knows no specific serious conduct."""
    listed = policy.specific_serious
    if listed is None:
        return None
    return BarGuide(
        domains=[_(label) for code, label in DOMAINS.items() if code in listed.domains],
        conducts=[_(label) for code, label in CONDUCTS.items() if code in listed.conducts],
        penalties=[_(label) for code, label in PENALTIES.items() if code in listed.penalties],
        publicity=listed.publicity,
    )


def publicity_source(policy: Policy) -> Source:
    """Where the lengths of publicity stand: they are not in the Notice itself."""
    return next(iter(policy.severities.values())).publicity.source


def other_rules(policy: Policy, today: date) -> list[OtherRules]:
    """The instruments in force today that this portal does not go by."""
    found = []
    for other in load_policies():
        if other.adopted or not other.covers(today):
            continue
        minimums = []
        for severity in other.severities.values():
            ours = policy.severities.get(severity.code)
            minimums.append((_(severity.label), severity.minimum, ours.minimum if ours else None))
        found.append(
            OtherRules(other.title, other.document, other.effective_from, minimums, other.clocks["decision"])
        )
    return found


def rules_in_force(on: date) -> QuerySet[ImplementingRules]:
    """The implementing rules of all units that apply on a day (Article 18), with all that they say."""
    # Those that are laid over another policy than that of the day apply no more.
    found = recorded_rules(on).filter(base=policy_in_force(on=on).id).defer(None)
    return found.select_related("unit").order_by("unit__region", "unit__code", "pk")
