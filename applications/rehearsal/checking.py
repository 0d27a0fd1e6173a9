"""Comparing what the portal has written with what must have followed by law from the steps that were taken."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from applications.deadlines.models import Deadline, Escalation
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.notifications.models import ALWAYS, Message
from applications.rehearsal.expecting import LENGTHS, Clock, Expectation, Key, Level
from applications.rehearsal.journal import Journal
from applications.repairs.models import RepairCase
from applications.repairs.services.queues import check_queues
from applications.sharing.models import Delivery

_FETCH = 5_000


@dataclass
class Report:
    """``counts``: heading → {label: number}. ``differences``: sentences, none if all is as the law says."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


def check(*, journal: Journal, at: datetime, sweeps_missed: bool = False) -> Report:
    """Compare every clock, escalation, message, delivery and state; ``at`` is the rehearsal's last moment.

    Where sweeps were missed, a reminder of what has been answered meanwhile is written down and reaches nobody,
    and none is written for a day on which the clock had been met already.
    """
    expected = Expectation(journal)
    report = Report(differences=list(journal.faults))
    differ = report.differences.append
    clocks = _clocks(expected, report)
    escalations = _escalations(expected, clocks, report, sweeps_missed)
    _escalation_messages(escalations, differ)
    _applicants_messages(expected, differ)
    _events(expected, differ)
    _states(expected, report)
    _deliveries(expected, report)
    report.differences += check_queues(at=at)
    verified = verify_ledger(at=at)
    if verified.broken:
        differ(verified.broken)
    report.counts["台账"] = {"事件": verified.events, "卷宗": verified.chains, "链头": verified.heads}
    return report


def _clocks(expected: Expectation, report: Report) -> dict[int, Key]:
    """Every clock there must be, and no other; returns the key of each by its row's id."""
    missing = dict(expected.clocks)
    keys: dict[int, Key] = {}
    for row in Deadline.objects.order_by("pk").iterator(chunk_size=_FETCH):
        key = Key(row.case_number, row.kind, row.round)
        keys[row.pk] = key
        clock = missing.pop(key, None)
        if clock is None:
            report.differences.append(f"{_name(key)}：不应有这个期限")
            continue
        for label, want, have in _facts(key, clock, row):
            if want != have:
                report.differences.append(f"{_name(key)}：{label}应为{want}，实为{have}")
    report.differences += [f"{_name(key)}：缺少这个期限" for key in missing]
    for key, clock in expected.clocks.items():
        counted = report.counts.setdefault(f"期限·{Deadline.Kind(key.kind).label}", _no_clocks())
        counted[_standing(clock)] += 1
    return keys


def _facts(key: Key, clock: Clock, row: Deadline) -> list[tuple[str, Any, Any]]:
    length, article = LENGTHS[key.kind]
    days = tuple(day.date for day in row.explanation if day.counted)
    return [
        ("起算日", clock.started_on, row.started_on),
        ("工作日数", length, row.working_days),
        ("条款", article, row.article),
        ("届满日", clock.due_on, row.due_on),
        ("暂定", clock.provisional, row.provisional),
        ("计算过程", clock.counted, days),
        ("办结日", clock.met_on, row.met_on),
        ("终止日", clock.cancelled_on, row.cancelled_on),
        ("逾期起始日", clock.breached_on, row.breached_on),
        ("逾期工作日", clock.days_late, row.days_late),
        ("责任机构", clock.organ, row.organ_id),
    ]


def _no_clocks() -> dict[str, int]:
    return dict.fromkeys(("按期办结", "逾期办结", "终止", "在办未到期", "在办已逾期"), 0)


def _standing(clock: Clock) -> str:
    if clock.cancelled_on:
        return "终止"
    if clock.met_on:
        return "逾期办结" if clock.breached_on else "按期办结"
    return "在办已逾期" if clock.breached_on else "在办未到期"


def _escalations(
    expected: Expectation, keys: dict[int, Key], report: Report, sweeps_missed: bool
) -> dict[int, tuple[str, frozenset[int]]]:
    """Each level that was reached exactly once; returns who must have been told of it, by its row's id."""
    raised: dict[Key, list[tuple[Level, int, int]]] = defaultdict(list)
    rows = Escalation.objects.values_list("pk", "deadline_id", "level", "on", "recipients")
    for pk, deadline_id, level, on, recipients in rows.iterator(chunk_size=_FETCH):
        raised[keys[deadline_id]].append((Level(level, on), pk, recipients))
    told: dict[int, tuple[str, frozenset[int]]] = {}
    counted = dict.fromkeys((str(label) for label in Escalation.Level.labels), 0)
    for key, clock in expected.clocks.items():
        times = Counter(step for step, _, _ in raised[key])
        for step in clock.levels.keys() | times.keys():
            label, want = str(Escalation.Level(step.level).label), int(step in clock.levels)
            counted[label] += times[step]
            if sweeps_missed and not times[step] and clock.stopped_on and step.on > clock.stopped_on:
                clock.levels.pop(step)
            elif times[step] != want:
                report.differences.append(
                    f"{_name(key)}：{step.on}的“{label}”应有{want}次，实有{times[step]}次"
                )
        for step, pk, recipients in raised[key]:
            people = clock.levels.get(step, frozenset[int]())
            if sweeps_missed and not recipients and clock.stopped_on and step.on <= clock.due_on:
                people = frozenset()
            told[pk] = f"{_name(key)} {step.on}", people
            if recipients != len(people):
                report.differences.append(f"{told[pk][0]}：应通知{len(people)}人，实际通知{recipients}人")
    report.counts["提醒与上报"] = counted
    return told


