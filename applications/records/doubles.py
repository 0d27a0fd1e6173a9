"""Records that turned out to be one penalty, because two ways of writing its number passed for two numbers.

One of them counts; the others point to it, are not public, and are listed for the unit.
"""

from typing import Any

from django.db.models import F

from applications.records.models import DishonestyRecord
from rules.sameness import plain_number

BATCH = 500


def give_plain_numbers(records: Any, **only: Any) -> None:
    """Give the records that have none their plain number, and mark those that are doubles then.

    ``records`` is a manager of DishonestyRecord, a migration's too; ``only`` narrows it. What the code before this one
    imports while an upgrade runs has none. A repaired record leads, then the oldest.
    """
    waiting = records.filter(plain_number=None, **only).order_by(
        F("annotation__id").asc(nulls_last=True), "pk"
    )
    while batch := list(waiting.only("document_number", "penalising_organ_uscc", "subject_id")[:BATCH]):
        for record in batch:
            record.plain_number = plain_number(record.document_number)[:128]
        leading = {
            _key(record): record.pk
            for record in records.filter(
                plain_number__in={record.plain_number for record in batch}, double_of=None
            ).only("document_number", "plain_number", "penalising_organ_uscc", "subject_id")
        }
        for record in batch:
            leader = leading.setdefault(_key(record), record.pk)
            record.double_of_id = None if leader == record.pk else leader
        records.bulk_update(batch, ["plain_number", "double_of"])


def _key(record: Any) -> tuple[str, str, int]:
    return record.penalising_organ_uscc, record.plain_number, record.subject_id


def lead(record: DishonestyRecord) -> None:
    """Let this record, which is repaired now, count instead of the one that it doubles."""
    leader = record.double_of_id
    if leader is None:
        return
    doubles = DishonestyRecord.objects.filter(double_of=leader).exclude(pk=record.pk)
    DishonestyRecord.objects.filter(pk=leader).update(double_of=record)
    doubles.update(double_of=record)
    DishonestyRecord.objects.filter(pk=record.pk).update(double_of=None)
    record.double_of = None
