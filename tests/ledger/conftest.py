"""The archive that tests of the verification tamper with."""

from datetime import timedelta

import pytest
from django.db import transaction

from applications.ledger.models import Event
from applications.ledger.sealing import seal_ledger
from applications.ledger.services import record_event
from tests.ledger.archive import AT


@pytest.fixture
def archive(market_bureau, wang) -> list[Event]:
    """Three cases of four events each, written in turns; sealed after the sixth and after the twelfth."""
    for number in range(12):
        with transaction.atomic():
            record_event(
                chain=f"XF-{number % 3}",
                verb="repair.reviewed",
                at=AT + timedelta(minutes=number),
                actor=wang,
                role="reviewer",
                organ=market_bureau,
                payload={"意见": "同意", "number": number},
            )
        if number in (5, 11):
            seal_ledger(at=AT + timedelta(hours=number))
    return list(Event.objects.order_by("pk"))
