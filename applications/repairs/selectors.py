"""The reads of the repairs room. What a person may see is in access.visible_to."""

from django.db.models import QuerySet

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


def correction_in_hand(case: RepairCase) -> QuerySet[CorrectionItem]:
    """The items that the applicant has to answer now: those of the notice sent for the last submission."""
    return CorrectionItem.objects.filter(
        notice__case=case, notice__round=case.round, notice__sent_at__isnull=False
    )


def unsent_notice(case: RepairCase) -> CorrectionNotice | None:
    """A drafted correction notice that the applicant has not been sent."""
    return case.correction_notices.filter(round=case.round, sent_at=None).first()
