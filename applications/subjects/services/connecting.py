"""A person whom a real-name provider has named acts for the own subject, and for no other."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.events import record_account_event
from applications.accounts.models import RealNameAccount, User
from applications.accounts.real_name import Identity
from applications.ledger.locking import lock_chain
from applications.subjects.identity import clean_resident_id, identity_digest, same_name
from applications.subjects.models import Capacity, Claim, Subject
from applications.subjects.selectors import bureau_of
from applications.subjects.services.ending import end_by_another
from applications.subjects.services.registering import give_number, register_subject
from applications.subjects.services.telling import record_claim, tell_of_answer
from applications.subjects.signals import claim_closed

Status, IdentityType = Claim.Status, Subject.IdentityType


@transaction.atomic
def connect_person(*, user: User, identity: Identity, at: datetime) -> Claim:
    """Connect an account with the person and the person's own subject, made if it is new.

    Both name and number have to agree: ValidationError where the number is none of a resident, or belongs to another name in
    the credit files; where the person signs in to another account, or the account is another person's. PermissionDenied:
    staff act for no subject.
    """
    if user.is_staff:
        raise PermissionDenied
    try:
        number = clean_resident_id(identity.number)
    except ValidationError:
        raise ValidationError(
            _("实名认证机构给出的不是有效的身份证号码，无法核对，没有相连。请上传证件由工作人员核验。")
        ) from None
    digest = identity_digest(IdentityType.RESIDENT_ID, number)
    lock_chain(f"user-{user.pk}")
    _connect_account(user, identity, at)
    subject = Subject.objects.filter(identity_digest=digest).first()
    if subject is not None and not same_name(subject.name, identity.name):
        raise ValidationError(
            _(
                "实名认证给出的姓名，与信用档案中这个身份证号码的姓名不一致，没有相连，您看不到这份档案。"
                "请带身份证到公共信用信息工作机构的窗口核对。"
            ),
            code="other_name",
        )
    subject = subject or register_subject(
        kind=Subject.Kind.NATURAL_PERSON,
        name=identity.name,
        identity_type=IdentityType.RESIDENT_ID,
        identity_number=number,
        at=at,
    )
    return _verified(user, subject, number, digest, at)


def _connect_account(user: User, identity: Identity, at: datetime) -> None:
    # Of two accounts at once the second waits here.
    lock_chain(f"real-name-{identity.subject}")
    known = RealNameAccount.objects.filter(issuer=identity.issuer, key=identity.subject).first()
    own = RealNameAccount.objects.filter(user=user).first()
    if known is not None and known.user_id != user.pk:
        raise ValidationError(
            _(
                "这个实名身份已经与您的另一个账号相连，没有再连到现在的账号。"
                "请退出后，在登录页用实名认证登录那个账号。"
            ),
            code="other_account",
        )
    if own is not None and known is None:
        raise ValidationError(
            _("现在的账号已经与另一个人的实名身份相连，没有更改。请用您自己的账号登录后再认证。"),
            code="other_person",
        )
    if known is None:
        RealNameAccount.objects.create(
            user=user, issuer=identity.issuer, key=identity.subject, connected_at=at
        )
        record_account_event(user=user, verb="user.real_name_connected", at=at, actor=user)


def _verified(user: User, subject: Subject, number: str, digest: str, at: datetime) -> Claim:
    """The claim that holds. One that waits for an officer needs none any more."""
    held = Claim.objects.select_related("user", "subject").filter(subject=subject, status=Status.VERIFIED)
    standing = held.filter(user=user, capacity=Capacity.SELF).first()
    if standing is not None:
        return standing
    waiting = Claim.objects.filter(
        user=user, identity_digest=digest, status=Status.PENDING, capacity=Capacity.SELF
    ).first()
    claim = waiting or Claim(
        user=user,
        kind=Subject.Kind.NATURAL_PERSON,
        capacity=Capacity.SELF,
        name=subject.name,
        identity_type=IdentityType.RESIDENT_ID,
        identity_number=number,
        identity_digest=digest,
        made_at=at,
    )
    claim.subject = subject
    if waiting is None:
        claim.organ = bureau_of(claim)
        give_number(claim, at)
    for former in held.filter(capacity__in=("", Capacity.SELF)):
        end_by_another(former, claim, None, at)
    claim.status, claim.decided_at = Status.VERIFIED, at
    claim.save()
    if waiting is None:
        record_claim(claim, "subject.claimed", at, user, "applicant", capacity=claim.capacity)
    else:
        claim_closed.send(Claim, claim=claim, at=at, answered=True)
    record_claim(claim, "subject.claim_verified", at, None, "", by="real_name")
    tell_of_answer(claim, at, by=user)
    return claim
