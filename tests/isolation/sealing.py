"""The seal of a place's unit (documents.seal_pictures)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.accounts.models import User
from applications.documents.seal_pictures import SealImage, approve_seal, propose_seal
from applications.files.examining import PNG
from tests.documents.seals import seal


def seals(keeper: User, head: User, now: datetime) -> dict[str, Any]:
    """One that letters bear, and one that waits for a second person."""
    used, waiting = (
        propose_seal(
            picture=SealImage("章.png", seal(side=side), PNG, 1), millimetres=42, actor=keeper, at=now
        )
        for side in (500, 600)
    )
    return {"seal_used": approve_seal(proposal=used, actor=head, at=now), "seal": waiting}
