"""Numbers of documents, and the codes that open them on the verification page."""

import secrets
import unicodedata

from applications.documents.models import Kind
from applications.numbering.services import take_number
from applications.organs.models import Organ

# 文种字: what stands between the organ's own characters and the year. A credit report bears its own number.
KIND_CHARACTERS = {
    Kind.REPAIR_NOTICE: "告",
    Kind.RECEIPT: "执",
    Kind.COMMITMENT: "承",
    Kind.ACCEPTANCE_NOTICE: "受",
    Kind.CORRECTION_NOTICE: "补",
    Kind.NON_ACCEPTANCE_NOTICE: "不受",
    Kind.TERMINATION_NOTICE: "终",
    Kind.REPAIR_FORM: "表",
    Kind.GRANT_DECISION: "准",
    Kind.REFUSAL_DECISION: "不",
    Kind.REVOCATION_DECISION: "撤",
    Kind.OBJECTION_RESULT: "异",
    Kind.OBJECTION_RECEIPT: "异执",
    Kind.REPAIR_CERTIFICATE: "证",
    Kind.INFORMATION_RESULT: "异信",
    Kind.TRAINING_CERTIFICATE: "培",
}

# The digits and capitals that nobody mixes up on paper: without 0 O, 1 I L.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 16


def take_document_number(*, organ: Organ, kind: str, year: int) -> str:
    """机关代字＋文种字〔2026〕12号, gap-free for each organ, kind and year. Needs the transaction that uses it."""
    serial = take_number(f"document:{organ.code}:{kind}:{year}")
    return f"{organ.document_prefix}{KIND_CHARACTERS[Kind(kind)]}〔{year}〕{serial}号"


def make_verification_code() -> str:
    """16 random characters of 31: 79 bits, which nobody guesses at ten tries a minute."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def clean_verification_code(typed: str) -> str | None:
    """The code as it is stored, from however it was typed (spaces, hyphens, full width, lower case).

    None where it cannot be a code at all.
    """
    compact = "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())
    if len(compact) != CODE_LENGTH or not set(compact) <= set(CODE_ALPHABET):
        return None
    return compact


def in_groups(code: str) -> str:
    """7KQM2XPA… → 7KQM-2XPA-…, as it is printed."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
