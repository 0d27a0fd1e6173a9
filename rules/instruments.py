"""What a policy (a legal instrument) and implementing rules (Article 18) are, once read and checked."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, NamedTuple

from rules.errors import InputError, OverlayRefused
from rules.facts import UNKNOWN, Unknown
from rules.procedure import CLOCK_LABELS

MINIMUM_PERIOD: Final = "minimum_period"
# Every condition that a policy may ask for, in the order in which it is shown.
CONDITIONS: Final[dict[str, str]] = {
    MINIMUM_PERIOD: "已满最短期限",
    "corrected": "已纠正失信行为",
    "obligations_fulfilled": "已履行完毕法定责任和义务",
    "commitment_signed": "已作出信用承诺",
    "publication_consent": "同意向社会公开承诺",
    "training_completed": "已参加信用修复培训",
    "credit_report_provided": "已提供信用报告",
}
# The conditions that rest on a paper which can grow too old.
AGEING_CONDITIONS: Final = ("training_completed", "credit_report_provided")
EXCLUSIONS: Final[dict[str, str]] = {
    "specific_serious": "特定严重失信行为",
    "false_material": "提交虚假材料等不实申请",
    "statutory_bar": "法律、法规、规章规定不予修复",
}
MONTHS_IN: Final[dict[str, int]] = {"months": 1, "years": 12}
UNIT_LABELS: Final[dict[str, str]] = {"months": "个月", "years": "年"}
# Implementing rules under Article 18 add conditions; their findings name that article.
IMPLEMENTING_RULES_ARTICLE: Final = "十八"


class Source(NamedTuple):
    """Where a rule stands. `article` is a Chinese numeral; None where it could not be seen (`note` says so)."""

    document: str
    article: str | None = None
    note: str = ""

    def __str__(self) -> str:
        return f"{self.document}第{self.article}条" if self.article else self.document


class Term(NamedTuple):
    """A period in "months" or "years". `amount` None: the instrument's number is not known."""

    amount: int | None
    unit: str
    source: Source

    @property
    def months(self) -> int:
        """The length in months, for comparing. Raises ValueError where it is not known."""
        if self.amount is None:
            raise ValueError("the length of this period is not known")
        return self.amount * MONTHS_IN[self.unit]

    def __str__(self) -> str:
        return "期限不明" if self.amount is None else f"{self.amount}{UNIT_LABELS[self.unit]}"


@dataclass(frozen=True, slots=True)
class Clock:
    """Working days that a body has. `working_days` None: not known or not fixed.

    `extension` is what may be added in complex cases; None where the instrument gives none.
    """

    name: str
    working_days: int | None
    extension: int | None
    source: Source


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A ground on which repair is refused. `effect_known` False: what the instrument says is not known."""

    code: str
    source: Source
    effect_known: bool = True


@dataclass(frozen=True, slots=True)
class SpecificSerious:
    """特定严重失信行为: a listed domain or conduct, or another ground, together with a listed penalty."""

    domains: frozenset[str]
    conducts: frozenset[str]
    penalties: frozenset[str]
    publicity: Term


@dataclass(frozen=True, slots=True)
class Severity:
    """One class of dishonest conduct: its conditions, its minimum period if any, its longest publicity."""

    code: str
    label: str
    source: Source
    conditions: tuple[str, ...]
    minimum: Term | None
    publicity: Term


@dataclass(frozen=True, slots=True)
class DomainRule:
    """A stricter rule for one severity: of the instrument itself or of implementing rules.

    `domains` None: for every record to which the instrument or the implementing rules apply.
    """

    severity: str
    domains: frozenset[str] | None
    source: Source
    minimum: Term | None = None
    conditions: tuple[str, ...] = ()
    max_age: Mapping[str, Term] = field(default_factory=dict)

    def concerns(self, domains: tuple[str, ...]) -> bool:
        """Whether a record in `domains` falls under this rule."""
        return self.domains is None or not self.domains.isdisjoint(domains)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition as it applies to given facts.

    `article` is the clause that the finding names; `basis` names the implementing rules, where they ask for it
    or for more; `certain` False: the facts do not say whether the condition applies at all; `unknown_because`
    says what keeps the length of the minimum period unknown: "severity", "domains" or "number".
    """

    code: str
    article: str | None
    basis: str = ""
    term: Term | None = None
    counted_from: str = ""
    inclusive: bool = False
    max_age: Term | None = None
    max_age_certain: bool = True
    certain: bool = True
    unknown_because: str = ""