def _escalation_messages(escalations: dict[int, tuple[str, frozenset[int]]], differ: Any) -> None:
    """Everybody who had to be told has one message in the inbox and one e-mail of each escalation."""
    sent: dict[int, Counter[tuple[int, str]]] = defaultdict(Counter)
    rows = Message.objects.filter(key__startswith="escalation-").values_list("key", "recipient_id", "channel")
    for key, person, channel in rows.iterator(chunk_size=_FETCH):
        sent[int(key.partition("/")[0].removeprefix("escalation-"))][person, channel] += 1
    for pk in escalations.keys() | sent.keys():
        name, people = escalations.get(pk, (f"提醒{pk}", frozenset()))
        want = Counter({(person, channel): 1 for person in people for channel in ALWAYS})
        if sent[pk] != want:
            differ(f"{name}：消息应为{dict(want)}，实为{dict(sent[pk])}")


def _applicants_messages(expected: Expectation, differ: Any) -> None:
    sent: Counter[tuple[str, str]] = Counter()
    applicants = {number: applicant for number, (_, applicant) in expected.journal.cases.items()}
    rows = Message.objects.exclude(about="").values_list("about", "recipient_id", "channel")
    for about, person, channel in rows.iterator(chunk_size=_FETCH):
        if applicants.get(about) == person:
            sent[about, channel] += 1
    moves: Counter[str] = Counter()
    for key, clock in expected.clocks.items():
        moves[key.case_number] += len(clock.moves)
    for number, steps in expected.told.items():
        for channel in ALWAYS:
            # A clock that a new calendar moves is told of in the inbox alone.
            want = steps + (moves[number] if channel == Message.Channel.INBOX else 0)
            if sent[number, channel] != want:
                differ(f"{number}：申请人应收到{want}条消息，{channel}实有{sent[number, channel]}条")


def _events(expected: Expectation, differ: Any) -> None:
    """A line in the archive of every breach and of every move of a clock."""
    found: Counter[tuple[str, ...]] = Counter()
    rows = Event.objects.filter(verb__in=("deadline.breached", "deadline.moved"))
    for chain, verb, payload in rows.values_list("chain", "verb", "payload").iterator(chunk_size=_FETCH):
        days = (payload["from"], payload["to"]) if verb == "deadline.moved" else ()
        found[verb, chain, payload["clock"], str(payload["round"]), *days] += 1
    want: Counter[tuple[str, ...]] = Counter()
    for (number, kind, round), clock in expected.clocks.items():
        for old, new in clock.moves:
            want["deadline.moved", number, kind, str(round), str(old), str(new)] += 1
        breaches = sum(level.level == "breach" for level in clock.levels)
        if breaches:
            want["deadline.breached", number, kind, str(round)] = breaches
    for line in found.keys() | want.keys():
        if found[line] != want[line]:
            differ(f"{line[1]}：台账中的{line[0]}{line[2:]}应有{want[line]}条，实有{found[line]}条")


def _states(expected: Expectation, report: Report) -> None:
    labels = dict(RepairCase._meta.get_field("status").flatchoices)
    counted: Counter[str] = Counter()
    found = dict(RepairCase.objects.values_list("number", "status"))
    for number in expected.states.keys() | found.keys():
        want, have = expected.states.get(number, "draft"), found.get(number)
        counted[str(labels.get(have, have))] += 1
        if want != have:
            report.differences.append(f"{number}：状态应为{want}，实为{have}")
    report.counts["办件"] = dict(counted)


def _deliveries(expected: Expectation, report: Report) -> None:
    """Every decision is one delivery, and the platform's receipt of it is recorded."""
    shared = {
        (key.case_number, key.round): clock.met_on
        for key, clock in expected.clocks.items()
        if key.kind == "sharing"
    }
    counted: Counter[str] = Counter()
    found: Counter[tuple[str, int]] = Counter()
    for row in Delivery.objects.order_by("stream", "position").iterator(chunk_size=_FETCH):
        place = row.stream, row.position
        found[place] += 1
        counted[str(Delivery.Status(row.status).label)] += 1
        if (row.status == Delivery.Status.DELIVERED) != (shared.get(place) is not None):
            report.differences.append(
                f"{row}：平台{'已' if shared.get(place) else '没有'}签收，推送状态为{row.get_status_display()}"
            )
    for place in shared.keys() | found.keys():
        if found[place] != int(place in shared):
            report.differences.append(
                f"{place[0]}第{place[1]}次决定：应有{int(place in shared)}条推送，实有{found[place]}条"
            )
    report.counts["共享推送"] = dict(counted)


def _name(key: Key) -> str:
    return f"{key.case_number} {Deadline.Kind(key.kind).label}（第{key.round}次）"
