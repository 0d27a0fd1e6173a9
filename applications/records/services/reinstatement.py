"""A revocation that was registered by mistake is undone: the penalty stood all the while (Administrative Penalty Law 48
withdraws only what was revoked). The record is again what its own facts make it; what was written stays in its history."""

from copy import copy
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.deadlines.models import RUNNING, Deadline
from applications.deadlines.services import cancel_deadlines
from applications.files.models import StoredFile
from applications.records.fields import from_json
from applications.records.history import REINSTATEMENT, REVOCATION
from applications.records.models import DishonestyRecord, SourceAct
from applications.records.services.platform import REINSTATED, tell_platform
from applications.records.services.writing import publicity_now, write_record
from rules.procedure import Clock


def values_without_revocation(record: DishonestyRecord, at: datetime) -> dict[str, Any]:
    """What a revoked record is without its revocation: field → value. It is public only if it was, and its last day is
    not over meanwhile: what was repaired, had expired or is withheld by law stays so."""
    change = record.changes.filter(verb=REVOCATION).order_by("pk").last()
    before = change.before if change else {}
    values = {"source_state": DishonestyRecord.SourceState.NORMAL.value} | {
        name: from_json(name, before[name])
        for name in ("source_state", "publicity", "publicity_ended_at")
        if name in before
    }
    restored = copy(record)
    for name, value in values.items():
        setattr(restored, name, value)
    publicity, ended_at = publicity_now(restored, at)
    return {**values, "publicity": publicity, "publicity_ended_at": ended_at}


def reinstate(
    *,
    record: DishonestyRecord,
    reason: str,
    happened_on: date,
    at: datetime,
    actor: User,
    document: StoredFile | None,
    payload: dict[str, Any],
) -> None:
    """Write it, tell the platform, and call off the clock of the withdrawal that nobody owes. Applications that the
    revocation ended stay so. Call it with the record locked."""
    write_record(
        record=record,
        values=values_without_revocation(record, at),
        verb=REINSTATEMENT,
        at=at,
        actor=actor,
        organ=record.identifying_unit,
        reason=reason,
        document=document,
        payload=payload,
    )
    tell_platform(record=record, event=REINSTATED, happened_on=happened_on, reason=reason, at=at)
    # That of a change which came before, and of which the platform has not yet heard, runs on.
    changes = record.acts.filter(kind=SourceAct.Kind.CHANGE, round__isnull=False)
    clocks = Deadline.objects.filter(RUNNING, case_number=record.reference, kind=Clock.WITHDRAWAL)
    for clock in clocks.exclude(round__in=list(changes.values_list("round", flat=True))):
        cancel_deadlines(
            case_number=record.reference, kind=Clock.WITHDRAWAL, on=localdate(at), round=clock.round
        )
