"""Articles 4 and 5: one function a condition.

Each takes the facts, the requirement as it applies to them, and the day; a fact dated after that day does not
count yet. None of them decides whether the condition applies: the policy does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from rules.facts import UNKNOWN, Facts, Unknown
from rules.findings import Finding, found, found_often
from rules.instruments import Policy, Requirement
from rules.periods import ONE_DAY, last_day


def in_scope(facts: Facts, policy: Policy) -> Finding:
    """Article 2: the conduct was identified inside the policy's region."""
    article = policy.scope_source.article
    region = facts.region
    if region is UNKNOWN:
        return found("in_scope", article, None, None, "unknown")
    if region.startswith(policy.region_prefix):
        return found_often("in_scope", article, True, None, "met", (region,))
    return found("in_scope", article, False, None, "elsewhere", (region,))


def minimum_period(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """The minimum period has passed: its first day does not count, and its last day must be over.

    With the policy's parameter `min_period_inclusive` the last day itself suffices.
    """
    article = requirement.article
    term = requirement.term
    if term is None or term.amount is None:
        return found("minimum_period", article, None, None, f"unknown_{requirement.unknown_because}")
    start = facts.identified_on if requirement.counted_from == "identified_on" else facts.decision_date
    if start is UNKNOWN:
        return found("minimum_period", article, None, None, "unknown", (requirement.counted_from,))
    last = last_day(start, term.amount, term.unit)
    earliest = last if requirement.inclusive else last + ONE_DAY
    if on < earliest:
        return found("minimum_period", article, False, earliest, "running", (start, term, earliest))
    return found("minimum_period", article, True, earliest, "met", (start, term, earliest))


def corrected(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """The dishonest conduct has been corrected."""
    return _dated("corrected", requirement, facts.corrected_on, on)


def obligations_fulfilled(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """Every duty of the administrative decision and of judgments is fulfilled; none imposed is none left."""
    code, article = "obligations_fulfilled", requirement.article
    obligations = facts.obligations
    if obligations is UNKNOWN:
        return found(code, article, None, None, "unknown")
    if not obligations:
        return found(code, article, True, None, "none_imposed")
    latest: date | None = None
    unfulfilled: list[str | Unknown] = []
    unsaid: list[str | Unknown] = []
    for obligation in obligations:
        day = obligation.fulfilled_on
        if day is None:
            unfulfilled.append(obligation.name)
        elif day is UNKNOWN:
            unsaid.append(obligation.name)
        elif latest is None or day > latest:
            latest = day
    if unfulfilled:
        return found(code, article, False, None, "missing", (tuple(unfulfilled),))
    if latest is not None and latest > on:
        return found(code, article, False, None if unsaid else latest, "future", (latest,))
    if unsaid:
        return found(code, article, None, None, "unsaid", (tuple(unsaid),))
    return found(code, article, True, latest, "met", (latest,))


def commitment_signed(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """A credit commitment has been made."""
    commitment = facts.commitment
    day = commitment if commitment is None or commitment is UNKNOWN else commitment.signed_on
    return _dated("commitment_signed", requirement, day, on)


def publication_consent(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """The subject agrees that the commitment is made public; the consent dates from the commitment."""
    code, article = "publication_consent", requirement.article
    commitment = facts.commitment
    if commitment is UNKNOWN:
        return found(code, article, None, None, "unknown")
    if commitment is None:
        return found(code, article, False, None, "no_commitment")
    if commitment.publication_consent is UNKNOWN:
        return found(code, article, None, None, "unknown")
    if not commitment.publication_consent:
        return found(code, article, False, None, "refused")
    day = commitment.signed_on
    if day is UNKNOWN:
        return found(code, article, None, None, "undated")
    if day > on:
        return found(code, article, False, day, "future", (day,))
    return found(code, article, True, day, "met", (day,))


def training_completed(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """Credit-repair training has been completed, recently enough where implementing rules say so."""
    training = facts.training
    day = training if training is None or training is UNKNOWN else training.completed_on
    return _not_too_old(_dated("training_completed", requirement, day, on), requirement, on)


def credit_report_provided(facts: Facts, requirement: Requirement, on: date) -> Finding:
    """A credit report has been provided, recent enough where implementing rules say so."""
    report = facts.credit_report
    day = report if report is None or report is UNKNOWN else report.issued_on
    return _not_too_old(_dated("credit_report_provided", requirement, day, on), requirement, on)


def _dated(code: str, requirement: Requirement, day: date | Unknown | None, on: date) -> Finding:
    """A condition that is met from the day of one fact."""
    article = requirement.article
    if day is None:
        return found(code, article, False, None, "missing")
    if day is UNKNOWN:
        return found(code, article, None, None, "unknown")
    if day > on:
        return found(code, article, False, day, "future", (day,))
    return found(code, article, True, day, "met", (day,))


def _not_too_old(finding: Finding, requirement: Requirement, on: date) -> Finding:
    """The same finding, unmet where the paper has outlived the age that implementing rules allow."""
    max_age, issued = requirement.max_age, finding.earliest_on
    if max_age is None or max_age.amount is None or issued is None:
        return finding
    last = last_day(issued, max_age.amount, max_age.unit)
    if on <= last:
        return finding
    met = False if requirement.max_age_certain else None
    return finding._replace(met=met, earliest_on=None, state="stale", values=(issued, max_age, last))


CONDITION_CHECKS: Final[Mapping[str, Callable[[Facts, Requirement, date], Finding]]] = {
    "minimum_period": minimum_period,
    "corrected": corrected,
    "obligations_fulfilled": obligations_fulfilled,
    "commitment_signed": commitment_signed,
    "publication_consent": publication_consent,
    "training_completed": training_completed,
    "credit_report_provided": credit_report_provided,
}
