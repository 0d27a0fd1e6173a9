"""Annotation and withdrawal from publicity (Article 9), how both are taken back (Article 6), and the end of publicity by
lapse of time."""

from copy import copy
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
from applications.records.services.writing import publicity_now, write_record

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


def cancel_annotation(
    *,
    record: DishonestyRecord,
    case_number: str,
    decision_number: str,
    organ: Organ,
    at: datetime,
    actor: User | None,
) -> None:
    """Take back what annotate_and_withdraw did, inside the transaction of the decision that revokes the repair.

    The record is public again until the last day of its publicity; where that is over it stays out of it, since when it
    was. What the annotation said stays in the ledger and in the decisions. ``record``, whose penalty stands, is brought
    up to date in memory as well. Article 6.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("cancel_annotation() must share the transaction of the decision")
    lock_chain(record.reference)
    record.refresh_from_db()
    annotation = Annotation.objects.get(record=record)
    restored = copy(record)
    # Of a penalty that stands only a repair withdraws, so what is withdrawn here was public before it.
    if record.publicity == Publicity.WITHDRAWN:
        restored.publicity = Publicity.PUBLISHED
    state, ended_at = publicity_now(restored, at)
    values = {"publicity": state, "publicity_ended_at": ended_at} if state != record.publicity else {}
    payload = {
        "case": case_number,
        "decision": decision_number,
        "cancelled_decision": annotation.decision_number,
        "publicity": state,
    }
    annotation.delete()
    record._state.fields_cache.pop("annotation", None)
    write_record(
        record=record,
        values=values,
        verb="record.annotation_cancelled",
        at=at,
        actor=actor,
        organ=organ,
        payload=payload,
    )


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
