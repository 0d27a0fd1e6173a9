"""Replay: every case and record assessed again under another policy, compared with what was said before.

A case: the facts of its latest submission, on the day of that submission, against the stored answer.
A record that is not repaired: what the register knows of it, today, against the policy in force today; what
only an applicant could state stays unknown in both. Read in chunks, so that a million rows need no memory and
no long transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from applications.oversight.comparing import (
    SAME,
    SILENT,
    VERDICTS,
    Answer,
    Comparison,
    answer_of,
    compare,
    stored_answer,
)
from applications.policies.models import ImplementingRules
from applications.policies.selectors import (
    lay_over,
    policies_in_force,
    policy_by_digest,
    recorded_rules,
)
from applications.records.models import DishonestyRecord
from applications.records.selectors import base_facts
from applications.repairs.models import RepairCase, StoredAssessment
from applications.spreadsheets import CsvTable
from rules.eligibility import OUTCOMES, assess
from rules.errors import InputError
from rules.exclusions import NO_GROUND
from rules.facts import SEVERITIES, Facts
from rules.policy import Policy

CHUNK: Final = 1000
CASE, RECORD = "case", "record"
KINDS: Final = {CASE: gettext_lazy("申请"), RECORD: gettext_lazy("失信行为信息")}
RECORD_FIELDS: Final = (
    "severity",
    "identified_on",
    "decided_on",
    "region",
    "penalties",
    "domains",
    "conducts",
    "identifying_unit",
    "identifying_unit__name",
    "subject__kind",
    "subject__name",
)


class Row(NamedTuple):
    """One case or record, and what the policy changes for it. `after` is None where the policy is silent."""

    kind: str
    reference: str
    subject: str
    unit: str
    severity: str
    on: date
    policy_before: str
    before: Answer
    after: Answer | None
    comparison: Comparison


@dataclass
class Report:
    """The sum of a replay. `totals` counts verdicts by kind, `articles` gains and losses by article,
    `moves` the pairs of outcomes before and after.
    """

    policy: Policy
    since: date | None
    on: date
    totals: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    articles: dict[str, Counter[str]] = field(default_factory=dict)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count one row."""
        self.totals[row.kind][row.comparison.verdict] += 1
        for article in row.comparison.better:
            self.articles.setdefault(article, Counter())["gain"] += 1
        for article in row.comparison.worse:
            self.articles.setdefault(article, Counter())["lose"] += 1
        if row.after is not None:
            self.moves[row.before.outcome, row.after.outcome] += 1

    def to_json(self) -> dict[str, Any]:
        """What a page, the ledger and a proposal keep of it."""
        return {
            "policy": self.policy.id,
            "digest": self.policy.digest,
            "document": self.policy.document,
            "since": self.since.isoformat() if self.since else None,
            "on": self.on.isoformat(),
            "totals": {
                kind: {verdict: counted[verdict] for verdict in VERDICTS} | {"all": counted.total()}
                for kind, counted in self.totals.items()
            },
            "articles": [
                {"article": article, "gain": counted["gain"], "lose": counted["lose"]}
                for article, counted in sorted(self.articles.items(), key=lambda item: -item[1].total())
            ],
            "moves": [
                {"before": before, "after": after, "count": count}
                for (before, after), count in self.moves.most_common()
                if before != after
            ],
        }


