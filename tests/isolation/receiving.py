"""What came to a place's window (Article 19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from applications.accounts.models import User
from applications.documents.models import Document
from applications.repairs.services.proofs import record_service
from applications.repairs.services.receptions import cases_of
from tests.repairs import steps
from tests.repairs.receptions import filed, received


def received_things(
    record: Callable[[], Any], mark: str, intake: User, reviewer: User, decider: User, now: datetime
) -> dict[str, Any]:
    """A draft, one whose receipt waits to be handed over, one whose receipt was served, and one that was refused."""
    who = f"{mark}来人"
    reception = received(record(), intake, came_name=who)
    [draft] = cases_of(reception)
    waiting, served = (filed(record(), intake, came_name=who) for _each in range(2))
    receipts = {
        case.pk: Document.objects.get(about=case.number, kind="receipt") for case in (waiting, served)
    }
    proof = record_service(
        document=receipts[served.pk], case=served, how="handed", recipient=who, served_on=date(2026, 11, 27),
        tracking_number="", scan=steps.paper("回证.pdf"), actor=intake, at=now,
    )  # fmt: skip
    return {
        "reception": reception,
        "draft_received": draft,
        "identity_material": draft.materials.get(),
        "case_filed": waiting,
        "receipt_waiting": receipts[waiting.pk],
        "case_served": served,
        "proof": proof,
        "refused_received": steps.refused_as(
            filed(record(), intake, came_name=who), intake, reviewer, decider
        ),
    }
