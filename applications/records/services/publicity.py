"""Annotation, withdrawal from publicity (Article 9), and the end of publicity by lapse of time."""

from datetime import date, datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.ledger.locking import lock_chain
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.organs.models import Organ
from applications.records.doubles import lead
from applications.records.models import Annotation, DishonestyRecord
from applications.records.services.writing import write_record

Publicity = DishonestyRecord.Publicity


class AlreadyAnnotated(ValidationError):
    """The record has been repaired before; a second annotation would contradict the first."""


def annotate_and_withdraw(
    *,
    record: DishonestyRecord,
    case_number: str,
    decision_number: str,
    organ: Organ,
    decided_on: date,
    at: datetime,
    actor: User | None,
) -> Annotation:
    """Annotate a repaired record and withdraw it from publicity, inside the transaction of the decision.

    Called by the step that grants repair. A record whose publicity is over, or that was never public, is
    annotated only. ``record`` is brought up to date in memory as well. Raises AlreadyAnnotated. Article 9.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("annotate_and_withdraw() must share the transaction of the decision")
    # Nobody else annotates the record meanwhile.
    lock_chain(record.reference)
    earlier = Annotation.objects.filter(record=record).first()
    if earlier:
        raise AlreadyAnnotated(
            _("“%(record)s”已由决定 %(decision)s 标注修复，不能重复标注。")
            % {"record": record, "decision": earlier.decision_number}
        )
    annotation = Annotation.objects.create(
        record=record,
        case_number=case_number,
        decision_number=decision_number,
        deciding_organ=organ,
        decided_on=decided_on,
        annotated_at=at,
    )
    lead(record)
    public = DishonestyRecord.objects.filter(pk=record.pk, publicity=Publicity.PUBLISHED).exists()
    write_record(
        record=record,
        values={"publicity": Publicity.WITHDRAWN, "publicity_ended_at": at} if public else {},
        verb="record.annotated",
        at=at,
        actor=actor,
        organ=organ,
        payload={
            "case": case_number,
            "decision": decision_number,
            "publicity": Publicity.WITHDRAWN if public else record.publicity,
        },
    )
    return annotation


def end_publicity(*, at: datetime) -> int:
    """End the publicity of every record whose last day is over; returns how many.

    One transaction a record, so that a fault in one keeps no other public; what fails is told to the system
    administrators and found again by the next run. 发改办财金〔2019〕527号.
    """
    due = DishonestyRecord.objects.filter(
        publicity=Publicity.PUBLISHED, publicity_until__lt=timezone.localdate(at)
    )
    ended = 0
    for pk in list(due.order_by("publicity_until").values_list("pk", flat=True)):
        try:
            ended += _end_one(pk=pk, at=at)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            report_fault(work=Fault.Work.PUBLICITY, row=pk, error=error, at=at)
    return ended


@transaction.atomic
def _end_one(*, pk: int, at: datetime) -> int:
    lock_chain(DishonestyRecord(pk=pk).reference)
    record = DishonestyRecord.objects.filter(pk=pk, publicity=Publicity.PUBLISHED).first()
    if record is None:
        return 0
    write_record(
        record=record,
        values={"publicity": Publicity.EXPIRED, "publicity_ended_at": at},
        verb="record.publicity_ended",
        at=at,
        actor=None,
        payload={"publicity_until": record.publicity_until.isoformat()},
    )
    return 1
