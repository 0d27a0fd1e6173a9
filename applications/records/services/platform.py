"""What the sharing platform is told about the life of a record. docs/api/sharing-platform.yaml describes it."""

import uuid
from datetime import date, datetime
from typing import Any

from applications.records.models import DishonestyRecord
from applications.sharing.models import Delivery
from applications.sharing.services import enqueue

KIND = "record_change"
# What can have happened to a record, as the interface names it.
REVOKED, REINSTATED = "revoked", "reinstated"
CORRECTED, OBJECTED, KEPT = "corrected", "objected", "kept"


def tell_platform(
    *, record: DishonestyRecord, event: str, happened_on: date, reason: str, at: datetime
) -> Delivery:
    """Write the message in the transaction of the change. Call it with the record's chain locked."""
    return enqueue(
        kind=KIND,
        about=record.reference,
        organ=record.identifying_unit,
        payload=_payload(record, event=event, happened_on=happened_on, reason=reason, at=at),
        at=at,
    )


def _payload(
    record: DishonestyRecord, *, event: str, happened_on: date, reason: str, at: datetime
) -> dict[str, Any]:
    unit, subject = record.identifying_unit, record.subject
    return {
        "message_id": str(uuid.uuid4()),
        "version": "1.0",
        "sent_at": at.isoformat(timespec="seconds"),
        "region": record.region,
        "sequence": Delivery.objects.filter(stream=record.reference).count() + 1,
        "event": event,
        "happened_on": happened_on.isoformat(),
        "reason": reason,
        "deciding_organ": {"name": unit.name, "uscc": unit.uscc, "kind": unit.kind},
        "record": {
            "reference": record.reference,
            "document_number": str(record),
            "decided_on": record.decided_on.isoformat(),
            "severity": record.severity,
            "identifying_unit": {"name": unit.name, "uscc": unit.uscc},
        },
        "subject": {
            "name": subject.name,
            "kind": subject.kind,
            "code": subject.identity_digest if subject.is_person else subject.uscc,
        },
        "publicity": record.publicity,
        "publicity_ended_at": record.publicity_ended_at.isoformat(timespec="seconds")
        if record.publicity_ended_at
        else None,
    }
