"""The one writer of a case's status.

``turn`` opens a step of rules/procedure.py and, when its body has done what is special to the step, writes
all that the table says follows: status, event, clocks, message. Everything is one transaction. Nothing else
in the project assigns a status: not the admin, not a task, not a signal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.deadlines.selectors import calendar
from applications.deadlines.services import cancel_deadlines, meet_deadline, start_deadline
from applications.documents.models import Document
from applications.documents.services import issue_document
from applications.ledger.locking import for_update, lock_chain
from applications.ledger.services import record_event
from applications.records.services import annotate_and_withdraw
from applications.repairs import access, messages
from applications.repairs.assessing import clock_article, policy_of
from applications.repairs.models import Commitment, RepairCase
from applications.repairs.sharing import decision_payload
from applications.sharing.services import enqueue
from rules.procedure import CLOCK_LABELS, Clock, IllegalAction, Step, find_step
from rules.workdays import Due

# Machines' clocks are not all alike, and a step may have waited for the one before.
CLOCKS_DIFFER = timedelta(minutes=5)


class NotAllowed(Exception):
    """The person has no part in this step. Pages answer as if the case did not exist."""


class StaleCase(Exception):
    """The case has moved on since the page was opened. The message says how it stands now."""


class NotReady(Exception):
    """The step needs something that is missing. ``problems`` are sentences for the person who acts."""

    def __init__(self, *problems: str) -> None:
        super().__init__("".join(problems))
        self.problems = problems


@dataclass
class Turn:
    """A step under way. The body fills ``changes`` (fields of the case) and ``payload`` (of the event)."""

    case: RepairCase
    step: Step
    actor: User | None
    at: datetime
    changes: dict[str, Any] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    # The day from which a clock that this step starts is counted, where that is not today.
    clock_start: date | None = None
    # Which clock of a kind a step answers, where there can be several.
    answered_round: int | None = None
    # The day on which it was answered, where the portal hears of that only now.
    answered_on: date | None = None
    # Who answered for the case before this step, and goes on with it while it is that person's turn.
    officer_id: int | None = None
    # Whether the applicant is not told of this step, although the table says so.
    untold: bool = False

    @cached_property
    def on(self) -> date:
        return localdate(self.at)

    def legal_days(self, clock: str) -> tuple[int, str]:
        """The working days of a clock under the case's policy, and the article; NotReady where none is known."""
        policy = policy_of(self.case, self.on)
        working_days = policy.clocks[clock].working_days
        if working_days is None:
            raise NotReady(f"现行规则没有写明“{CLOCK_LABELS[Clock(clock)]}”的期限，请先完善规则。")
        return working_days, clock_article(policy, clock)

    def due(self, clock: str, start: date) -> Due:
        """When a clock that starts on a day ends, for the letters that say so."""
        return calendar(self.case.organ.region).due(start, self.legal_days(clock)[0])

    def issue(self, kind: str, content: dict[str, Any]) -> Document:
        """Issue one of the documents that the table names for this step."""
        document = issue_document(
            kind=kind,
            organ=self.case.organ,
            about=self.case.number,
            addressee=self.case.record.subject.name,
            content=content,
            at=self.at,
            issued_by=self.actor,
        )
        self.documents[kind] = document
        self.payload.setdefault("documents", {})[kind] = document.number
        return document


@contextmanager
def turn(
    *, case: RepairCase, action: str, actor: User | None, at: datetime, version: int | None = None
) -> Iterator[Turn]:
    """Take one step of the procedure. The case itself is read anew; record, organ and applicant that were read with
    ``case`` are not.

    ``version`` is the one that the page showed; None where there was no page. Raises NotAllowed, IllegalAction
    (the table has no such row), StaleCase (another step came first) or NotReady (``at`` lies before what was done
    last, so that a clock would be set back) before the body runs; whatever the body raises undoes everything.
    """
    with transaction.atomic():
        # Before the row, in the same order as whoever records the platform's receipt.
        lock_chain(case.number)
        case = _locked(case)
        try:
            step = find_step(case.status, action)
        except IllegalAction as illegal:
            if version is not None and version != case.version:
                raise StaleCase(messages.stale(case)) from illegal
            raise
        if not access.may_act(actor, step.role, case):
            raise NotAllowed(f"{action} of {case} needs the role {step.role}")
        if version is not None and version != case.version:
            raise StaleCase(messages.stale(case))
        if at < case.edited_at - CLOCKS_DIFFER:
            raise NotReady(messages.set_back(case, at))
        now = Turn(case=case, step=step, actor=actor, at=at)
        yield now
        _finish(now)


