"""Subjects, and who may act for them (Article 12)."""

from collections.abc import Callable
from datetime import datetime, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.files.inspection import Inspected
from applications.files.models import StoredFile
from applications.files.services import store_upload, storing
from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.subjects.access import may_verify
from applications.subjects.confirmations import confirmed_codes
from applications.subjects.identity import clean_document_number, clean_uscc, identity_digest, same_name
from applications.subjects.models import Claim, Subject
from applications.subjects.selectors import verifiers_of

# How often a day somebody may try to match a name with an identity number.
DAILY_ATTEMPTS = 5


@transaction.atomic
def register_subject(
    *,
    kind: str,
    name: str,
    uscc: str = "",
    identity_type: str = "",
    identity_number: str = "",
    legal_representative: str = "",
    address: str = "",
    at: datetime,
) -> Subject:
    """The subject with this code, made if it is new. ``kind`` is a Subject.Kind.

    Raises ValidationError by field: ``uscc`` or ``identity_number`` (not valid), ``name`` (empty, or the code
    belongs to another name: a renamed subject must be renamed by an officer, not by a file).
    """
    name = name.strip()
    if not name:
        raise ValidationError({"name": _("名称（姓名）不能为空。")})
    if kind == Subject.Kind.NATURAL_PERSON:
        number = _clean("identity_number", clean_document_number, identity_type, identity_number)
        key = {"identity_digest": identity_digest(identity_type, number)}
        fields = {"identity_type": identity_type, "identity_number": number}
    else:
        key = {"uscc": _clean("uscc", _clean_known, uscc)}
        fields = {"legal_representative": legal_representative}
    subject, created = Subject.objects.get_or_create(
        **key, defaults={"kind": kind, "name": name, "address": address, **fields}
    )
    if created:
        record_event(chain=f"subject-{subject.pk}", verb="subject.registered", at=at, payload={"kind": kind})
    elif not same_name(subject.name, name):
        # A natural person's registered name is nobody else's business.
        known = _("其他姓名") if subject.is_person else f"“{subject.name}”"
        raise ValidationError(
            {
                "name": _("该代码已登记为%(known)s，与“%(name)s”不一致，请核对。")
                % {"known": known, "name": name}
            }
        )
    return subject


def claim_subject(
    *,
    user: User,
    kind: str,
    name: str,
    code: str,
    identity_type: str = "",
    proof: StoredFile | Inspected | None = None,
    at: datetime,
) -> Claim:
    """Ask to act for a subject. ``code``: a person's document number, or an organisation's USCC.

    A person is verified at once if name and number match a subject; if another account already acts for that
    person, an officer decides. An organisation waits for an officer, who compares it with ``proof``, which is
    stored with the claim or not at all. Asking again returns the claim that stands. Raises ValidationError by field (``code``, ``name``, ``proof``) or,
    without a field, the one answer to every pair of name and number that does not match; the fifth such
    answer of a day ends the attempts. PermissionDenied: staff act for no subject.
    """
    if user.is_staff:
        raise PermissionDenied
    if kind == Subject.Kind.NATURAL_PERSON:
        number = _clean("code", clean_document_number, identity_type, code)
        claim, left = _claim_person(user, name, identity_digest(identity_type, number), at)
        if claim is None:
            # Raised outside the transaction: the failed attempt must stay counted.
            raise ValidationError(_no_match(left), code="no_match")
        return claim
    uscc = _clean("code", _clean_known, code)
    name = name.strip()
    if not name:
        raise ValidationError({"name": _("请填写营业执照或登记证书上的名称。")})
    return _claim_organisation(user, kind, name, uscc, proof, at)


@transaction.atomic
def _claim_person(user: User, name: str, digest: str, at: datetime) -> tuple[Claim | None, int]:
    """The claim, or None and the number of attempts left today."""
    User.objects.select_for_update().get(pk=user.pk)
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))
    failed = Event.objects.filter(actor=user, verb="subject.claim_failed", at__gte=midnight).count()
    if failed >= DAILY_ATTEMPTS:
        return None, 0
    subject = Subject.objects.select_for_update().filter(identity_digest=digest).first()
    if subject is None or not same_name(subject.name, name):
        # Neither the name nor the number: what somebody tried is not a fact about anybody.
        record_event(
            chain=f"user-{user.pk}", verb="subject.claim_failed", at=at, actor=user, role="applicant"
        )
        return None, DAILY_ATTEMPTS - failed - 1
    standing = Claim.objects.filter(user=user, subject=subject).exclude(status=Claim.Status.REJECTED).first()
    if standing:
        return standing, 0
    taken = Claim.objects.filter(subject=subject, status=Claim.Status.VERIFIED).exists()
    claim = Claim.objects.create(
        user=user,
        subject=subject,
        status=Claim.Status.PENDING if taken else Claim.Status.VERIFIED,
        made_at=at,
        decided_at=None if taken else at,
    )
    _record(claim, "subject.claimed", at, user, "applicant")
    if taken:
        _tell_verifiers(claim, at)
    else:
        _record(claim, "subject.claim_verified", at, None, "", by="identity_number")
    return claim, 0


