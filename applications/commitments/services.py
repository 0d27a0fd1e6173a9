"""Signing a commitment, and making it public (Articles 4, 5 and 15)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.accounts.models import User
from applications.commitments.models import Commitment
from applications.commitments.wording import Act, commitment_text, text_digest
from applications.documents.services import issue_document, void_document
from applications.organs.models import Organ
from applications.subjects.models import Subject

SIGNED_ANEW = "签署人重新签署承诺书。"


def document_content(
    *,
    paragraphs: Sequence[str],
    signatory: str,
    publication_consent: bool,
    at: datetime,
    by_hand: bool = False,
) -> dict[str, Any]:
    """What stands in the document below the heading that the caller gives it. ``by_hand``: it was signed on paper, and an
    officer entered it (Article 19)."""
    return {
        "paragraphs": list(paragraphs),
        "signatory": signatory,
        "signed_at": at.isoformat(timespec="seconds"),
        "consent": publication_consent,
        **({"by_hand": True} if by_hand else {}),
    }


@transaction.atomic
def sign_commitment(
    *,
    subject: Subject,
    acts: Sequence[Act],
    signatory: str,
    publication_consent: bool,
    organ: Organ,
    about: str,
    heading: dict[str, Any],
    replaces: Commitment | None,
    actor: User,
    at: datetime,
) -> Commitment:
    """Sign what is stated about these records, and issue the document that shows it.

    ``organ`` issues the document in the chain ``about`` of the ledger, under ``heading``, which names subject and
    records. What is in ``replaces`` is signed anew: its document becomes void. The caller has re-authenticated ``actor``.
    """
    paragraphs = commitment_text(subject, acts)
    document = issue_document(
        kind="commitment",
        organ=organ,
        about=about,
        addressee=subject.name,
        content=heading
        | document_content(
            paragraphs=paragraphs,
            signatory=signatory,
            publication_consent=publication_consent,
            at=at,
            by_hand=actor.is_staff,
        ),
        at=at,
        issued_by=actor,
        replaces=replaces.document if replaces else None,
    )
    if replaces:
        void_document(document=replaces.document, reason=SIGNED_ANEW, actor=actor, at=at)
    commitment = replaces or Commitment(subject=subject)
    commitment.text, commitment.text_sha256 = paragraphs, text_digest(paragraphs)
    commitment.signatory, commitment.signed_by, commitment.signed_at = signatory, actor, at
    commitment.publication_consent = publication_consent
    commitment.document = document
    commitment.save()
    commitment.records.set([act.record for act in acts])
    return commitment


def publish_commitment(*, commitment: Commitment, at: datetime) -> None:
    """Make public what was promised, if its signatory agreed to that. What is public already stays so, since then."""
    if commitment.publication_consent and commitment.published_at is None:
        commitment.published_at = at
        commitment.save(update_fields=["published_at"])


def note_breach(*, commitment: Commitment, at: datetime) -> None:
    """Note that a commitment is broken; since when, is what was noted first. Article 15."""
    if commitment.broken_at is None:
        commitment.broken_at = at
        commitment.save(update_fields=["broken_at"])
