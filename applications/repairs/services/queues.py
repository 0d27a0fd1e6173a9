"""The nightly proof that no case is lost between two desks: its state, its queue and its running clocks agree."""

import logging
from collections import Counter
from collections.abc import Iterable, Set
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from applications.deadlines.models import RUNNING, Deadline
from applications.notifications.findings import report_findings
from applications.notifications.links import link_to
from applications.repairs.due_days import write_due_day
from applications.repairs.models import RepairCase, Review
from applications.sharing.models import Delivery
from rules.procedure import CLOCK_LABELS, STATE_LABELS, STATES, TABLE, Clock, State

log = logging.getLogger(__name__)

# The clock that runs while a case is in a state; in every other state none does but that of sharing.
OWED = {state: entry.owes for state, entry in STATES.items() if entry.owes}
# The clocks that the steps of a case start; others time other things.
OF_CASES = {clock for step in TABLE for clock in step.starts}

# (clock, number of the decision that is to be shared, else 0) → how many.
_Clocks = Counter[tuple[str, int]]


def check_queues(*, at: datetime) -> list[str]:
    """Compare every case with its queue, its clocks and its due day; return what is wrong, as sentences.

    Called every night by beat, and by the management command. Each difference is logged as an error, and the
    system administrators get one message about all of a day. It costs what is open, not what exists.
    """
    wrong = _unqueued() | _misclocked()
    # Where the clocks themselves are wrong nobody knows the day.
    found = (
        [sentence for said in wrong.values() for sentence in said] + _misdated(wrong.keys()) + _misreviewed()
    )
    report_findings(
        log=log,
        kind="queues",
        subject=_("夜间核对发现%(count)d处不一致") % {"count": len(found)},
        found=found,
        link=link_to("repaircases"),
        at=at,
    )
    return found


def _unqueued() -> dict[str, list[str]]:
    """Cases of a state that the procedure does not have, which no queue shows: by number, what is wrong."""
    lost = RepairCase.objects.exclude(status__in=STATES).order_by("number")
    return {
        number: [
            _("%(case)s的状态“%(status)s”不在办理程序中，没有任何队列。") % {"case": number, "status": status}
        ]
        for number, status in lost.values_list("number", "status")
    }


def _misclocked() -> dict[str, list[str]]:
    """The same of cases whose running clocks are not those that their state and their deliveries ask for."""
    wanted = _wanted(
        RepairCase.objects.filter(status__in=OWED).values_list("number", "status"),
        _undelivered().values_list("about", "position"),
    )
    running = _running(
        Deadline.objects.filter(RUNNING, kind__in=OF_CASES)
        .order_by()
        .values_list("case_number", "kind", "round")
    )
    suspects = sorted(
        number
        for number in wanted.keys() | running.keys()
        if wanted.get(number, Counter()) != running.get(number, Counter())
    )
    return {number: said for number in suspects if (said := _confirm(number))}


def _misdated(but: Set[str]) -> list[str]:
    """Cases whose row names another due day or officer than their clocks do. The clocks are right, so the row is set by
    them."""
    first: dict[str, tuple[date, int | None]] = {}
    for number, due_on, officer in (
        Deadline.objects.filter(RUNNING).order_by("-due_on").values_list("case_number", "due_on", "officer")
    ):
        first[number] = due_on, officer or first.get(number, (due_on, None))[1]
    dated = RepairCase.objects.filter(Q(due_on__isnull=False) | Q(officer__isnull=False))
    kept = {
        number: (due_on, officer)
        for number, due_on, officer in dated.values_list("number", "due_on", "officer")
    }
    suspects = sorted(
        number for number in (first.keys() | kept.keys()) - but if first.get(number) != kept.get(number)
    )
    return [sentence for number in suspects for sentence in _redate(number)]


