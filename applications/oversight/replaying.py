"""Replay: every case and record assessed again under another policy, compared with what was said before.

A case: the facts of its latest submission, on the day of that submission, against the stored answer.
A record that is not repaired: what the register knows of it, today, against the policy in force today; what
only an applicant could state stays unknown in both. Read in windows of keys, so that a million rows need no memory
and no long transaction, and several processes can share them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from typing import IO, Any, Final, NamedTuple

from django.db import connections
from django.db.models import Max, Min, Q
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
from applications.records.models import DishonestyRecord, Obligation
from applications.records.selectors import SAYS, facts_of
from applications.repairs.models import RepairCase, StoredAssessment
from applications.spreadsheets import CsvTable
from rules.eligibility import OUTCOMES, assess
from rules.errors import InputError
from rules.exclusions import NO_GROUND
from rules.facts import SEVERITIES, Facts
from rules.policy import Policy

# Keys in it, of which some may be of no row.
WINDOW: Final = 1000
CASE, RECORD = "case", "record"
KINDS: Final = {CASE: gettext_lazy("申请"), RECORD: gettext_lazy("失信行为信息")}
NAMES: Final = ("subject", "identifying_unit")


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
class Counts:
    """`totals` counts verdicts by kind, `articles` gains and losses by article, `moves` the pairs of outcomes before and
    after."""

    totals: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    articles: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, kind: str, before: Answer, after: Answer | None, comparison: Comparison) -> None:
        """Count one case or record."""
        self.totals[kind][comparison.verdict] += 1
        for article in comparison.better:
            self.articles[article]["gain"] += 1
        for article in comparison.worse:
            self.articles[article]["lose"] += 1
        if after is not None:
            self.moves[before.outcome, after.outcome] += 1

    def join(self, others: Counts) -> None:
        """Count what was counted elsewhere."""
        for kind, counted in others.totals.items():
            self.totals[kind] += counted
        for article, counted in others.articles.items():
            self.articles[article] += counted
        self.moves += others.moves


@dataclass
class Report:
    """The sum of a replay."""

    policy: Policy
    since: date | None
    on: date
    counts: Counts = field(default_factory=Counts)

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
                for kind, counted in self.counts.totals.items()
            },
            "articles": [
                {"article": article, "gain": counted["gain"], "lose": counted["lose"]}
                for article, counted in sorted(
                    self.counts.articles.items(), key=lambda item: -item[1].total()
                )
            ],
            "moves": [
                {"before": before, "after": after, "count": count}
                for (before, after), count in self.counts.moves.most_common()
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
    processes: int = 1,
) -> Report:
    """Assess everything again under ``policy``; ``on`` is today.

    ``since`` leaves out what was submitted or identified before. ``each`` receives every row that the policy
    changes, ``progress`` how many of how many are done, after every window. With several ``processes`` each has a
    connection of its own, and the caller must have no transaction open.
    """
    report = Report(policy, since, on)
    work = _Work(_Tried(policy, list(recorded_rules(on))), on, since, named=each is not None)
    total, done = work.cases.count() + work.records.count(), 0
    for size, window in _worked(work, processes):
        report.counts.join(window.counts)
        for row in window.changed:
            assert each is not None
            each(row)
        done += size
        if progress:
            progress(done, total)
    return report


class _Done(NamedTuple):
    """Of one window: what was counted, and which rows the policy changes, where somebody asks."""

    counts: Counts
    changed: list[Row]


def _worked(work: _Work, processes: int) -> Iterator[tuple[int, _Done]]:
    """Of each window in turn how many rows there were, and what came of them."""
    windows = list(work.windows())
    if processes == 1:
        yield from map(work.window, windows)
        return
    # A forked process must not speak on its parent's connection.
    connections.close_all()
    with ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin, initargs=(work,)) as pool:
        yield from pool.map(_window, windows)


def _begin(work: _Work) -> None:
    """In a process of the pool."""
    global _of_process
    _of_process = work


_of_process: _Work


def _window(window: tuple[str, int]) -> tuple[int, _Done]:
    return _of_process.window(window)


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


class _Work:
    """Everything that is assessed again, and how. A window is a kind, and the key behind which it begins."""

    def __init__(self, tried: _Tried, on: date, since: date | None, *, named: bool) -> None:
        self._tried, self._on, self._since, self._named = tried, on, since, named
        self.cases = RepairCase.objects.exclude(submitted_at=None)
        # Records that are not repaired.
        recent = Q(identified_on__gte=since) if since else Q()
        self.records = DishonestyRecord.objects.filter(recent, annotation=None)

    def windows(self) -> Iterator[tuple[str, int]]:
        for kind, rows in ((CASE, self.cases), (RECORD, self.records)):
            keys = rows.aggregate(first=Min("pk"), last=Max("pk"))
            if keys["first"] is not None:
                yield from ((kind, start) for start in range(keys["first"] - 1, keys["last"], WINDOW))

    def window(self, window: tuple[str, int]) -> tuple[int, _Done]:
        kind, start = window
        done = _Done(Counts(), [])
        of_window = Q(pk__gt=start, pk__lte=start + WINDOW)
        size = self._cases(of_window, done) if kind == CASE else self._records(of_window, done)
        return size, done

    def _cases(self, of_window: Q, done: _Done) -> int:
        names = [f"record__{name}" for name in NAMES] if self._named else ["record"]
        listed = self.cases.filter(of_window).select_related(*names)
        cases = list(listed.order_by("pk"))
        submissions = StoredAssessment.objects.filter(
            case__in=cases, stage=StoredAssessment.Stage.SUBMISSION
        ).order_by("id")
        # Of several submissions the last one stays.
        latest = {stored.case_id: stored for stored in submissions}
        for case in cases:
            stored = latest.get(case.pk)
            if stored is None or (self._since and stored.on < self._since):
                continue
            before = stored_answer(stored.assessment, policy_by_digest(stored.policy_version).document)
            facts = Facts.from_json(stored.facts)
            after = self._tried.answer(case.record.identifying_unit_id, facts, stored.on)
            changed = self._count(done, CASE, stored.on, before, after)
            if changed and self._named:
                self._note(
                    done, CASE, case.number, case.record, stored.on, stored.policy, before, after, changed
                )
        return len(cases)

    def _records(self, of_window: Q, done: _Done) -> int:
        # Rows of columns: a million objects of the model take longer to make than the rules take.
        columns = (
            self.records.filter(of_window)
            .order_by("pk")
            .values_list("pk", "identifying_unit", *SAYS, named=True)
        )
        records, on = list(columns), self._on
        duties: dict[int, list[tuple[str, str, date | None]]] = defaultdict(list)
        if records:
            of_records = Obligation.objects.filter(
                record__gte=records[0].pk, record__lte=records[-1].pk
            ).order_by("pk")
            for key, name, source, fulfilled_on in of_records.values_list(
                "record", "name", "source", "fulfilled_on"
            ):
                duties[key].append((name, source, fulfilled_on))
        policies = policies_in_force(on=on, units=[record.identifying_unit for record in records])
        found = {}
        for record in records:
            facts = Facts.from_json({**facts_of(record, duties.get(record.pk, ())), **NO_GROUND})
            policy = policies[record.identifying_unit]
            before = answer_of(assess(facts, policy, on))
            after = self._tried.answer(record.identifying_unit, facts, on)
            if changed := self._count(done, RECORD, on, before, after):
                found[record.pk] = policy.id, before, after, changed
        if self._named:
            # Whose they are is asked only where it will be said.
            changed_records = DishonestyRecord.objects.select_related(*NAMES).in_bulk(found)
            for key, (policy_before, before, after, changed) in found.items():
                whose = changed_records[key]
                self._note(done, RECORD, whose.reference, whose, on, policy_before, before, after, changed)
        return len(records)

    @staticmethod
    def _count(done: _Done, kind: str, on: date, before: Answer, after: Answer | None) -> Comparison | None:
        """The comparison, where something changes."""
        comparison = Comparison(SILENT) if after is None else compare(before, after, on)
        done.counts.add(kind, before, after, comparison)
        return comparison if comparison.verdict != SAME else None

    @staticmethod
    def _note(
        done: _Done,
        kind: str,
        reference: str,
        record: DishonestyRecord,
        on: date,
        policy_before: str,
        before: Answer,
        after: Answer | None,
        comparison: Comparison,
    ) -> None:
        row = Row(
            kind=kind,
            reference=reference,
            subject=record.subject.public_name,
            unit=record.identifying_unit.name,
            severity=record.severity,
            on=on,
            policy_before=policy_before,
            before=before,
            after=after,
            comparison=comparison,
        )
        done.changed.append(row)


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
