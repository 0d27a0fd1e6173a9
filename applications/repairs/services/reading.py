from datetime import datetime

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.files.models import StoredFile
from applications.repairs.models import RepairCase


def record_reading(
    *, case: RepairCase, file: StoredFile, reader: User, at: datetime, goes_on: bool = False
) -> None:
    """Note about the case that an officer opened a file of it; applicants reading their own are not noted.

    ``goes_on``: page by page, which is one reading.
    """
    if not reader.is_staff:
        return
    note_reading(
        reader=reader,
        verb="repair.material_read",
        at=at,
        about=case.number,
        role="officer",
        payload={"file": str(file.pk)},
        goes_on=goes_on,
    )
