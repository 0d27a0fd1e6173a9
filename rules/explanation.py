"""Why: an assessment as a tree that a page, a letter and a program can show.

Outcome → clause → finding, and for each finding the sentence, the facts used, what to do, and from which day,
in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rules.articles import article_number
from rules.eligibility import OUTCOMES, Assessment
from rules.facts import json_value
from rules.findings import Finding
from rules.instruments import MINIMUM_PERIOD, Policy
from rules.sentences import remedy

OUTCOMES_IN_ENGLISH: Final[dict[str, str]] = {
    "out_of_scope": "Outside the scope of these rules",
    "barred": "Repair is refused",
    "not_needed": "Publicity has ended; repair is not needed",
    "not_yet": "One may not apply yet",
    "eligible": "One may apply",
}
# The facts that each finding looks at, by their names in Facts; the minimum period also at the one it runs from.
FACTS_USED: Final[dict[str, tuple[str, ...]]] = {
    "in_scope": ("region",),
    "specific_serious": ("penalties", "domains", "conducts", "other_specific_serious_ground", "decided_on"),
    "false_material": ("false_material",),
    "statutory_bar": ("statutory_bar",),
    "minimum_period": ("severity",),
    "corrected": ("corrected_on",),
    "obligations_fulfilled": ("obligations",),
    "commitment_signed": ("commitment",),
    "publication_consent": ("commitment",),
    "training_completed": ("training",),
    "credit_report_provided": ("credit_report",),
}
FACT_LABELS: Final[dict[str, str]] = {
    "severity": "失信严重程度",
    "identified_on": "认定日期",
    "decided_on": "处罚决定日期",
    "region": "行政区划",
    "penalties": "处罚种类",
    "domains": "所涉领域",
    "conducts": "失信行为",
    "other_specific_serious_ground": "其他特定严重失信情形",
    "corrected_on": "纠正日期",
    "obligations": "法定责任和义务",
    "commitment": "信用承诺",
    "training": "信用修复培训",
    "credit_report": "信用报告",
    "false_material": "提交虚假材料",
    "statutory_bar": "法律、法规、规章规定不予修复",
}


@dataclass(frozen=True, slots=True)
class UsedFact:
    """A fact that a finding rests on; `known` False: it was not given, and `value` is None."""

    name: str
    label: str
    known: bool
    value: Any


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding with all that is to be said of it; the remedies are empty where nothing is to be done."""

    code: str
    article: str | None
    met: bool | None
    reason_zh: str
    reason_en: str
    facts: tuple[UsedFact, ...]
    remedy_zh: str
    remedy_en: str
    earliest_on: date | None


@dataclass(frozen=True, slots=True)
class Clause:
    """The findings of one article, and whether it is met as a whole (None: not known)."""

    article: str | None
    label_zh: str
    label_en: str
    met: bool | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An assessment explained: the root of the tree."""

    policy: str
    document: str
    on: date
    outcome: str
    outcome_zh: str
    outcome_en: str
    earliest_on: date | None
    bar_ends_on: date | None
    clauses: tuple[Clause, ...]

    def to_json(self) -> dict[str, Any]:
        """The whole tree as JSON."""
        written = json_value(self)
        assert isinstance(written, dict)
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Explanation:
        """The tree that ``to_json`` wrote, with every word as it was then."""
        clauses = tuple(
            Clause(**{**clause, "reasons": tuple(_read_reason(reason) for reason in clause["reasons"])})
            for clause in written["clauses"]
        )
        days = {name: _read_day(written[name]) for name in ("earliest_on", "bar_ends_on")}
        return cls(**{**written, **days, "on": date.fromisoformat(written["on"]), "clauses": clauses})


def explain(assessment: Assessment) -> Explanation:
    """The tree of an assessment."""
    policy = assessment.policy
    known = assessment.facts.to_json()
    decided_on = known.pop("decided_on") or known.get("identified_on")
    if decided_on is not None:
        known["decided_on"] = decided_on
    by_article: dict[str | None, list[Finding]] = {}
    for finding in assessment.findings:
        by_article.setdefault(finding.article, []).append(finding)
    return Explanation(
        policy=policy.id,
        document=policy.document,
        on=assessment.on,
        outcome=assessment.outcome,
        outcome_zh=OUTCOMES[assessment.outcome],
        outcome_en=OUTCOMES_IN_ENGLISH[assessment.outcome],
        earliest_on=assessment.earliest_on,
        bar_ends_on=assessment.bar_ends_on,
        clauses=tuple(_clause(article, findings, policy, known) for article, findings in by_article.items()),
    )


def _clause(article: str | None, findings: list[Finding], policy: Policy, known: dict[str, Any]) -> Clause:
    answers = {finding.met for finding in findings}
    return Clause(
        article=article,
        label_zh=f"第{article}条" if article else "条号未核实",
        label_en=f"Article {article_number(article)}" if article else "Article not verified",
        met=False if False in answers else None if None in answers else True,
        reasons=tuple(_reason(finding, policy, known) for finding in findings),
    )


def _reason(finding: Finding, policy: Policy, known: dict[str, Any]) -> Reason:
    used = FACTS_USED[finding.code]
    if finding.code == MINIMUM_PERIOD:
        used = (*used, policy.minimum_from)
    return Reason(
        code=finding.code,
        article=finding.article,
        met=finding.met,
        reason_zh=finding.reason,
        reason_en=finding.reason_en,
        facts=tuple(UsedFact(name, FACT_LABELS[name], name in known, known.get(name)) for name in used),
        remedy_zh=remedy(finding, "zh"),
        remedy_en=remedy(finding, "en"),
        earliest_on=finding.earliest_on,
    )


def _read_reason(written: Mapping[str, Any]) -> Reason:
    facts = tuple(UsedFact(**used) for used in written["facts"])
    return Reason(**{**written, "facts": facts, "earliest_on": _read_day(written["earliest_on"])})


def _read_day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)