_TAKEN_OVER = frozenset({"record", "organ", "applicant", "commitment"})


def _locked(known: RepairCase) -> RepairCase:
    """The case's row, locked. What belongs to it and never changes hands is taken over from the caller's object."""
    # Written out: putting this row into a query takes Django longer than all the rest of reading it.
    case: RepairCase = RepairCase.objects.raw(
        f"SELECT * FROM repairs_repaircase WHERE id = %s{for_update()}", [known.pk]
    )[0]
    read = known._state.fields_cache
    case._state.fields_cache.update({name: read[name] for name in _TAKEN_OVER & read.keys()})
    return case


def _finish(now: Turn) -> None:
    case, step = now.case, now.step
    if set(now.documents) != set(step.documents):
        raise AssertionError(f"{step.action} must issue {step.documents}, not {tuple(now.documents)}")
    # The row is locked since its status and version were looked at, so nobody else has written it.
    case.status = step.target.value
    case.version, case.edited_at = case.version + 1, now.at
    for name, value in now.changes.items():
        setattr(case, name, value)
    case.save(update_fields=["status", "version", "edited_at", *now.changes])
    record_event(
        chain=case.number,
        verb=step.event,
        at=now.at,
        actor=now.actor,
        role=step.role,
        organ=case.organ if step.role not in ("applicant", "system") else None,
        payload={"from": step.source, "to": step.target, **now.payload},
    )
    for clock in step.meets:
        met = meet_deadline(
            case_number=case.number, kind=clock, on=now.answered_on or now.on, round=now.answered_round
        )
        now.officer_id = next((each.officer_id for each in met if each.officer_id), now.officer_id)
    if step.cancels_all:
        cancel_deadlines(case_number=case.number, on=now.on)
    if step.annotates:
        annotate_and_withdraw(
            record=case.record,
            case_number=case.number,
            decision_number=case.decision_number,
            organ=case.organ,
            decided_on=now.on,
            at=now.at,
            actor=now.actor,
        )
    if step.publishes:
        _publish_commitment(case, now.at)
    rounds = {Clock.ACCEPTANCE: case.round, Clock.DECISION: 1, Clock.OBJECTION: 1}
    if step.shares:
        delivery = enqueue(
            kind="repair_decision", stream=case.number, payload=decision_payload(case, at=now.at), at=now.at
        )
        rounds[Clock.SHARING] = delivery.position
    for clock in step.starts:
        working_days, article = now.legal_days(clock)
        start_deadline(
            kind=clock,
            organ=case.organ,
            case_number=case.number,
            link=reverse("admin:repairs_repaircase_change", args=[case.pk]),
            round=rounds[clock],
            started_on=now.clock_start or now.on,
            today=now.on,
            officer=_still_their_turn(now),
            working_days=working_days,
            article=article,
        )
    if step.tells and not now.untold:
        messages.tell_applicant(case=case, step=step, documents=now.documents, at=now.at)


def _publish_commitment(case: RepairCase, at: datetime) -> None:
    """What was promised becomes public with the repair, if its signatory agreed to that (Articles 4, 5 and 15)."""
    commitment: Commitment | None = getattr(case, "commitment", None)
    if commitment is not None and commitment.publication_consent:
        commitment.published_at = at
        commitment.save(update_fields=["published_at"])


def _still_their_turn(now: Turn) -> User | None:
    """Whoever answered for the case, if the next clock is that person's to answer too."""
    if now.officer_id is None:
        return None
    officer = User.objects.get(pk=now.officer_id)
    return officer if access.may_handle(officer, now.case) else None