@transaction.atomic
def _redate(number: str) -> list[str]:
    """Look at one case again while nobody can take a step in it, as in _confirm."""
    case = RepairCase.objects.select_for_update().filter(number=number).first()
    if case is None:
        # Named among the clocks that point to no case.
        return []
    due_before, officer_before = case.due_on, case.officer
    write_due_day(case)
    found = []
    if case.due_on != due_before:
        found.append(
            _("%(case)s的截止日记为%(kept)s，按期限应为%(due)s，已更正。")
            % {"case": number, "kept": due_before or _("无"), "due": case.due_on or _("无")}
        )
    if case.officer != officer_before:
        found.append(
            _("%(case)s的承办人记为%(kept)s，按期限应为%(officer)s，已更正。")
            % {"case": number, "kept": officer_before or _("无"), "officer": case.officer or _("无")}
        )
    return found


def _misreviewed() -> list[str]:
    """Open cases whose row names another reviewer than their latest review does: set by the review."""
    latest = Subquery(Review.objects.filter(case=OuterRef("pk")).order_by("-pk").values("reviewer")[:1])
    examined = RepairCase.objects.filter(status__in=[State.UNDER_REVIEW, State.OBJECTING])
    wrong = examined.annotate(latest=latest).exclude(
        Q(reviewed_by=F("latest")) | Q(reviewed_by=None, latest=None)
    )
    return [sentence for case in wrong.order_by("number") for sentence in _rename_reviewer(case.number)]


@transaction.atomic
def _rename_reviewer(number: str) -> list[str]:
    """Look at one case again while nobody can take a step in it, as in _confirm."""
    case = RepairCase.objects.select_for_update().get(number=number)
    review, before = case.reviews.last(), case.reviewed_by
    case.reviewed_by = review.reviewer if review else None
    if case.reviewed_by == before:
        return []
    case.save(update_fields=["reviewed_by"])
    return [
        _("%(case)s的审查人记为%(kept)s，按审查意见应为%(reviewer)s，已更正。")
        % {"case": number, "kept": before or _("无"), "reviewer": case.reviewed_by or _("无")}
    ]


@transaction.atomic
def _confirm(number: str) -> list[str]:
    """Look at one case again while nobody can take a step in it: the lists above were not read at one moment."""
    case = RepairCase.objects.select_for_update().filter(number=number).first()
    if case is None:
        return [_("期限或推送指向不存在的办件%(case)s。") % {"case": number}]
    wanted = _wanted(
        [(number, case.status)] if case.status in OWED else [],
        _undelivered().filter(about=number).values_list("about", "position"),
    ).get(number, Counter())
    running = _running(
        Deadline.objects.filter(RUNNING, kind__in=OF_CASES, case_number=number).values_list(
            "case_number", "kind", "round"
        )
    ).get(number, Counter())
    label = STATE_LABELS.get(State(case.status)) if case.status in {*State} else case.status
    return [
        _("%(case)s（%(state)s）的“%(clock)s”期限应有%(wanted)d个在进行，实有%(running)d个。")
        % {
            "case": number,
            "state": label,
            "clock": CLOCK_LABELS[Clock(kind)]
            + (_("（第%(position)s次决定）") % {"position": position} if position else ""),
            "wanted": wanted[kind, position],
            "running": running[kind, position],
        }
        for kind, position in sorted(wanted.keys() | running.keys())
        if wanted[kind, position] != running[kind, position]
    ]


def _undelivered() -> QuerySet[Delivery]:
    left = [status for status in Delivery.Status.values if status != Delivery.Status.DELIVERED]
    return Delivery.objects.filter(kind="repair_decision", status__in=left)


def _wanted(states: Iterable[tuple[str, str]], undelivered: Iterable[tuple[str, int]]) -> dict[str, _Clocks]:
    wanted: dict[str, _Clocks] = {}
    for number, status in states:
        wanted.setdefault(number, Counter())[OWED[State(status)], 0] += 1
    for number, position in undelivered:
        wanted.setdefault(number, Counter())[Clock.SHARING, position] += 1
    return wanted


def _running(clocks: Iterable[tuple[str, str, int]]) -> dict[str, _Clocks]:
    running: dict[str, _Clocks] = {}
    for number, kind, position in clocks:
        running.setdefault(number, Counter())[kind, position if kind == Clock.SHARING else 0] += 1
    return running
