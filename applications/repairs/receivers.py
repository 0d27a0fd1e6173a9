"""What the rooms below tell this one."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.repairs.services.decisions import record_receipt
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered


@receiver(delivered)
def stop_sharing_clock(sender: type[Delivery], delivery: Delivery, at: datetime, **kwargs: Any) -> None:
    """Article 11: a decision counts as shared when the platform has receipted it."""
    if delivery.kind == "repair_decision":
        receipt = delivery.receipt or {}
        record_receipt(
            case_number=delivery.stream,
            position=delivery.position,
            receipt_number=str(receipt.get("receipt_number", "")),
            at=at,
        )
