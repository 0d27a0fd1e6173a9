"""The frame of every step, and the one writer of a case's status.

``take`` opens a step of rules/procedure.py and, when its body has done what is special to the step, writes all
that the table says follows: status, event, clocks, annotation, publication, delivery, message. Everything is
one transaction. Nothing else in the project assigns a status: not the admin, not a task, not a signal. So the whole
procedure runs online, whichever body is asked (Article 10).
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.refusals import noted
from applications.calendars.selectors import calendar
from applications.commitments.services import note_breach, publish_commitment
from applications.database.locking import for_update
from applications.database.rows import the_row
from applications.deadlines.services import cancel_deadlines, meet_deadline, start_deadline
from applications.deadlines.wording import awaiting, marked
from applications.documents.models import Document
from applications.documents.services import issue_document
from applications.language import as_kept, day_and_weekday, to_reader
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.policies.selectors import clock_article
from applications.records.services import annotate_and_withdraw, cancel_annotation
from applications.repairs import access, letters, messages
from applications.repairs.assessing import policy_of
from applications.repairs.due_days import write_due_day
from applications.repairs.errors import REFUSALS, NotAllowed, NotReady, StaleCase
from applications.repairs.locking import locked_filing
from applications.repairs.models import ProofOfService, RepairCase
from applications.repairs.services.inquiries import call_off_inquiries
from applications.repairs.sharing import decision_payload
from applications.sharing.services import enqueue
from rules.procedure import CLOCK_LABELS, OPEN_STATES, Clock, IllegalAction, Role, Step, find_step
from rules.workdays import Due, WorkdayCalendar

# Machines' clocks are not all alike, and a step may have waited for the one before.
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass
class Counting:
    """How a step counts one of its clocks where that is not as of today and for the latest round."""

    # The day from which a clock that the step starts is counted.
    started_on: date | None = None
    # Which clock of the kind the step answers, and the day on which it was answered.
    round: int | None = None
    met_on: date | None = None


@dataclass
class Transition:
    """A step under way. The body fills ``changes`` (fields of the case) and ``payload`` (of the event)."""

    case: RepairCase
    step: Step
    actor: User | None
    at: datetime
    # What the applicant is told, where the table says that the applicant is told.
    message: str | Promise
    # In a text message beside what the step is called: what is asked, or what comes next until when.
    ask: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    counting: dict[Clock, Counting] = field(default_factory=lambda: defaultdict(Counting))
    # Who answered for the case before this step, and goes on with it while it is that person's turn.
    officer_id: int | None = None

    @cached_property
    def on(self) -> date:
        return localdate(self.at)

    @property
    def entered_by_officer(self) -> bool:
        """Whether an officer enters what the applicant's side did at the window or by post (Article 19)."""
        return self.step.role == Role.APPLICANT and self.actor is not None and self.actor.is_staff

    @property
    def said(self) -> dict[str, Any]:
        """What the step's event says."""
        return {"from": self.step.source, "to": self.step.target, **self.payload}

    def legal_days(self, clock: str) -> tuple[int, str]:
        """The working days of a clock under the case's policy, and the article; NotReady where none is known."""
        policy = policy_of(self.case, self.on)
        working_days = policy.clocks[clock].working_days
        if working_days is None:
            with to_reader():
                raise NotReady(
                    _("现行规则没有写明“%(clock)s”的期限，请先完善规则。") % {"clock": _(CLOCK_LABELS[clock])}
                )
        return working_days, clock_article(policy, clock)

    def due(self, clock: str, start: date) -> Due:
        """When a clock that starts on a day ends, for the letters that say so."""
        return self._calendar.due(start, self.legal_days(clock)[0])

    @cached_property
    def _calendar(self) -> WorkdayCalendar:
        return calendar(self.case.organ.region)

    def promised(self, clock: str, start: date) -> dict[str, Any]:
        """What a message says of a clock that starts on a day: who has how many working days, and until when."""
        due = self.due(clock, start)
        return {
            "organ": self.case.organ,
            "days": due.working_days,
            "due": marked(day_and_weekday(due.due_on), due.provisional),
            "awaiting": awaiting(due.due_on) if due.provisional else "",
        }

    def issue(self, kind: str, content: dict[str, Any], *, replaces: Document | None = None) -> Document:
        """Issue one of the documents that the table names for this step, perhaps in place of an earlier one."""
        document = issue_document(
            kind=kind,
            organ=self.case.organ,
            about=self.case.number,
            addressee=self.case.record.subject.name,
            content=content,
            at=self.at,
            issued_by=self.actor,
            replaces=replaces,
        )
        if self.case.filing.reception_id is not None:
            # Nobody gets it by himself who has no account: it waits to be served (services/proofs.py).
            ProofOfService.objects.create(document=document, case=self.case)
        self.documents[kind] = document
        self.payload.setdefault("documents", {})[kind] = document.number
        return document


@contextmanager
def take(
    *,
    case: RepairCase,
    action: str,
    actor: User | None,
    at: datetime,
    message: str | Promise = "",
    version: int | None = None,
) -> Iterator[Transition]:
    """Take one step of the procedure. The case itself and its filing are read anew; record and organ that were read with
    ``case`` are not.

    ``version`` is the one that the page showed; None where there was no page. Raises NotAllowed, IllegalAction
    (the table has no such row), StaleCase (another step came first) or NotReady (``at`` lies before what was done
    last, so that a clock would be set back) before the body runs; whatever the body raises undoes everything. No font
    for a character of a letter is NotReady too.
    """
    refusing = noted(*REFUSALS, act=action, about=case.number)
    with refusing, letters.issuing(), transaction.atomic(), as_kept():
        # Before the row, in the same order as whoever records the platform's receipt.
        lock_chain(case.number)
        under_way = open_step(
            case=_locked(case), action=action, actor=actor, at=at, message=message, version=version
        )
        yield under_way
        _finish(under_way)


