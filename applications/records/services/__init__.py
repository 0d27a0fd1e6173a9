"""The writes of this app, by noun: publicity (annotation, withdrawal, expiry) and the import of record files."""

from applications.records.services.imports import (
    ImportPreview,
    Touched,
    import_records,
    import_sheet,
    preview_import,
)
from applications.records.services.publicity import AlreadyAnnotated, annotate_and_withdraw, end_publicity
from applications.records.services.writing import write_record

__all__ = [
    "AlreadyAnnotated",
    "ImportPreview",
    "Touched",
    "annotate_and_withdraw",
    "end_publicity",
    "import_records",
    "import_sheet",
    "preview_import",
    "write_record",
]
