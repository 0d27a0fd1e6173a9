"""What the verification page can say about a document, from what was frozen when it was issued."""

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from applications.documents.digest import content_sha256
from applications.documents.models import Document
from applications.documents.numbering import CODE_ALPHABET, CODE_LENGTH, clean_verification_code
from applications.ledger.models import Event
from applications.masking import mask_name

ChangeCheck = Callable[[Document], bool | None]
Extension = Callable[[Collection[UUID]], dict[UUID, date]]

_change_checks: list[ChangeCheck] = []
_extensions: list[Extension] = []

# So many characters of a code find the row; the rest is compared in constant time.
SELECTOR_LENGTH = 4


class Standing(StrEnum):
    VALID = "valid"
    VOID = "void"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``intact``: what is stored is what the ledger says was issued. ``changed_since``: the facts have moved on,
    so a newer document should be asked for; None for a kind of which nobody asks that. ``successor``: what replaces it.
    ``valid_until``: the last day, with what it was extended by; ``extended``: it is not the one that is printed.
    """

    document: Document
    intact: bool
    standing: Standing
    changed_since: bool | None
    addressee: str
    successor: Document | None
    valid_until: date | None
    extended: bool


def register_change_check(check: ChangeCheck) -> None:
    """Let an app above say whether what its documents state has changed since; None for others'. Call it in ready()."""
    if check not in _change_checks:
        _change_checks.append(check)


def register_extension(extension: Extension) -> None:
    """Let an app above say until when the validity of its documents among those was extended. Call it in ready()."""
    if extension not in _extensions:
        _extensions.append(extension)


def find_document(code: str) -> Document | None:
    """The document with this verification code. None, and nothing is looked up, where it is not clean
    (numbering.clean_verification_code): it would select more rows than one and could not be compared.

    How long the answer takes says nothing about how much of a guess was right.
    """
    if clean_verification_code(code) != code:
        return None
    selector, rest = code[:SELECTOR_LENGTH], CODE_LENGTH - SELECTOR_LENGTH
    candidates = Document.objects.select_related("organ", "pdf").filter(
        verification_code__gte=selector + CODE_ALPHABET[0] * rest,
        verification_code__lte=selector + CODE_ALPHABET[-1] * rest,
    )
    found = None
    for document in candidates:
        if hmac.compare_digest(document.verification_code, code):
            found = document
    return found


def _is_intact(document: Document) -> bool:
    """Whether number, content and PDF are those of the events that were written when they came to be."""
    events = Event.objects.filter(
        Q(verb="document.issued") | Q(verb="document.rendered"),
        chain=document.about,
        payload__document=str(document.pk),
    )
    recorded = {event.verb: event.payload for event in events}
    issued, rendered = recorded.get("document.issued"), recorded.get("document.rendered")
    if issued is None or not hmac.compare_digest(issued["content_sha256"], content_sha256(document)):
        return False
    if document.pdf is None:
        return rendered is None
    return rendered is not None and hmac.compare_digest(rendered["pdf_sha256"], document.pdf.sha256)


def extended_days(documents: Collection[UUID]) -> dict[UUID, date]:
    """Until when the validity of documents was extended, by their ids; without those of which it was not."""
    found: dict[UUID, date] = {}
    for extension in _extensions if documents else ():
        found |= extension(documents)
    return found


def last_day(printed: date | None, extended: date | None) -> date | None:
    """Of a validity: the printed day, or a later one until which it was extended."""
    return max(printed, extended or printed) if printed else None


def _standing(document: Document, successor: Document | None, until: date | None, on: date) -> Standing:
    if document.status == Document.Status.VOID:
        return Standing.VOID
    if successor is not None:
        return Standing.REPLACED
    if until and on > until:
        return Standing.EXPIRED
    return Standing.VALID


def _changed_since(document: Document) -> bool | None:
    answers = [answer for check in _change_checks if (answer := check(document)) is not None]
    return any(answers) if answers else None


def masked_addressee(document: Document) -> str:
    """An organisation's name is public. Any other name is masked, one of unknown kind too."""
    kind = (document.content.get("subject") or {}).get("kind")
    return (
        document.addressee
        if kind in {"organisation", "individual_business"}
        else mask_name(document.addressee)
    )


def verify(document: Document, *, on: date) -> Verdict:
    """``on`` is the day of the question: validity lasts through its last day."""
    successor = Document.objects.filter(replaces=document).first()
    until = last_day(document.valid_until, extended_days([document.pk]).get(document.pk))
    return Verdict(
        document=document,
        intact=_is_intact(document),
        standing=_standing(document, successor, until, on),
        changed_since=_changed_since(document),
        addressee=masked_addressee(document),
        successor=successor,
        valid_until=until,
        extended=until != document.valid_until,
    )
