from collections.abc import Iterable
from datetime import datetime

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.documents import services as documents
from applications.files.models import StoredFile
from applications.repairs.models import RepairCase
from applications.repairs.selectors import filed_materials, standing_answer


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


def read_all(*, case: RepairCase, reader: User, at: datetime, more: Iterable[StoredFile] = ()) -> None:
    """Note that an officer opened every paper of a case, and ``more`` that came with an objection, one after the other."""
    commitment = case.filing.commitment
    if commitment:
        documents.record_reading(document=commitment.document, reader=reader, at=at)
    answer = standing_answer(case)
    if answer and answer.document:
        documents.record_reading(document=answer.document, reader=reader, at=at)
    if answer and answer.evidence:
        record_reading(case=case, file=answer.evidence, reader=reader, at=at)
    for file in [*(material.file for material in filed_materials(case)), *more]:
        record_reading(case=case, file=file, reader=reader, at=at)
