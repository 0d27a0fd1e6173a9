"""What the sharing platform is told about a decision (Article 11). docs/api/sharing-platform.yaml describes it."""

import uuid
from datetime import datetime
from typing import Any

from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from rules.procedure import State


def decision_payload(case: RepairCase, *, at: datetime) -> dict[str, Any]:
    """The message about the decision that a case has now, as JSON.

    A natural person is named by the keyed digest of the identity number, never by the number.
    """
    record, subject, unit = case.record, case.record.subject, case.record.identifying_unit
    sequence = Delivery.objects.filter(stream=case.number).count() + 1
    granted, revoked = case.status == State.GRANTED, case.status == State.REVOKED
    commitment = case.filing.commitment
    return {
        "message_id": str(uuid.uuid4()),
        "version": "1.0",
        "sent_at": at.isoformat(timespec="seconds"),
        "region": case.organ.region,
        "case_number": case.number,
        "sequence": sequence,
        "data_state": "new" if sequence == 1 else "update",
        "decision": "granted" if granted else "grant_revoked" if revoked else "refused",
        "decision_number": case.decision_number,
        "decided_on": case.decided_on.isoformat() if case.decided_on else None,
        "accepted_on": case.accepted_on.isoformat() if case.accepted_on else None,
        "deciding_organ": {"name": case.organ.name, "uscc": case.organ.uscc, "kind": case.organ.kind},
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
        "method": "annotate_and_withdraw" if granted else _taken_back(record) if revoked else None,
        "publicity_ended_at": record.publicity_ended_at.isoformat(timespec="seconds")
        if (granted or revoked) and record.publicity_ended_at
        else None,
        "commitment": {"number": commitment.document.number, "sha256": commitment.text_sha256}
        if commitment
        else None,
    }


def _taken_back(record: DishonestyRecord) -> str:
    """What a revoked repair means for the platform: whether the record is public again, or its publicity is over."""
    public = record.publicity == DishonestyRecord.Publicity.PUBLISHED
    return "cancel_and_publish" if public else "cancel_annotation"