@storing()
def _claim_organisation(
    user: User, kind: str, name: str, uscc: str, proof: StoredFile | Inspected | None, at: datetime
) -> Claim:
    User.objects.select_for_update().get(pk=user.pk)
    standing = Claim.objects.filter(user=user, uscc=uscc).exclude(status=Claim.Status.REJECTED).first()
    subject = Subject.objects.filter(uscc=uscc).first()
    if standing is None and subject:
        standing = (
            Claim.objects.filter(user=user, subject=subject).exclude(status=Claim.Status.REJECTED).first()
        )
    if standing:
        return standing
    if proof is None:
        raise ValidationError({"proof": _("请上传营业执照或登记证书。")})
    if isinstance(proof, Inspected):
        proof = store_upload(upload=proof, user=user, at=at)
    claim = Claim.objects.create(
        user=user, subject=subject, kind=kind, name=name, uscc=uscc, proof=proof, made_at=at
    )
    _record(claim, "subject.claimed", at, user, "applicant")
    _tell_verifiers(claim, at)
    return claim


@transaction.atomic
def decide_claim(*, claim: Claim, approve: bool, reason: str = "", actor: User, at: datetime) -> Claim:
    """An officer of a credit bureau confirms or rejects a waiting claim and the claimant is told.

    Approval makes the subject if the credit files do not have it yet. A natural person is acted for by one
    account: approving a second ends the first. Raises PermissionDenied for anybody else than access.may_verify;
    ValidationError if a rejection has no reason or somebody has decided already.
    """
    if not may_verify(actor, claim):
        raise PermissionDenied
    reason = reason.strip()
    if not approve and not reason:
        raise ValidationError({"reason": _("请写明不予通过的原因，申请人会看到。")})
    if len(reason) > 500:
        raise ValidationError({"reason": _("说明最多500字。")})
    status = Claim.Status.VERIFIED if approve else Claim.Status.REJECTED
    # Of two officers who decide at once, the second waits here and is then told who was quicker.
    current = Claim.objects.select_for_update(of=("self",)).select_related("subject").get(pk=claim.pk)
    if current.status != Claim.Status.PENDING:
        raise ValidationError(
            _("该认领已由%(who)s办理：%(status)s。"),
            params={"who": current.decided_by or _("系统"), "status": current.get_status_display()},
            code="decided",
        )
    if approve and current.subject is None:
        current.subject = Subject.objects.filter(uscc=current.uscc).first() or register_subject(
            kind=current.kind, name=current.name, uscc=current.uscc, at=at
        )
    current.status, current.reason = status, reason
    current.decided_by, current.decided_at = actor, at
    current.save()
    _record(
        current, "subject.claim_verified" if approve else "subject.claim_rejected", at, actor, "credit_bureau"
    )
    if approve and current.subject and current.subject.is_person:
        for former in Claim.objects.filter(subject=current.subject, status=Claim.Status.VERIFIED).exclude(
            pk=current.pk
        ):
            _end_claim(former, actor, at)
    _tell_claimant(current, at)
    return current


def _end_claim(claim: Claim, actor: User, at: datetime) -> None:
    claim.status = Claim.Status.REJECTED
    claim.reason = _("经核验，已改由该自然人的另一账号办理。")
    claim.decided_by, claim.decided_at = actor, at
    claim.save()
    _record(claim, "subject.claim_rejected", at, actor, "credit_bureau", by="another_account")
    _tell_claimant(claim, at)


def record_proof_reading(*, claim: Claim, actor: User, at: datetime) -> None:
    """An officer opens the proof of a claim: a line in the ledger, as for every reading of personal material."""
    note_reading(
        reader=actor,
        verb="subject.proof_read",
        at=at,
        about=chain_of(claim),
        role="credit_bureau",
        payload={"claim": claim.pk, "user": claim.user_id},
    )


def chain_of(claim: Claim) -> str:
    """The chain of a claim's events: that of its subject, once there is one."""
    return f"subject-{claim.subject_id}" if claim.subject_id else f"claim-{claim.pk}"


def _clean_known(code: str) -> str:
    return clean_uscc(code, confirmed_codes())


def _clean(field: str, check: Callable[..., str], *values: str) -> str:
    try:
        return check(*values)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from None


def _no_match(left: int) -> str:
    if left:
        return _(
            "没有找到姓名、证件类型和证件号码都与您填写的一致的信用主体，请核对后再试。今天还可以再试%(left)d次。"
        ) % {"left": left}
    return _("今天已有%(n)d次未能核对一致，请明天再试，或带本人证件到公共信用信息工作机构的窗口办理。") % {
        "n": DAILY_ATTEMPTS
    }


def _record(claim: Claim, verb: str, at: datetime, actor: User | None, role: str, **payload: str) -> None:
    record_event(
        chain=chain_of(claim),
        verb=verb,
        at=at,
        actor=actor,
        role=role,
        organ=actor.organ if actor else None,
        payload={"claim": claim.pk, "user": claim.user_id, **payload},
    )


def _tell_verifiers(claim: Claim, at: datetime) -> None:
    notify(
        key=f"claim-{claim.pk}-made",
        recipients=verifiers_of(claim),
        subject=_("有一件主体认领待核验"),
        body=_("%(name)s（%(code)s）的认领等待核验。")
        % {"name": claim.claimed_name, "code": claim.masked_code},
        at=at,
        link=link_to("claim", claim.pk),
    )


def _tell_claimant(claim: Claim, at: datetime) -> None:
    name = claim.claimed_name
    if claim.status == Claim.Status.VERIFIED:
        subject, body = (
            _("主体认领已通过"),
            _("您现在可以为“%(name)s”查看失信记录、申请信用修复。") % {"name": name},
        )
    else:
        subject, body = (
            _("主体认领未通过"),
            _("您对“%(name)s”的认领未通过。原因：%(reason)s") % {"name": name, "reason": claim.reason},
        )
    notify(
        key=f"claim-{claim.pk}-{claim.status}",
        recipients=[claim.user],
        subject=subject,
        body=body,
        at=at,
        link=link_to("subjects"),
    )
