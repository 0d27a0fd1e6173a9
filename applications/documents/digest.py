"""The digest of what a document says, which is printed on it and kept in the ledger."""

import hashlib
import json

from applications.documents.models import Document


def content_sha256(document: Document) -> str:
    """64 hexadecimal digits over all that the document says: number, organ, addressee, moment, content."""
    words = {
        "kind": document.kind,
        "number": document.number,
        "organ": document.organ_id,
        "addressee": document.addressee,
        "issued_at": int(document.issued_at.timestamp()),
        "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        "verification_code": document.verification_code,
        "content": document.content,
    }
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
