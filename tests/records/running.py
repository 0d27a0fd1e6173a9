"""Record files that are long enough for a worker."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.ledger.models import Event
from applications.records.models import DishonestyRecord, ImportBatch
from tests.records.files import as_csv, row

IMPORT = reverse("admin:records_importbatch_import")


def rows(count: int = 3, **changes: str):
    return [row(行政处罚决定书文号=f"宁市监处罚〔2026〕{n}号", **changes) for n in range(1, count + 1)]


def upload(client, organ, *sent) -> str:
    """The address of the run."""
    file = SimpleUploadedFile("市监.csv", as_csv(*sent))
    response = client.post(IMPORT, {"organ": organ.pk, "file": file})
    assert response.status_code == 302, response.text
    return response.url


def nothing_imported() -> bool:
    return not (
        DishonestyRecord.objects.exists()
        or ImportBatch.objects.exists()
        or Event.objects.filter(verb="record.imported").exists()
    )