def open_step(
    *,
    case: RepairCase,
    action: str,
    actor: User | None,
    at: datetime,
    message: str | Promise,
    version: int | None = None,
) -> Transition:
    """A step of a case that is locked, looked at as ``take`` says."""
    try:
        step = find_step(case.status, action)
    except IllegalAction as illegal:
        if version is not None and version != case.version:
            raise StaleCase(messages.stale(case)) from illegal
        illegal.args = (messages.illegal(case, action),)
        raise
    if not access.may_act(actor, step.role, case):
        if actor is not None and step.role == "applicant":
            access.refuse_former(actor, case.record.subject)
        raise NotAllowed(f"{action} of {case} needs the role {step.role}")
    if version is not None and version != case.version:
        raise StaleCase(messages.stale(case))
    if at < case.edited_at - CLOCKS_DIFFER:
        raise NotReady(messages.set_back(case, at))
    under_way = Transition(case=case, step=step, actor=actor, at=at, message=message)
    if under_way.entered_by_officer and case.filing.reception:
        under_way.payload["channel"] = case.filing.reception.channel
    return under_way


_TAKEN_OVER = frozenset({"record", "organ"})


def _locked(known: RepairCase) -> RepairCase:
    """The case's row and that of its filing, locked. What belongs to it and never changes hands is taken over from the
    caller's object."""
    # Written out: putting this row into a query takes Django longer than all the rest of reading it.
    case = the_row(RepairCase, f"SELECT * FROM repairs_repaircase WHERE id = %s{for_update()}", [known.pk])
    read = known._state.fields_cache
    case._state.fields_cache.update({name: read[name] for name in _TAKEN_OVER & read.keys()})
    case.filing = locked_filing(case)
    return case


def _finish(done: Transition) -> None:
    case, step = done.case, done.step
    if set(done.documents) != set(step.documents):
        raise AssertionError(f"{step.action} must issue {step.documents}, not {tuple(done.documents)}")
    # The row is locked since its status and version were looked at, so nobody else has written it.
    case.status = step.target.value
    case.version, case.edited_at = case.version + 1, done.at
    for name, value in done.changes.items():
        setattr(case, name, value)
    case.save(update_fields=["status", "version", "edited_at", *done.changes])
    record_event(
        chain=case.number,
        verb=step.event,
        at=done.at,
        actor=done.actor,
        role=step.role,
        organ=case.organ if step.role not in ("applicant", "system") or done.entered_by_officer else None,
        payload=done.said,
    )
    if step.annotates:
        annotate_and_withdraw(
            record=case.record,
            case_number=case.number,
            decision_number=case.decision_number,
            organ=case.organ,
            decided_on=done.on,
            at=done.at,
            actor=done.actor,
        )
    if step.undoes:
        cancel_annotation(
            record=case.record,
            case_number=case.number,
            decision_number=case.decision_number,
            organ=case.organ,
            at=done.at,
            actor=done.actor,
        )
    if case.filing.commitment is not None:
        if step.publishes:
            publish_commitment(commitment=case.filing.commitment, at=done.at)
        if step.undoes:
            note_breach(commitment=case.filing.commitment, at=done.at)
    _count_clocks(done)
    if step.target not in OPEN_STATES:
        call_off_inquiries(case=case, at=done.at)
    if step.tells and done.message:
        messages.tell_applicant(
            case=case,
            step=step,
            message=str(done.message),
            documents=done.documents,
            ask=done.ask,
            actor=done.actor,
            at=done.at,
        )


def _count_clocks(done: Transition) -> None:
    """Stop and start the clocks that the table names; a decision goes to the platform under its number."""
    case, step = done.case, done.step
    for clock in step.meets:
        how = done.counting[clock]
        met = meet_deadline(case_number=case.number, kind=clock, on=how.met_on or done.on, round=how.round)
        done.officer_id = next((each.officer_id for each in met if each.officer_id), done.officer_id)
    if step.cancels_all:
        cancel_deadlines(case_number=case.number, on=done.on)
    rounds = {Clock.ACCEPTANCE: case.round, Clock.DECISION: 1, Clock.OBJECTION: 1}
    if step.shares:
        delivery = enqueue(
            kind="repair_decision",
            about=case.number,
            organ=case.organ,
            payload=decision_payload(case, at=done.at),
            at=done.at,
        )
        rounds[Clock.SHARING] = delivery.position
    for clock in step.starts:
        working_days, article = done.legal_days(clock)
        start_deadline(
            kind=clock,
            organ=case.organ,
            case_number=case.number,
            link=link_to("repaircase", case.pk),
            round=rounds[clock],
            started_on=done.counting[clock].started_on or done.on,
            today=done.on,
            officer=_still_their_turn(done),
            working_days=working_days,
            article=article,
        )
    if step.meets or step.starts or step.cancels_all:
        write_due_day(case)


def _still_their_turn(done: Transition) -> User | None:
    """Whoever answered for the case, if the next clock is that person's to answer too."""
    if done.officer_id is None:
        return None
    officer = User.objects.get(pk=done.officer_id)
    return officer if access.may_handle(officer, done.case) else None
