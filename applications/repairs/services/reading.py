from datetime import datetime

from django.db import transaction

from applications.accounts.models import User
from applications.files.models import StoredFile
from applications.ledger.services import record_event
from applications.repairs.models import RepairCase


@transaction.atomic
def record_reading(*, case: RepairCase, file: StoredFile, reader: User, at: datetime) -> None:
    """Note in the case's archive that an officer opened a file of it; applicants reading their own are not noted."""
    if not reader.is_staff:
        return
    record_event(
        chain=case.number,
        verb="repair.material_read",
        at=at,
        actor=reader,
        role="officer",
        organ=reader.organ,
        payload={"file": str(file.pk)},
    )
