"""May this record be repaired, from which day, and why: the one function that every page and letter asks."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from rules.conditions import CONDITION_CHECKS, in_scope
from rules.exclusions import EXCLUSION_CHECKS, bar_ends_on, is_specific_serious
from rules.facts import UNKNOWN, Facts
from rules.findings import Finding
from rules.instruments import MINIMUM_PERIOD, Policy, Term
from rules.periods import last_day

__all__ = ["OUTCOMES", "Assessment", "Finding", "assess", "publicity_ends_on"]

OUTCOMES: Final[dict[str, str]] = {
    "out_of_scope": "不属于本省修复范围",
    "barred": "不予信用修复",
    "not_needed": "公示期已满，无需修复",
    "not_yet": "尚不能申请",
    "eligible": "可以申请",
}


class Assessment(NamedTuple):
    """The answer for given facts, policy and day.

    `earliest_on` is the first day on which one may apply as far as the facts fix it: the last of the days in
    the findings. A condition without a day (no training yet) can only make it later. None where repair is out
    of scope, barred or not needed, where the minimum period is unknown, and where publicity ends before it.
    `bar_ends_on` is the last day of the bar of Article 6, None where there is no bar or it has no known end.
    """

    policy: Policy
    on: date
    outcome: str
    earliest_on: date | None
    bar_ends_on: date | None
    findings: tuple[Finding, ...]
    facts: Facts

    def finding(self, code: str) -> Finding | None:
        """The finding of that code, if the policy asks for it."""
        return next((each for each in self.findings if each.code == code), None)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that stand in the way: unmet or unknown."""
        return tuple(each for each in self.findings if each.met is not True)

    def to_json(self) -> dict[str, Any]:
        """The assessment as the contract of `assess` has it."""
        return {
            "policy": self.policy.id,
            "on": self.on.isoformat(),
            "outcome": self.outcome,
            "earliest_on": None if self.earliest_on is None else self.earliest_on.isoformat(),
            "bar_ends_on": None if self.bar_ends_on is None else self.bar_ends_on.isoformat(),
            "findings": [each.to_json() for each in self.findings],
        }


def assess(facts: Facts, policy: Policy, on: date) -> Assessment:
    """Articles 2 and 4 to 6 for one record on one day.

    Depends on nothing but its arguments. The policy need not be in force on `on`: asking what another version
    would say is what replay does; `policy_for` chooses the one in force. Raises InputError for a severity
    that the policy does not have.
    """
    applicable = policy.applicable(facts.severity, facts.domains)
    scope = in_scope(facts, policy)
    findings = [scope]
    barred = False
    complete = scope.met is True
    for exclusion in policy.exclusions:
        finding = EXCLUSION_CHECKS[exclusion.code](facts, exclusion, policy, on)
        if finding.met is not True:
            complete = False
            barred = barred or finding.met is False
        findings.append(finding)
    earliest: date | None = None
    dated = True
    for requirement in applicable.requirements:
        code = requirement.code
        finding = CONDITION_CHECKS[code](facts, requirement, on)
        if finding.met is not True:
            complete = False
            if finding.met is False and not requirement.certain:
                finding = finding._replace(met=None, state="uncertain", values=())
        if requirement.basis:
            finding = finding._replace(basis=requirement.basis)
        day = finding.earliest_on
        if day is None:
            dated = dated and code != MINIMUM_PERIOD
        elif earliest is None or day > earliest:
            earliest = day
        findings.append(finding)
    publicity_end = _latest_publicity_end(facts, policy, applicable.publicity)
    bar_end: date | None = None
    if scope.met is False:
        outcome = "out_of_scope"
    elif barred:
        outcome = "barred"
        bar_end = _bar_end(findings, facts, policy)
    elif publicity_end is not None and on > publicity_end:
        outcome = "not_needed"
    elif complete:
        outcome = "eligible"
    else:
        outcome = "not_yet"
    if (
        not dated
        or (outcome != "eligible" and outcome != "not_yet")
        or (earliest is not None and publicity_end is not None and earliest > publicity_end)
    ):
        earliest = None
    return Assessment(policy, on, outcome, earliest, bar_end, tuple(findings), facts)


def publicity_ends_on(facts: Facts, policy: Policy) -> date | None:
    """The last day of the longest publicity period, or None where facts or policy do not say."""
    grave = (
        is_specific_serious(facts, policy.specific_serious) if policy.specific_serious is not None else False
    )
    if grave is None or (not grave and facts.severity is UNKNOWN):
        return None
    return _latest_publicity_end(facts, policy, policy.applicable(facts.severity, facts.domains).publicity)


def _latest_publicity_end(facts: Facts, policy: Policy, term: Term) -> date | None:
    """The last day on which the record can still be public, whatever unknown facts turn out to be.

    `term` is the publicity of its severity; what may be specific serious conduct may have its longer one.
    """
    listed = policy.specific_serious
    if listed is not None:
        grave = is_specific_serious(facts, listed)
        if grave or (grave is None and _is_longer(listed.publicity, term)):
            term = listed.publicity
    start = facts.decision_date if policy.publicity_from == "decided_on" else facts.identified_on
    if term.amount is None or start is UNKNOWN:
        return None
    return last_day(start, term.amount, term.unit)


def _is_longer(one: Term, other: Term) -> bool:
    """Whether `one` is longer; a length that is not known counts as longer."""
    return one.amount is None or (other.amount is not None and one.months > other.months)


def _bar_end(findings: list[Finding], facts: Facts, policy: Policy) -> date | None:
    """The end of the bar: known only where specific serious conduct is the sole ground."""
    grounds = [each.code for each in findings if each.met is False and each.code in EXCLUSION_CHECKS]
    return bar_ends_on(facts, policy) if grounds == ["specific_serious"] else None
