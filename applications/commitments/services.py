"""Signing a commitment, and making it public (Articles 4, 5 and 15)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.commitments.models import Commitment, SigningWay
from applications.commitments.signing import signing_of
from applications.commitments.wording import TEXT_VERSION, Act, commitment_text, text_digest
from applications.documents.services import issue_document, void_document
from applications.files.models import StoredFile
from applications.organs.models import Organ
from applications.subjects.identity import is_of_age
from applications.subjects.models import Subject

SIGNED_ANEW = "签署人重新签署承诺书。"


def document_content(
    *,
    paragraphs: Sequence[str],
    signatory: str,
    publication_consent: bool,
    signed_at: datetime,
    on_paper: bool = False,
) -> dict[str, Any]:
    """What stands in the document below the heading that the caller gives it. ``on_paper``: of its signature the day alone
    is known."""
    return {
        "paragraphs": list(paragraphs),
        "signatory": signatory,
        "signed_at": signed_at.isoformat(timespec="seconds"),
        **({"on_paper": True} if on_paper else {}),
        "consent": publication_consent,
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
    signed_at: datetime | None = None,
    way: SigningWay = SigningWay.ACCOUNT,
    paper: StoredFile | None = None,
    signer_digest: str = "",
    link_sent_to: str = "",
) -> Commitment:
    """Sign what is stated about these records, and issue the document that shows it.

    ``organ`` issues the document in the chain ``about`` of the ledger, under ``heading``, which names subject and
    records. What is in ``replaces`` is signed anew: its document becomes void. The caller has re-authenticated ``actor``,
    or, where it was signed by a link, who came by it; then ``actor`` is whoever made the link, and issues nothing.
    ``signed_at``: where that was before ``at``, on paper.
    """
    signed_at = signed_at or at
    paragraphs = commitment_text(subject, acts)
    commitment = replaces or Commitment(subject=subject)
    commitment.organ = organ
    former = replaces.document if replaces else None
    commitment.signatory, commitment.signed_by, commitment.signed_at = signatory, actor, signed_at
    commitment.way, commitment.paper = way, paper
    commitment.signer_digest, commitment.link_sent_to = signer_digest, link_sent_to
    issuer = None if way == SigningWay.LINK else actor
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
            signed_at=signed_at,
            on_paper=way == SigningWay.PAPER,
        )
        | {"signing": signing_of(commitment).to_json()},
        at=at,
        issued_by=issuer,
        replaces=former,
    )
    if former:
        void_document(document=former, reason=SIGNED_ANEW, actor=issuer, at=at)
    commitment.text, commitment.text_sha256 = paragraphs, text_digest(paragraphs)
    commitment.text_version = TEXT_VERSION
    commitment.publication_consent = publication_consent
    commitment.document = document
    commitment.save()
    commitment.records.set([act.record for act in acts])
    return commitment


def publish_commitment(*, commitment: Commitment, at: datetime) -> None:
    """Make public what was promised, if its signatory agreed to that. What is public already stays so, since then. What a
    minor promised, or a person whose age the register does not know, never is; nor is what names a record that the law
    withholds, such as that of who was a minor when it was decided."""
    if (
        commitment.publication_consent
        and commitment.published_at is None
        and may_be_public(commitment.subject, at)
        and not commitment.records.filter(publicity="withheld").exists()
    ):
        commitment.published_at = at
        commitment.save(update_fields=["published_at"])


def may_be_public(subject: Subject, at: datetime) -> bool:
    """Whether a promise of the subject may be published: not that of a minor."""
    return not subject.is_person or is_of_age(subject.identity_number, localdate(at))


def note_breach(*, commitment: Commitment, at: datetime) -> None:
    """Note that a commitment is broken; since when, is what was noted first. Article 15."""
    if commitment.broken_at is None:
        commitment.broken_at = at
        commitment.save(update_fields=["broken_at"])