def replay(
    *,
    policy: Policy,
    on: date,
    since: date | None = None,
    each: Callable[[Row], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Assess everything again under ``policy``; ``on`` is today.

    ``since`` leaves out what was submitted or identified before. ``each`` receives every row that the policy
    changes, ``progress`` how many of how many are done, after every chunk.
    """
    report = Report(policy, since, on)
    tried = _Tried(policy, list(recorded_rules(on)))
    cases, records = _cases(), _records(since)
    total, done = cases.count() + records.count(), 0
    for kind in (_case_rows(cases, tried, since), _record_rows(records, tried, on)):
        for size, rows in kind:
            for row in rows:
                report.add(row)
                if each and row.comparison.verdict != SAME:
                    each(row)
            done += size
            if progress:
                progress(done, total)
    return report


class _Tried:
    """The policy that is tried, with the implementing rules laid over it that are based on it."""

    def __init__(self, policy: Policy, rules: list[ImplementingRules]) -> None:
        self._policy = policy
        self._rules: dict[int, list[ImplementingRules]] = {}
        for row in rules:
            self._rules.setdefault(row.unit_id, []).append(row)

    def answer(self, unit: int, facts: Facts, on: date) -> Answer | None:
        """None where the policy has no such severity."""
        try:
            return answer_of(assess(facts, lay_over(self._policy, self._rules.get(unit, ())), on))
        except InputError:
            return None


Chunk = tuple[int, list[Row]]


def _cases() -> QuerySet[RepairCase]:
    return RepairCase.objects.exclude(submitted_at=None)


def _records(since: date | None) -> QuerySet[DishonestyRecord]:
    """Records that are not repaired."""
    recent = Q(identified_on__gte=since) if since else Q()
    return DishonestyRecord.objects.filter(recent, annotation=None)


def _case_rows(cases: QuerySet[RepairCase], tried: _Tried, since: date | None) -> Iterator[Chunk]:
    for chunk in _chunks(cases.select_related("record__subject", "record__identifying_unit")):
        submissions = StoredAssessment.objects.filter(
            case__in=chunk, stage=StoredAssessment.Stage.SUBMISSION
        ).order_by("id")
        # Of several submissions the last one stays.
        latest = {stored.case_id: stored for stored in submissions}
        rows = []
        for case in chunk:
            stored = latest.get(case.pk)
            if stored is None or (since and stored.on < since):
                continue
            before = stored_answer(stored.assessment, policy_by_digest(stored.policy_version).document)
            after = tried.answer(case.record.identifying_unit_id, Facts.from_json(stored.facts), stored.on)
            rows.append(_row(CASE, case.number, case.record, stored.on, stored.policy, before, after))
        yield len(chunk), rows


def _record_rows(records: QuerySet[DishonestyRecord], tried: _Tried, on: date) -> Iterator[Chunk]:
    listed = records.select_related("subject", "identifying_unit").only(*RECORD_FIELDS)
    for chunk in _chunks(listed.prefetch_related("obligations")):
        policies = policies_in_force(on=on, units=[record.identifying_unit_id for record in chunk])
        rows = []
        for record in chunk:
            facts = Facts.from_json({**base_facts(record), **NO_GROUND})
            policy = policies[record.identifying_unit_id]
            before = answer_of(assess(facts, policy, on))
            after = tried.answer(record.identifying_unit_id, facts, on)
            rows.append(_row(RECORD, record.reference, record, on, policy.id, before, after))
        yield len(chunk), rows


def _row(
    kind: str,
    reference: str,
    record: DishonestyRecord,
    on: date,
    policy_before: str,
    before: Answer,
    after: Answer | None,
) -> Row:
    return Row(
        kind=kind,
        reference=reference,
        subject=record.subject.public_name,
        unit=record.identifying_unit.name,
        severity=record.severity,
        on=on,
        policy_before=policy_before,
        before=before,
        after=after,
        comparison=Comparison(SILENT) if after is None else compare(before, after, on),
    )


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """By primary key, a query a chunk: nothing stays open between them."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


# -- The list of those who are affected

COLUMNS: Final = (
    gettext_lazy("类别"),
    gettext_lazy("编号"),
    gettext_lazy("信用主体"),
    gettext_lazy("认定单位"),
    gettext_lazy("严重程度"),
    gettext_lazy("评估日期"),
    gettext_lazy("原依据"),
    gettext_lazy("原结论"),
    gettext_lazy("原最早申请日"),
    gettext_lazy("新结论"),
    gettext_lazy("新最早申请日"),
    gettext_lazy("影响"),
    gettext_lazy("有利的条款"),
    gettext_lazy("不利的条款"),
)


class AffectedList:
    """The CSV of those whom the policy would affect, for a spreadsheet."""

    def __init__(self, file: IO[str]) -> None:
        self._table = CsvTable(file, COLUMNS)
        self.rows = 0

    def add(self, row: Row) -> None:
        """One line."""
        self._table.add(_cells(row))
        self.rows += 1


def _cells(row: Row) -> tuple[str, ...]:
    before, after, comparison = row.before, row.after, row.comparison
    return (
        str(KINDS[row.kind]),
        row.reference,
        row.subject,
        row.unit,
        SEVERITIES[row.severity],
        row.on.isoformat(),
        row.policy_before,
        OUTCOMES[before.outcome],
        before.earliest_on.isoformat() if before.earliest_on else "",
        OUTCOMES[after.outcome] if after else "",
        after.earliest_on.isoformat() if after and after.earliest_on else "",
        str(VERDICTS[comparison.verdict]),
        "；".join(comparison.better),
        "；".join(comparison.worse),
    )
