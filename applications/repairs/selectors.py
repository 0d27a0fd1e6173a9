"""The reads of the repairs room. What a person may see is in access.visible_to."""

from collections.abc import Iterable
from datetime import date

from django.db.models import DateField, OuterRef, QuerySet, Subquery

from applications.accounts.access import roles_of
from applications.accounts.models import User
from applications.deadlines.models import RUNNING, Deadline
from applications.ledger.models import Event
from applications.repairs.access import visible_to
from applications.repairs.models import CorrectionItem, CorrectionNotice, RepairCase
from rules.procedure import Role, State

# Every state belongs to exactly one queue: of the role whose turn it is, of the applicant, or of nobody.
QUEUES: dict[str, frozenset[State]] = {
    Role.INTAKE: frozenset({State.SUBMITTED}),
    Role.REVIEWER: frozenset({State.ACCEPTED}),
    Role.APPROVER: frozenset({State.UNDER_REVIEW, State.OBJECTING}),
    Role.APPLICANT: frozenset({State.DRAFT, State.CORRECTING}),
    "closed": frozenset({State.GRANTED, State.REFUSED, State.NOT_ACCEPTED, State.WITHDRAWN}),
}


def queue_of(state: str) -> str:
    """The one queue that a case of this state is in; ValueError if the table above has none or several."""
    (queue,) = [name for name, states in QUEUES.items() if state in states]
    return queue


def with_due_date(cases: QuerySet[RepairCase]) -> QuerySet[RepairCase]:
    """Cases with ``due_on``: the last day of the open clock that ends first, null where none runs."""
    clock = Deadline.objects.filter(RUNNING, case_number=OuterRef("number")).order_by("due_on")
    return cases.annotate(due_on=Subquery(clock.values("due_on")[:1], output_field=DateField()))


def first_clocks(numbers: Iterable[str]) -> dict[str, Deadline]:
    """By case number, the open clock that ends first, with its officer."""
    clocks = Deadline.objects.filter(RUNNING, case_number__in=list(numbers)).select_related("officer")
    # The first of each is written last.
    return {clock.case_number: clock for clock in clocks.order_by("-due_on", "-id")}


def states_of(user: User) -> list[State]:
    """The states in which a case waits for one of this officer's roles."""
    return [state for role in roles_of(user) for state in QUEUES.get(role, ())]


def queue_counts(user: User, today: date) -> dict[str, int]:
    """``mine``, ``today`` and ``overdue``: the lengths of the lists of the same names in the officers' queue."""
    cases = with_due_date(visible_to(user))
    return {
        "mine": cases.filter(status__in=states_of(user)).count(),
        "today": cases.filter(due_on=today).count(),  # type: ignore[misc]
        "overdue": cases.filter(due_on__lt=today).count(),  # type: ignore[misc]
    }


def materials_were_read(case: RepairCase) -> bool:
    """Whether an officer has opened any file of the case."""
    return Event.objects.filter(chain=case.number, verb="repair.material_read").exists()


def correction_in_hand(case: RepairCase) -> QuerySet[CorrectionItem]:
    """The items that the applicant has to answer now: those of the notice sent for the last submission."""
    return CorrectionItem.objects.filter(
        notice__case=case, notice__round=case.round, notice__sent_at__isnull=False
    )


def unsent_notice(case: RepairCase) -> CorrectionNotice | None:
    """A drafted correction notice that the applicant has not been sent."""
    return case.correction_notices.filter(round=case.round, sent_at=None).first()
