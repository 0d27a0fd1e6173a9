"""An officer of a credit bureau answers a claim, having read its proof."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.opened import Unopened, opened_keys
from applications.accounts.reading import note_reading
from applications.accounts.refusals import noted
from applications.files.models import StoredFile
from applications.ledger.locking import lock_chain
from applications.subjects.access import may_verify
from applications.subjects.models import Capacity, Claim, Subject
from applications.subjects.services.ending import end_by_another
from applications.subjects.services.registering import register_subject
from applications.subjects.services.telling import record_claim, tell_of_answer
from applications.subjects.signals import claim_closed
from rules.day_words import day_in_words

Status = Claim.Status


@transaction.atomic
def decide_claim(
    *, claim: Claim, approve: bool, reason: str = "", advice: str = "", actor: User, at: datetime
) -> Claim:
    """An officer of a credit bureau confirms or rejects a waiting claim; the claimant and the subject's accounts are told.

    Approval makes the subject if the credit files do not have it yet, and ends what the claimant had for it before. A natural
    person acts by one account: approving a second ends the first. ``advice``: what the claimant is to do. Raises
    PermissionDenied for anybody else than access.may_verify; ValidationError if a rejection has no reason, the proof was not
    opened before an approval, the power of attorney has ended, the number belongs to another name, or somebody has decided
    already.
    """
    if not may_verify(actor, claim):
        raise PermissionDenied
    reason, advice = reason.strip(), advice.strip()
    if not approve and not reason:
        raise ValidationError({"reason": _("请写明不予通过的原因，申请人会看到。")})
    if max(len(reason), len(advice)) > 500:
        raise ValidationError({"reason": _("说明最多500字。")})
    lock_chain(claim.number or claim.chain)
    # Of two officers who decide at once, the second waits here and is then told who was quicker.
    current = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("subject", "organ", "user")
        .get(pk=claim.pk)
    )
    if current.status != Status.PENDING:
        raise ValidationError(
            _("该认领已由%(who)s办理：%(status)s。"),
            params={"who": _decided_by(current), "status": current.get_status_display()},
            code="decided",
        )
    if approve:
        _refuse_unread(current, actor, at)
        if current.subject is None:
            current.subject = _subject(current, at)
        _end_what_it_replaces(current, actor, at)
    current.status = Status.VERIFIED if approve else Status.REJECTED
    current.reason, current.advice = reason, advice
    current.decided_by, current.decided_at = actor, at
    current.save()
    record_claim(
        current, "subject.claim_verified" if approve else "subject.claim_rejected", at, actor, "credit_bureau"
    )
    claim_closed.send(Claim, claim=current, at=at, answered=True)
    tell_of_answer(current, at, by=actor)
    return current


def _decided_by(claim: Claim) -> str:
    return str(claim.user if claim.status == Status.WITHDRAWN else claim.decided_by or _("系统"))


def has_opened(actor: User, claim: Claim) -> bool:
    """Whether the officer opened the proof that the claim has now; one from before proofs were asked for has none."""
    if claim.proof_id is None:
        return True
    return str(claim.proof_id) in opened_keys(
        actor.pk, {claim.chain, f"claim-{claim.pk}"}, "subject.proof_read"
    )


def _refuse_unread(claim: Claim, actor: User, at: datetime) -> None:
    with noted(Unopened, act="approve_claim", about=claim.number or claim.chain):
        if not has_opened(actor, claim):
            raise Unopened(_("您还没有打开证明材料，不能通过。请打开核对后再办理。"), code="unread")
    if claim.ends_on is not None and claim.ends_on < localdate(at):
        raise ValidationError(
            _("授权委托书已于%(day)s到期，不能通过。") % {"day": day_in_words(claim.ends_on)}, code="over"
        )


def _subject(claim: Claim, at: datetime) -> Subject:
    """The subject that the proof is about. A person's number that belongs to another name is a ValidationError."""
    if claim.uscc:
        return Subject.objects.filter(uscc=claim.uscc).first() or register_subject(
            kind=claim.kind, name=claim.name, uscc=claim.uscc, at=at
        )
    return register_subject(
        kind=Subject.Kind.NATURAL_PERSON,
        name=claim.name,
        identity_type=claim.identity_type,
        identity_number=claim.identity_number,
        at=at,
    )


def _end_what_it_replaces(claim: Claim, actor: User, at: datetime) -> None:
    held = Claim.objects.select_related("user", "subject").filter(
        subject=claim.subject, status=Status.VERIFIED
    )
    for former in held.filter(user=claim.user_id):
        end_by_another(former, claim, actor, at)
    if claim.capacity in ("", Capacity.SELF) and claim.subject and claim.subject.is_person:
        for former in held.filter(capacity__in=("", Capacity.SELF)).exclude(user=claim.user_id):
            end_by_another(former, claim, actor, at)


def record_proof_reading(*, claim: Claim, file: StoredFile, actor: User, at: datetime) -> None:
    """An officer opens the proof of a claim: a line in the ledger, as for every reading of personal material."""
    note_reading(
        reader=actor,
        verb="subject.proof_read",
        at=at,
        about=claim.chain,
        role="credit_bureau",
        payload={"claim": claim.pk, "user": claim.user_id, "file": str(file.pk)},
    )
