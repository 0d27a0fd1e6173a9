"""What the apps below tell this one."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.records.models import DishonestyRecord
from applications.records.services.platform import CORRECTED, KIND, REVOKED
from applications.records.services.source import stop_clock
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered


@receiver(delivered)
def stop_withdrawal_clock(sender: type[Delivery], delivery: Delivery, at: datetime, **kwargs: Any) -> None:
    """What was revoked or changed at its source is withdrawn everywhere once the platform knows of it."""
    if delivery.kind != KIND or delivery.payload["event"] not in (REVOKED, CORRECTED):
        return
    assert delivery.receipt is not None
    received_at = datetime.fromisoformat(delivery.receipt["received_at"])
    record = DishonestyRecord.objects.get(pk=int(delivery.stream.removeprefix("R-")))
    stop_clock(
        record=record,
        sent_at=delivery.created_at,
        received_at=max(delivery.created_at, min(received_at, at)),
    )
