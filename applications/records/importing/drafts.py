"""A row of a record file once it is checked, and what it says of a record."""

from dataclasses import dataclass, field
from typing import Any

from applications.at_rest import Digest
from applications.records.importing.cells import Duty
from applications.records.importing.reading import Row
from applications.records.models import DishonestyRecord
from rules.sameness import plain_number


@dataclass
class Draft:
    """A row that passed: the subject as the file names it, and the fields of its record."""

    line: int
    subject_kind: str
    name: str
    uscc: str | None
    identity_type: str
    identity_number: str
    identity_digest: Digest | None
    legal_representative: str
    # Fields of DishonestyRecord as they are to be, without subject, batch and publicity.
    fields: dict[str, Any]
    duties: tuple[Duty, ...]
    # Never shown to the public: a minor, a person of unknown age, or information of limited use.
    withheld: bool
    # Columns of which something has to be confirmed.
    doubted: tuple[str, ...] = ()

    @property
    def revoked(self) -> bool:
        """Whether the file says that the penalty was revoked: then it says nothing else about the record."""
        return self.fields.get("source_state") == DishonestyRecord.SourceState.REVOKED

    @property
    def subject_key(self) -> str:
        return self.uscc or self.identity_digest or ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two rows the same penalty: the document's number, however it is typed, and the subject."""
        return plain_number(self.fields["document_number"]), self.subject_key


@dataclass
class CheckedRow:
    row: Row
    # Column key → what is wrong with it; empty if the row passed.
    faults: dict[str, str] = field(default_factory=dict)
    # Column key → what the importer has to confirm before the row is loaded.
    doubts: dict[str, str] = field(default_factory=dict)
    draft: Draft | None = None
