"""What the apps below tell this one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.records.models import DishonestyRecord
from applications.records.services.platform import CORRECTED, KIND, REVOKED
from applications.records.services.source import stop_clock
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered


@receiver(delivered)
def stop_withdrawal_clocks(
    sender: type[Delivery], deliveries: Sequence[Delivery], at: datetime, **kwargs: Any
) -> None:
    """What was revoked or changed at its source is withdrawn everywhere once the platform knows of it."""
    for delivery in deliveries:
        if delivery.kind == KIND and delivery.payload["event"] in (REVOKED, CORRECTED):
            stop_clock(
                record=DishonestyRecord.objects.get(pk=int(delivery.stream.removeprefix("R-"))),
                sent_at=delivery.created_at,
                received_at=delivery.received_at(heard_at=at),
            )
