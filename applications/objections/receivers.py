"""What the apps below tell this one."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.objections.models import Objection
from applications.records.models import DishonestyRecord, RecordChange
from applications.records.signals import record_changed


@receiver(record_changed)
def end_with_the_penalty(
    sender: type[DishonestyRecord],
    record: DishonestyRecord,
    change: RecordChange,
    at: datetime,
    **kwargs: Any,
) -> None:
    """A revoked penalty ends the application, and with it the objection under way: it waits for nobody any more."""
    if record.source_state == DishonestyRecord.SourceState.REVOKED:
        Objection.objects.filter(case__record=record, outcome="").update(
            outcome=Objection.Outcome.CLOSED, handled_at=at, reasons=change.reason
        )
