"""Asking to act for a subject, putting right what was said, and taking it back."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.second_factor import has_second_factor
from applications.files.inspection import Inspected
from applications.files.models import StoredFile
from applications.files.services import store_upload, storing
from applications.language import day_in_words
from applications.ledger.locking import lock_chain
from applications.subjects.identity import clean_document_number, identity_digest, same_name
from applications.subjects.models import Capacity, Claim, EarlierClaim, Subject
from applications.subjects.selectors import bureau_of
from applications.subjects.services.registering import by_field, clean_known_uscc, give_number
from applications.subjects.services.telling import record_claim, tell_of_new_claim
from applications.subjects.signals import claim_closed, claim_waits
from rules.acting import acting

Status = Claim.Status
OF_PERSON = (Capacity.SELF, Capacity.AGENT)
OF_ORGANISATION = (Capacity.REPRESENTATIVE, Capacity.EMPLOYEE, Capacity.AGENT)
# What is compared, and kept of a claim that is corrected.
SAID = (
    "capacity",
    "name",
    "uscc",
    "identity_type",
    "identity_number",
    "scope_document",
    "ends_on",
    "proof_id",
)


def capacities_for(kind: str) -> tuple[Capacity, ...]:
    return OF_PERSON if kind == Subject.Kind.NATURAL_PERSON else OF_ORGANISATION


@storing()
def claim_subject(
    *,
    user: User,
    kind: str,
    capacity: str,
    name: str,
    code: str,
    identity_type: str = "",
    scope_document: str = "",
    ends_on: date | None = None,
    proof: StoredFile | Inspected | None = None,
    at: datetime,
) -> Claim:
    """Ask to act for a subject; an officer compares it with ``proof``, which is stored with the claim or not at all.

    ``code``: a person's document number, or an organisation's USCC. An agent's power of attorney is for all matters or for
    the record of ``scope_document``, and ends with ``ends_on``. Who asks for a person needs a second factor: name and number
    open nothing. Asking again returns the claim that stands. Raises ValidationError by field (``code``, ``name``,
    ``capacity``, ``ends_on``, ``proof``), without a field where the second factor is missing; PermissionDenied: staff act
    for no subject.
    """
    if user.is_staff:
        raise PermissionDenied
    if kind == Subject.Kind.NATURAL_PERSON and not has_second_factor(user):
        raise ValidationError(
            _("替自然人办理的，请先为您的账号开启两步验证，再来认领。"), code="second_factor"
        )
    said = _said(kind, capacity, name, code, identity_type, scope_document, ends_on, localdate(at))
    User.objects.select_for_update().get(pk=user.pk)
    standing = _standing(user, said)
    if standing is not None:
        return standing
    if proof is None:
        raise ValidationError({"proof": _("请上传证明材料。")})
    claim = Claim(user=user, kind=kind, made_at=at, **said)
    claim.proof = store_upload(upload=proof, user=user, at=at) if isinstance(proof, Inspected) else proof
    _place(claim)
    give_number(claim, at)
    claim.save()
    record_claim(claim, "subject.claimed", at, user, "applicant", capacity=capacity)
    claim_waits.send(Claim, claim=claim, at=at)
    tell_of_new_claim(claim, at)
    return claim


def state_capacity(*, claim: Claim, user: User, capacity: str, at: datetime) -> Claim:
    """Say in which capacity one acts, of a claim from before that was asked: a new claim with the proof that is there, which an
    officer answers like any other. The old one holds until then, and is replaced by it.

    PermissionDenied for anybody else; ValidationError as in claim_subject, and for an agent, whose power needs its last day.
    """
    if claim.user_id != user.pk:
        raise PermissionDenied
    if claim.status != Status.VERIFIED or claim.capacity or claim.subject is None:
        raise ValidationError(_("这件认领不用补报身份。"))
    if Claim.objects.filter(user=user, subject=claim.subject, status=Status.PENDING).exists():
        raise ValidationError(_("您对这个主体的认领正在核验。要改身份的，请更正那一件。"))
    if capacity == Capacity.AGENT:
        raise ValidationError({"capacity": _("代理的，请重新认领，填写授权的截止日期并上传授权委托书。")})
    about = claim.subject
    return claim_subject(
        user=user,
        kind=about.kind,
        capacity=capacity,
        name=about.name,
        code=about.uscc or about.identity_number,
        identity_type=about.identity_type,
        proof=claim.proof,
        at=at,
    )


@storing()
def correct_claim(
    *,
    claim: Claim,
    user: User,
    capacity: str,
    name: str,
    code: str,
    identity_type: str = "",
    scope_document: str = "",
    ends_on: date | None = None,
    proof: StoredFile | Inspected | None = None,
    at: datetime,
) -> Claim:
    """Put right what a waiting claim says, or hand another proof in; what it said before is kept, and the answer is owed
    from now. PermissionDenied for anybody else; ValidationError as in claim_subject, also where it was answered, or nothing
    is different."""
    current = _own_waiting(claim, user)
    before = {field: getattr(current, field) for field in SAID}
    said = _said(current.kind, capacity, name, code, identity_type, scope_document, ends_on, localdate(at))
    for field, value in said.items():
        setattr(current, field, value)
    if proof is not None:
        current.proof = (
            store_upload(upload=proof, user=user, at=at) if isinstance(proof, Inspected) else proof
        )
    if before == {field: getattr(current, field) for field in SAID}:
        raise ValidationError(_("没有改动，认领照原样等待核验。"))
    others = Claim.objects.filter(user=user, status=Status.PENDING).exclude(pk=current.pk)
    if others.filter(uscc=current.uscc, identity_digest=current.identity_digest).exists():
        raise ValidationError({"code": _("您对这个代码已有一件认领在等待核验。")})
    EarlierClaim.objects.create(claim=current, replaced_at=at, **before)
    _place(current)
    current.save()
    record_claim(current, "subject.claim_corrected", at, user, "applicant")
    claim_waits.send(Claim, claim=current, at=at)
    tell_of_new_claim(current, at, corrected=current.earlier.count())
    return current


@storing()
def withdraw_claim(*, claim: Claim, user: User, at: datetime) -> Claim:
    """Take a waiting claim back. PermissionDenied for anybody else; ValidationError where it was answered."""
    current = _own_waiting(claim, user)
    current.status, current.ended_at = Status.WITHDRAWN, at
    current.save(update_fields=["status", "ended_at"])
    record_claim(current, "subject.claim_withdrawn", at, user, "applicant")
    claim_closed.send(Claim, claim=current, at=at, answered=False)
    return current


def _own_waiting(claim: Claim, user: User) -> Claim:
    lock_chain(claim.number or claim.chain)
    current = (
        Claim.objects.select_for_update(of=("self",)).select_related("subject", "organ").get(pk=claim.pk)
    )
    if current.user_id != user.pk:
        raise PermissionDenied
    if current.status != Status.PENDING:
        raise ValidationError(
            _("这件认领现为“%(status)s”，不能再更改。") % {"status": current.get_status_display()}
        )
    return current


def _said(
    kind: str,
    capacity: str,
    name: str,
    code: str,
    identity_type: str,
    scope_document: str,
    ends_on: date | None,
    today: date,
) -> dict[str, Any]:
    """The fields of a claim, clean."""
    person = kind == Subject.Kind.NATURAL_PERSON
    if capacity not in capacities_for(kind):
        raise ValidationError({"capacity": _("请选择您以什么身份办理。")})
    name = name.strip()
    if not name:
        raise ValidationError({"name": _("请填写证件或者证书上的名称（姓名）。")})
    said: dict[str, Any] = {"capacity": capacity, "name": name, "scope_document": "", "ends_on": None}
    if person:
        number = by_field("code", clean_document_number, identity_type, code)
        said |= {
            "identity_type": identity_type,
            "identity_number": number,
            "identity_digest": identity_digest(identity_type, number),
        }
    else:
        said["uscc"] = by_field("code", clean_known_uscc, code)
    if capacity == Capacity.AGENT:
        last = acting().last_end(today)
        if ends_on is None or not today <= ends_on <= last:
            raise ValidationError(
                {
                    "ends_on": _("请填写授权委托书的截止日期，从今天到%(last)s之间。")
                    % {"last": day_in_words(last)}
                }
            )
        said |= {"scope_document": scope_document.strip(), "ends_on": ends_on}
    return said


def _standing(user: User, said: dict[str, Any]) -> Claim | None:
    """What the user has asked for already, or has: a power of attorney can be renewed, and another capacity stated."""
    same = Claim.objects.filter(user=user)
    if "uscc" in said:
        same = same.filter(uscc=said["uscc"]) | same.filter(subject__uscc=said["uscc"])
    else:
        digest = said["identity_digest"]
        same = same.filter(identity_digest=digest) | same.filter(subject__identity_digest=digest)
    waiting = same.filter(status=Status.PENDING).first()
    if waiting is not None or said["capacity"] == Capacity.AGENT:
        return waiting
    return same.filter(status=Status.VERIFIED, capacity=said["capacity"]).first()


def _place(claim: Claim) -> None:
    """The subject that it is about, if there is one, and the bureau that answers. A person is one of that name alone."""
    if claim.uscc:
        claim.subject = Subject.objects.filter(uscc=claim.uscc).first()
    else:
        digest = identity_digest(claim.identity_type, claim.identity_number)
        found = Subject.objects.filter(identity_digest=digest).first()
        claim.subject = found if found and same_name(found.name, claim.name) else None
    claim.organ = bureau_of(claim)
