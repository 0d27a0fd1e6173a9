"""What the electronic signature in a PDF is worth, found out with pyHanko from the file itself and from the certificates that
organs of the portal had in use."""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

from applications.documents.keys import in_asn1
from applications.documents.models import Document, SigningCertificate
from applications.documents.pades import time_stampers

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

logger = logging.getLogger(__name__)


class Worth(StrEnum):
    """UNSIGNED: there is none. HOLDS. CHANGED: the file is not as it was signed. STRANGER: signed, but with no certificate of an
    organ of the portal. NOT_IN_FORCE: the certificate was not valid, or not in use, at the moment of the signature."""

    UNSIGNED = "unsigned"
    HOLDS = "holds"
    CHANGED = "changed"
    STRANGER = "stranger"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class Signature:
    """``organ``: as its certificate names it, empty unless it HOLDS. ``at``: when it was signed, as a time stamp says or, without
    (``stamped`` False), as the signature says of itself."""

    worth: Worth
    organ: str = ""
    at: datetime | None = None
    stamped: bool = False

    @property
    def fails(self) -> bool:
        """There is one, and it proves nothing."""
        return self.worth not in {Worth.UNSIGNED, Worth.HOLDS}


UNSIGNED, CHANGED = Signature(Worth.UNSIGNED), Signature(Worth.CHANGED)


def of_document(document: Document) -> Signature | None:
    """Of the PDF that was issued; None where there is none yet, or where it cannot be read now."""
    if document.pdf is None:
        return None
    try:
        with document.pdf.file.open("rb") as file:
            content = file.read()
    except OSError:
        logger.exception("the PDF of document %s cannot be read", document.pk)
        return None
    return of_pdf(content)


def of_pdf(content: bytes) -> Signature:
    """Of any file. Bytes that are no PDF, and what pyHanko cannot read, are UNSIGNED."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        found = PdfFileReader(BytesIO(content), strict=False).embedded_signatures
    except Exception:
        # A stranger's file: whatever it makes the reader stumble over, there is no signature in it to be believed.
        return UNSIGNED
    if not found:
        return UNSIGNED
    if len(found) > 1:
        # Ours have one and allow no other.
        return CHANGED
    try:
        return _of_embedded(found[0])
    except Exception:
        return CHANGED


def _of_embedded(embedded: "EmbeddedPdfSignature") -> Signature:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    row = SigningCertificate.objects.filter(sha256=embedded.signer_cert.sha256.hex()).first()
    if row is None:
        return Signature(Worth.STRANGER)
    stamped_at = _claimed_by_stamp(embedded)
    status = _validated(embedded, stamped_at)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not (status.intact and status.valid and whole):
        return CHANGED
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.intact and stamp.valid and stamp.trusted
    at = stamped_at if stamped else embedded.self_reported_timestamp
    if at is None or not row.not_before <= at <= row.not_after or (row.used_until and at > row.used_until):
        return Signature(Worth.NOT_IN_FORCE)
    return Signature(Worth.HOLDS, row.organ_name, at, stamped)


def _claimed_by_stamp(embedded: "EmbeddedPdfSignature") -> datetime | None:
    from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute

    try:
        token = find_unique_cms_attribute(
            embedded.signer_info["unsigned_attrs"], "signature_time_stamp_token"
        )
    except NonexistentAttributeError:
        return None
    said: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return said


def _validated(embedded: "EmbeddedPdfSignature", stamped_at: datetime | None):  # type: ignore[no-untyped-def]
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    return validate_pdf_signature(
        embedded,
        # Whose certificate it is, its row says; when it was valid, the caller compares.
        signer_validation_context=ValidationContext(
            trust_roots=[embedded.signer_cert], allow_fetching=False, moment=None
        ),
        ts_validation_context=ValidationContext(
            trust_roots=in_asn1(time_stampers()), allow_fetching=False, moment=stamped_at
        ),
        key_usage_settings=KeyUsageConstraints(key_usage=set()),
    )
