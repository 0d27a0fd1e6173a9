"""What a subject promises by its own will and makes public, and how it takes that back (Article 15)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.commitments.access import may_promise, may_withdraw
from applications.commitments.models import PUBLIC, Commitment, CommitmentKind, SigningWay
from applications.commitments.services import document_content, may_be_public, publish_commitment
from applications.commitments.signing import signing_of
from applications.commitments.wording import OWN_TITLE, TEXT_VERSION, own_text, text_digest
from applications.documents.services import alarming, issue_document
from applications.language import as_kept, to_reader
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.numbering.services import take_number
from applications.organs.models import Organ
from applications.subjects.models import Subject
from applications.subjects.selectors import acting_now


def standing_promise(subject: Subject) -> Commitment | None:
    """What the subject has promised by its own will and is public now; it is not promised twice."""
    return Commitment.objects.filter(PUBLIC, subject=subject, kind=CommitmentKind.PROACTIVE).first()


@alarming()
@transaction.atomic
@as_kept()
def make_promise(
    *, subject: Subject, organ: Organ, actor: User, at: datetime, shown_sha256: str
) -> Commitment:
    """Sign the promise, which its signatory agrees to make public, and make it public. The caller has re-authenticated
    ``actor``; ``shown_sha256`` is the digest of the text that was shown. ``organ``: the credit bureau that it is handed to.

    PermissionDenied: the account is not that of who signs for the subject. ValidationError: another text was shown, there is
    one already, a minor promises, or the organ is none that takes it.
    """
    if not may_promise(actor, subject):
        raise PermissionDenied
    lock_chain(f"subject-{subject.pk}")
    _refuse(subject, organ, shown_sha256, at)
    year = localdate(at).year
    chain = f"CN-{organ.region}-{year}-{take_number(f'commitment:{organ.region}:{year}'):06d}"
    paragraphs = own_text(subject)
    commitment = Commitment(
        subject=subject,
        kind=CommitmentKind.PROACTIVE,
        organ=organ,
        text=paragraphs,
        text_sha256=text_digest(paragraphs),
        text_version=TEXT_VERSION,
        signatory=actor.name,
        signed_by=actor,
        signed_at=at,
        publication_consent=True,
        way=SigningWay.ACCOUNT,
    )
    commitment.document = issue_document(
        kind="commitment",
        organ=organ,
        about=chain,
        addressee=subject.name,
        content={
            "title": OWN_TITLE,
            "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
            "signing": signing_of(commitment).to_json(),
            **document_content(
                paragraphs=paragraphs, signatory=actor.name, publication_consent=True, signed_at=at
            ),
        },
        at=at,
        issued_by=actor,
    )
    commitment.save()
    publish_commitment(commitment=commitment, at=at)
    _record(commitment, "commitment.made", actor, at)
    notify(
        key=f"commitment-made/{commitment.pk}",
        recipients=acting_now(subject, localdate(at)),
        by=actor,
        subject=_("%(name)s的信用承诺已经公示") % {"name": subject.public_name},
        body=_("%(who)s于网上签署了主动型信用承诺，由%(organ)s受理，已经向社会公示。")
        % {"who": subject.shown_name_of(actor.name), "organ": organ.name},
        at=at,
        link=link_to("commitments"),
        about=chain,
    )
    return commitment


@to_reader()
def _refuse(subject: Subject, organ: Organ, shown_sha256: str, at: datetime) -> None:
    if organ.kind != Organ.Kind.CREDIT_BUREAU:
        raise ValidationError({"organ": _("请选择受理承诺的公共信用信息工作机构。")})
    if not may_be_public(subject, at):
        raise ValidationError(
            _("未成年人的信用承诺不公示，所以不能在网上作出。年龄没有登记的，请向工作机构登记居民身份证。")
        )
    if standing_promise(subject):
        raise ValidationError(_("这个主体的主动型信用承诺已经公示，没有重复作出。"))
    if shown_sha256 != text_digest(own_text(subject)):
        raise ValidationError(_("承诺书的文字已经和您看到的不同，没有签署。请核对新的全文后再签署。"))


@transaction.atomic
@as_kept()
def withdraw_publication(*, commitment: Commitment, actor: User, at: datetime) -> Commitment:
    """End the publication of a commitment. What was done because of it stays, as the law says of consent that is taken back
    (Personal Information Protection Law 15). PermissionDenied; ValidationError: it is not public."""
    lock_chain(commitment.chain)
    commitment = Commitment.objects.select_related("subject", "document__organ").get(pk=commitment.pk)
    if not commitment.is_public:
        with to_reader():
            raise ValidationError(_("这份信用承诺没有公示，或者已经撤回公示。"))
    if not may_withdraw(actor, commitment):
        raise PermissionDenied
    commitment.withdrawn_at = at
    commitment.save(update_fields=["withdrawn_at"])
    _record(commitment, "commitment.withdrawn", actor, at)
    return commitment


def _record(commitment: Commitment, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=commitment.chain,
        verb=verb,
        at=at,
        actor=actor,
        role="applicant",
        organ=commitment.document.organ,
        payload={"commitment": commitment.pk, "sha256": commitment.text_sha256},
    )
