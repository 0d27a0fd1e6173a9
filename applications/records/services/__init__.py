"""The writes of this app, by noun: publicity (annotation, withdrawal, expiry) and the import of record files."""

from applications.records.services.imports import import_file, import_records
from applications.records.services.previews import ImportPreview, Touched, preview_file, preview_import
from applications.records.services.publicity import (
    AlreadyAnnotated,
    annotate_and_withdraw,
    cancel_annotation,
    end_publicity,
)
from applications.records.services.writing import write_record

__all__ = [
    "AlreadyAnnotated",
    "ImportPreview",
    "Touched",
    "annotate_and_withdraw",
    "cancel_annotation",
    "end_publicity",
    "import_file",
    "import_records",
    "preview_file",
    "preview_import",
    "write_record",
]
