"""Encrypting what a version before wrote plain, night by night, until a whole pass finds nothing plain (ADR 0054).

That it did is an event of the ledger, in the database, so a backup from before brings the work back with its rows; and it names the
columns, so a version that encrypts another one begins anew.
"""

from datetime import datetime

from django.db import transaction

from applications.at_rest import renewing
from applications.ledger.models import Event
from applications.ledger.services import record_event

CHAIN = "encrypted-columns"


def seal_what_is_plain(*, at: datetime) -> dict[str, int]:
    """By model, how many rows were encrypted; empty without a look at them where none can be plain."""
    columns = renewing.encrypted_columns()
    last = Event.objects.filter(chain=CHAIN).order_by("-position").first()
    if last is not None and last.payload["columns"] == columns:
        return {}
    sealed = renewing.seal_what_is_plain()
    if not sealed:
        with transaction.atomic():
            record_event(chain=CHAIN, verb="columns.all_sealed", at=at, payload={"columns": columns})
    return sealed
