"""What the apps below tell this one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.dispatch import receiver

from applications.accounts.models import User
from applications.calendars.models import Recalculation
from applications.deadlines.moves import Effect
from applications.deadlines.signals import deadlines_moved
from applications.documents.services import Unprintable
from applications.files.models import StoredFile, VirusScan
from applications.files.signals import virus_found
from applications.ledger.services import record_event
from applications.records.history import REINSTATEMENT
from applications.records.models import DishonestyRecord, RecordChange
from applications.records.signals import record_changed
from applications.repairs import messages
from applications.repairs.due_days import write_due_days
from applications.repairs.errors import NotReady
from applications.repairs.selectors import cases_with, officer_of, open_cases
from applications.repairs.services.heirs import hand_over
from applications.repairs.steps import PlatformReceipt, close_case, note_change, record_platform_receipts
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered
from applications.subjects.models import Claim
from applications.subjects.signals import acting_ended


@receiver(deadlines_moved)
def tell_applicants_of_moved_clocks(
    sender: type[Recalculation],
    recalculation: Recalculation,
    moves: Sequence[Effect],
    at: datetime,
    **kwargs: Any,
) -> None:
    """A new calendar changed the day by which applicants are answered: each hears it, once per clock."""
    messages.tell_of_moves(recalculation=recalculation, moves=[move for move in moves if move.moves], at=at)


@receiver(acting_ended)
def hand_filings_over(
    sender: type[Claim], claim: Claim, at: datetime, heir: User | None, **kwargs: Any
) -> None:
    """Whoever acted for a subject does so no longer: what runs is somebody else's to follow."""
    hand_over(claim=claim, heir=heir, at=at)


@receiver(deadlines_moved)
def move_due_days(sender: type[Recalculation], moves: Sequence[Effect], **kwargs: Any) -> None:
    """The cases are due when their clocks now end."""
    write_due_days({move.clock.case_number for move in moves if move.moves})


@receiver(record_changed)
def bring_change_to_applications(
    sender: type[DishonestyRecord],
    record: DishonestyRecord,
    change: RecordChange,
    at: datetime,
    **kwargs: Any,
) -> None:
    """Nobody's application goes on with facts that are no longer so, nor without a penalty."""
    with _refusing():
        if record.source_state == DishonestyRecord.SourceState.REVOKED:
            for case in open_cases(record):
                close_case(case=case, change=change, at=at)
        else:
            note_change(record=record, change=change, at=at)
    if change.verb == REINSTATEMENT:
        messages.tell_of_reinstatement(record=record, at=at)


@contextmanager
def _refusing() -> Iterator[None]:
    """What an application does not allow is, to whoever changes its record, a ValidationError like any other. A letter
    that cannot be printed stays what it is, for the alarm outside the transaction of the whole change."""
    try:
        yield
    except NotReady as refused:
        if isinstance(refused.__cause__, Unprintable):
            raise refused.__cause__ from None
        raise ValidationError(list(refused.problems)) from refused


@receiver(delivered)
def stop_sharing_clocks(
    sender: type[Delivery], deliveries: Sequence[Delivery], at: datetime, **kwargs: Any
) -> None:
    """Article 11: a decision counts as shared when the platform has receipted it."""
    receipts = [
        PlatformReceipt(
            case_number=delivery.about,
            position=delivery.position,
            receipt_number=delivery.receipt["receipt_number"],
            received_at=delivery.received_at(heard_at=at),
        )
        for delivery in deliveries
        # Only what was receipted is delivered.
        if delivery.kind == "repair_decision" and delivery.receipt
    ]
    if receipts:
        record_platform_receipts(receipts=receipts, at=at)


@receiver(virus_found)
def tell_of_virus(sender: type[VirusScan], file: StoredFile, at: datetime, **kwargs: Any) -> None:
    """Each case that has the file says so in its chain, and to those who can do something about it."""
    for case in cases_with(file):
        record_event(
            chain=case.number,
            verb="material.virus_found",
            at=at,
            payload={"file": str(file.pk), "sha256": file.sha256},
        )
        messages.tell_of_virus(case=case, file=file, officer=officer_of(case), at=at)
