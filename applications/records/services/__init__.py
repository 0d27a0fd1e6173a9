"""The writes of this app, by noun: publicity (annotation, withdrawal, expiry) and the import of record files."""

from applications.records.services.imports import ImportPreview, import_records, import_sheet, preview_import
from applications.records.services.publicity import AlreadyAnnotated, annotate_and_withdraw, end_publicity

__all__ = [
    "AlreadyAnnotated",
    "ImportPreview",
    "annotate_and_withdraw",
    "end_publicity",
    "import_records",
    "import_sheet",
    "preview_import",
]