@dataclass(frozen=True, slots=True)
class Applicable:
    """What a policy asks of records of one severity in given domains.

    `publicity` is the longest period of public display; of all severities where the severity is not known.
    """

    requirements: tuple[Requirement, ...]
    publicity: Term


@dataclass(frozen=True, slots=True)
class Overlay:
    """Implementing rules (实施细则) of an identifying unit under Article 18.

    `domains` None: for every record of the unit. `dropped` lists (severity, condition) that they would waive,
    which is refused when they are laid over a policy.
    """

    id: str
    title: str
    document: str
    base: str
    effective_from: date
    effective_to: date | None
    domains: frozenset[str] | None
    domain_rules: tuple[DomainRule, ...]
    dropped: tuple[tuple[str, str], ...]
    clocks: Mapping[str, Clock]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """One legal instrument, or an instrument with implementing rules laid over it.

    `digest` is the SHA-256 of its canonical content, so that a stored assessment can prove which text it used.
    `clocks` are the shortest of all overlays, `own_clocks` the instrument's own.
    `minimum_from` and `publicity_from` name the fact from which periods run: identified_on or decided_on.
    `reapplication` is what must pass after a repair was revoked before one may apply anew; None, or without a number:
    nothing.
    """

    id: str
    title: str
    document: str
    effective_from: date
    effective_to: date | None
    adopted: bool
    digest: str
    region_prefix: str
    scope_source: Source
    severities: Mapping[str, Severity]
    domain_rules: tuple[DomainRule, ...]
    exclusions: tuple[Exclusion, ...]
    specific_serious: SpecificSerious | None
    clocks: Mapping[str, Clock]
    own_clocks: Mapping[str, Clock]
    minimum_from: str
    publicity_from: str
    min_period_inclusive: bool
    on_missed_correction_notice: str
    reapplication: Term | None
    raw: Mapping[str, Any]
    overlays: tuple[Overlay, ...] = ()
    _applicable: dict[Any, Applicable] = field(default_factory=dict, repr=False, compare=False)

    def covers(self, day: date) -> bool:
        """Whether the policy is in force on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def to_json(self) -> dict[str, Any]:
        """The policy's own content with its overlays: what a stored assessment keeps."""
        return {**self.raw, "overlays": [dict(overlay.raw) for overlay in self.overlays]}

    def summary(self) -> dict[str, Any]:
        """One line of the list of policies."""
        return {
            "id": self.id,
            "title": self.title,
            "document": self.document,
            "effective_from": self.effective_from.isoformat(),
            "effective_to": self.effective_to.isoformat() if self.effective_to else None,
            "adopted": self.adopted,
        }

    def applicable(self, severity: str | Unknown, domains: tuple[str, ...] | Unknown) -> Applicable:
        """The conditions for records of `severity` in `domains`.

        Raises InputError for a severity that this policy does not have.
        """
        key = (severity, domains) if self.domain_rules else severity
        found = self._applicable.get(key)
        if found is None:
            found = self._applicable[key] = self._work_out(severity, domains)
        return found

    def overlay(self, overlay: Overlay) -> Policy:
        """This policy with implementing rules laid over it, in force while both are.

        Raises OverlayRefused, naming the clause, where they would loosen this policy (Article 18).
        """
        if overlay.base != self.id.partition("+")[0]:
            raise OverlayRefused("所依据的文件", f"该细则依据的是 {overlay.base}，而不是 {self.id}")
        start = max(self.effective_from, overlay.effective_from)
        ends = [end for end in (self.effective_to, overlay.effective_to) if end is not None]
        if ends and min(ends) < start:
            raise OverlayRefused("施行日期", f"细则施行期间与{self.document}的施行期间没有重合")
        self._refuse_loosening(overlay)
        return replace(
            self,
            id=f"{self.id}+{overlay.id}",
            digest=digest_of({"policy": self.digest, "overlay": overlay.raw}),
            effective_from=start,
            effective_to=min(ends) if ends else None,
            domain_rules=self.domain_rules + overlay.domain_rules,
            clocks={
                name: min(clock, overlay.clocks.get(name, clock), key=_working_days)
                for name, clock in self.clocks.items()
            },
            overlays=(*self.overlays, overlay),
            _applicable={},
        )

    def _work_out(self, severity: str | Unknown, domains: tuple[str, ...] | Unknown) -> Applicable:
        if severity is UNKNOWN:
            terms = [rule.publicity for rule in self.severities.values()]
            unsure = next((term for term in terms if term.amount is None), None)
            return Applicable(tuple(self._for_unknown_severity()), unsure or max(terms, key=_months))
        if severity not in self.severities:
            known = "、".join(self.severities)
            raise InputError("severity", f"应为 {known} 之一，{self.document}没有“{severity}”这一等级")
        rule = self.severities[severity]
        return Applicable(tuple(self._for_severity(rule, domains)), rule.publicity)

    def _for_severity(self, rule: Severity, domains: tuple[str, ...] | Unknown) -> Iterator[Requirement]:
        stricter = [each for each in self.domain_rules if each.severity == rule.code]
        certain = True
        if domains is UNKNOWN:
            certain = all(each.domains is None for each in stricter)
        else:
            stricter = [each for each in stricter if each.concerns(domains)]
        for code in CONDITIONS:
            added = [each for each in stricter if code in each.conditions]
            if code in rule.conditions:
                found = Requirement(code, rule.source.article)
            elif added:
                found = Requirement(code, IMPLEMENTING_RULES_ARTICLE, str(added[0].source), certain=certain)
            else:
                continue
            if code == MINIMUM_PERIOD:
                found = self._with_minimum(found, rule, stricter, certain)
            ages = [each.max_age[code] for each in stricter if code in each.max_age]
            if ages:
                found = replace(found, max_age=min(ages, key=_months), max_age_certain=certain)
            yield found

    def _with_minimum(
        self, found: Requirement, rule: Severity, stricter: list[DomainRule], certain: bool
    ) -> Requirement:
        terms = [each.minimum for each in stricter if each.minimum is not None]
        if terms and not certain:
            return replace(found, unknown_because="domains")
        if rule.minimum is not None:
            terms.insert(0, rule.minimum)
        if any(term.amount is None for term in terms):
            return replace(found, unknown_because="number")
        longest = max(terms, key=_months)
        return replace(
            found,
            term=longest,
            basis="" if longest.source.document == self.document else str(longest.source),
            counted_from=self.minimum_from,
            inclusive=self.min_period_inclusive,
        )

    def _for_unknown_severity(self) -> Iterator[Requirement]:
        """Conditions common to all classes as they are; those of only some classes as uncertain."""
        for code in CONDITIONS:
            holders = [rule for rule in self.severities.values() if code in rule.conditions]
            if holders:
                article = holders[0].source.article
                because = "severity" if code == MINIMUM_PERIOD else ""
                common = len(holders) == len(self.severities)
                yield Requirement(code, article, certain=common, unknown_because=because)

    def _refuse_loosening(self, overlay: Overlay) -> None:
        touched = {rule.severity for rule in overlay.domain_rules} | {each for each, _ in overlay.dropped}
        for code in sorted(touched - self.severities.keys()):
            raise OverlayRefused("失信等级", f"{self.document}没有“{code}”这一等级")
        for severity, code in overlay.dropped:
            if code in self.severities[severity].conditions:
                source = self.severities[severity].source
                raise OverlayRefused(str(source), f"不得免除“{CONDITIONS[code]}”这一条件")
        for rule in overlay.domain_rules:
            base = self.severities[rule.severity].minimum
            if rule.minimum and base and base.amount is not None and rule.minimum.months < base.months:
                raise OverlayRefused(str(base.source), f"最短期限不得由{base}缩短为{rule.minimum}")
        for name, clock in overlay.clocks.items():
            limit = self.own_clocks[name].working_days
            if limit is not None and clock.working_days is not None and clock.working_days > limit:
                raise OverlayRefused(
                    str(self.own_clocks[name].source),
                    f"{CLOCK_LABELS[name]}不得由{limit}个工作日延长为{clock.working_days}个工作日",
                )


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of JSON-like content, independent of the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _months(term: Term) -> int:
    return term.months


def _working_days(clock: Clock) -> float:
    return math.inf if clock.working_days is None else clock.working_days
