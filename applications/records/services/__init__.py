"""The writes of this room, by noun: publicity (annotation, withdrawal, expiry) and the import of record files."""

from applications.records.services.publicity import AlreadyAnnotated, annotate_and_withdraw, end_publicity

__all__ = ["AlreadyAnnotated", "annotate_and_withdraw", "end_publicity"]
