"""The picture of an organ's seal: examined, proposed by one officer, put into effect or out of use by another, and which
one a letter bears.

It shows how the organ's seal looks. It is no electronic signature, and a letter with it says so.
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.access import has_role
from applications.accounts.examining import at_expense_of, examined
from applications.accounts.models import Role, User
from applications.documents import access
from applications.documents.models import Document, Kind, SealPicture
from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.files.examining import PNG
from applications.files.inspection import SIGNATURES, Inspected, Upload, clean_name
from applications.files.services import store_upload, storing
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.organs.standing import Standing
from rules.errors import InputError

State = SealPicture.State
# Across. No seal is larger than that of the State Council (国发〔1999〕25号, 6 cm).
SMALLEST, LARGEST = 30, 60
# Pixels.
MOST = 3000
# What the subject's own hand signs bears no seal of an organ.
UNSEALED = frozenset({Kind.COMMITMENT})


@dataclass(frozen=True, slots=True)
class SealImage(Inspected):
    """A picture that passed the examination of a seal (seal_examining)."""


class NoPicture(LookupError):
    """The picture that a letter was sealed with cannot be had, or is not what it was."""


def examined_seal(upload: Upload, *, user: User) -> SealImage:
    """The seal of an upload, cut out and encoded anew. Called before the transaction begins.

    Raises a ValidationError in Chinese that names the file and the remedy.
    """
    if isinstance(upload, SealImage):
        return upload
    check_measures(upload)
    file = examined(upload, user=user)

    def refuse(text: str) -> ValidationError:
        return _refused(file.name, text)

    if file.content_type != PNG:
        raise refuse(_("不是 PNG 图片。印章图样要有透明的背景，请存为背景透明的 PNG 后上传。"))
    try:
        with (
            at_expense_of(user, name=file.name),
            bounded.run("applications.documents.seal_examining:examine_seal", file.content) as answer,
        ):
            kept = {each.name: getattr(file, each.name) for each in fields(Inspected)}
            return SealImage(**kept | {"content": answer.read()})
    except Refused as refused:
        raise refuse(_(refused.sentence) % refused.params) from None
    except bounded.OverBudget:
        raise refuse(_("太大或过于复杂，无法检查。请缩小尺寸后重新上传。")) from None
    except bounded.NotExamined:
        raise refuse(_("暂时无法检查，没有保存。请稍后重新上传。")) from None


def check_measures(upload: Upload) -> None:
    """ValidationError where a PNG says of itself that it is larger than any seal needs: to examine all of it would cost more
    than an upload may."""
    if isinstance(upload, Inspected):
        return
    head = upload.read(24)
    upload.seek(0)
    if SIGNATURES.get(head[:8]) != PNG:
        return
    width, height = (int.from_bytes(head[at : at + 4]) for at in (16, 20))
    if max(width, height) > MOST:
        told = _("过大（%(width)d×%(height)d像素，每边最多%(most)d）。请缩小后重新上传。")
        raise _refused(clean_name(upload.name or ""), told % {"width": width, "height": height, "most": MOST})


def _refused(name: str, text: str) -> ValidationError:
    return ValidationError("“%(name)s”%(text)s", params={"name": name, "text": text}, code="file")


def in_force(organ: Organ, at: datetime) -> SealPicture | None:
    """What the letters of an organ bear at a moment; None where two people have put no picture into effect, have put it out
    of use, or where the organ has another name now than its seal says."""
    held = last_approved(organ, at)
    return held if held and not held.withdraws and held.organ_name == organ.name else None


def last_approved(organ: Organ, at: datetime) -> SealPicture | None:
    return (
        SealPicture.objects.filter(organ=organ, state=State.APPROVED, decided_at__lte=at)
        .select_related("picture", "organ")
        .order_by("-decided_at", "-id")
        .first()
    )


def standing(organ: Organ, on: date) -> Standing | None:
    """What the page of an organ says; None where its letters bear the drawn mark, as they did from the beginning."""
    held = last_approved(organ, datetime.combine(on, time.max, tzinfo=get_current_timezone()))
    if held is None or held.withdraws:
        return None
    if held.organ_name == organ.name:
        return Standing(_("文书使用本单位的印章图样。"), "", lacking=False)
    sentence = _("印章图样上的名称是“%(name)s”：更名后签发的文书不再使用，须由本单位上传新印章的图样。")
    return Standing(sentence % {"name": held.organ_name}, "", lacking=True)


def frozen(kind: str, organ: Organ, at: datetime) -> dict[str, Any]:
    """What the content of a letter says of its seal: nothing where it bears the drawn mark, or none."""
    held = None if kind in UNSEALED else in_force(organ, at)
    if held is None or held.picture is None:
        return {}
    return {"seal": {"sha256": held.picture.sha256, "millimetres": held.millimetres}}


def picture_of(document: Document) -> bytes | None:
    """The picture that a letter was sealed with; None: it bears none. NoPicture."""
    seal = document.content.get("seal")
    if not seal:
        return None
    held = (
        SealPicture.objects.filter(organ=document.organ_id, picture__sha256=seal["sha256"])
        .select_related("picture")
        .first()
    )
    if held is None or held.picture is None:
        raise NoPicture(f"no picture of a seal has the digest {seal['sha256']}")
    try:
        with held.picture.file.open("rb") as file:
            content: bytes = file.read()
    except OSError as error:
        raise NoPicture(f"the picture of a seal {held.picture.pk} cannot be opened") from error
    if hashlib.sha256(content).hexdigest() != seal["sha256"]:
        raise NoPicture(f"the picture of a seal {held.picture.pk} is not what it was")
    return content


def propose_seal(*, picture: Upload, millimetres: int, actor: User, at: datetime) -> SealPicture:
    """Propose the picture of the seal of the actor's own organ, and how wide the seal is.

    ValidationError of the file; InputError of the diameter, or where the same picture waits; PermissionDenied: not who may propose there.
    """
    if not access.may_propose_seal(actor):
        raise PermissionDenied
    if not SMALLEST <= millimetres <= LARGEST:
        raise InputError(
            "millimetres",
            _("请填写印章实物的直径，%(least)d至%(most)d毫米") % {"least": SMALLEST, "most": LARGEST},
        )
    image = examined_seal(picture, user=actor)
    organ = _organ_of(actor)
    with storing():
        lock_chain(_chain(organ))
        _refuse_second("picture", organ, sha256=hashlib.sha256(image.content).hexdigest())
        proposed = SealPicture.objects.create(
            organ=organ,
            organ_name=organ.name,
            picture=store_upload(upload=image, user=actor, at=at),
            millimetres=millimetres,
            proposed_by=actor,
            proposed_at=at,
        )
        _tell_deciders(proposed, at)
        return proposed


def _refuse_second(field: str, organ: Organ, *, sha256: str | None) -> None:
    """InputError where the same picture, or (None) another withdrawal, waits; the caller has the organ's chain locked."""
    same = Q(picture=None) if sha256 is None else Q(picture__sha256=sha256)
    waiting = SealPicture.objects.filter(same, organ=organ, state=State.PROPOSED)
    if first := waiting.select_related("proposed_by").first():
        raise InputError(field, four_eyes.waits(first))


@transaction.atomic
def propose_withdrawal(*, grounds: str, actor: User, at: datetime) -> SealPicture:
    """Propose that letters of the actor's own organ bear no picture any more: the seal is lost, or is another one now.

    InputError: no grounds, or there is nothing to put out of use. PermissionDenied: not who may propose there.
    """
    if not access.may_propose_seal(actor):
        raise PermissionDenied
    organ = _organ_of(actor)
    lock_chain(_chain(organ))
    if not grounds.strip():
        raise InputError("grounds", _("请写明停用的原因，例如印章遗失、单位更名"))
    _refuse_second("grounds", organ, sha256=None)
    held = last_approved(organ, at)
    if held is None or held.withdraws:
        raise InputError("grounds", _("本单位没有正在使用的印章图样，不用停用"))
    proposed = SealPicture.objects.create(
        organ=organ, organ_name=organ.name, grounds=grounds.strip(), proposed_by=actor, proposed_at=at
    )
    _tell_deciders(proposed, at)
    return proposed


@transaction.atomic
def approve_seal(*, proposal: SealPicture, actor: User, at: datetime) -> SealPicture:
    """Put a proposal into effect, by a second person, for the letters issued from this moment on.

    NotProposed: it is decided already. ValidationError: the organ has another name now. PermissionDenied: the proposer, or no
    supervisor of the organ or over its region.
    """
    current = _take(proposal, actor)
    if not current.withdraws and current.organ_name != current.organ.name:
        raise ValidationError(
            _("没有启用：提出以后单位已更名为“%(name)s”。请驳回，由该单位上传新印章的图样。")
            % {"name": current.organ.name}
        )
    four_eyes.approve(current, actor=actor, at=at)
    _record(current, "approved", actor, Role.SUPERVISOR, at)
    if current.withdraws:
        subject, body = (
            _("已复核：停用%(organ)s的印章图样"),
            _("此后签发的文书不再使用印章图样，已经签发的不变。"),
        )
    else:
        subject, body = (
            _("已复核：启用%(organ)s的印章图样"),
            _("此后签发的文书使用这个图样，已经签发的不变。"),
        )
    _tell_proposer(current, "approved", subject, body, at)
    return current


@transaction.atomic
def reject_seal(*, proposal: SealPicture, actor: User, reason: str, at: datetime) -> SealPicture:
    """Turn a proposal down, by a second person. NotProposed, PermissionDenied; InputError without a reason."""
    current = _take(proposal, actor)
    four_eyes.reject(current, actor=actor, reason=reason, at=at)
    _record(current, "rejected", actor, Role.SUPERVISOR, at)
    if current.withdraws:
        subject = _("已驳回：停用%(organ)s的印章图样")
    else:
        subject = _("已驳回：启用%(organ)s的印章图样")
    _tell_proposer(current, "rejected", subject, _("文书上的印章不变。驳回理由：%(reason)s"), at)
    return current


def _organ_of(actor: User) -> Organ:
    # Who may propose has one.
    assert actor.organ is not None
    return actor.organ


def _chain(organ: Organ) -> str:
    return f"organ-{organ.code}"


def _take(proposal: SealPicture, actor: User) -> SealPicture:
    if not access.may_decide_seal(actor, proposal):
        raise PermissionDenied
    lock_chain(_chain(proposal.organ))
    return four_eyes.lock_proposed(proposal)


def _tell_deciders(proposal: SealPicture, at: datetime) -> None:
    actor = proposal.proposed_by
    assert actor is not None
    roles = (Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.APPROVER)
    _record(proposal, "proposed", actor, next(role for role in roles if has_role(actor, role)), at)
    if proposal.withdraws:
        subject = _("待复核：停用%(organ)s的印章图样")
        body = _("%(who)s提出：%(organ)s的文书不再使用印章图样。原因：%(grounds)s。请核对后复核。")
    else:
        subject = _("待复核：启用%(organ)s的印章图样")
        body = _("%(who)s上传了%(organ)s的印章图样，复核后签发的文书使用这个图样。请与印章实物核对后复核。")
    words = {"who": actor, "organ": proposal.organ_name, "grounds": proposal.grounds.rstrip("。")}
    notify(
        key=f"seal-proposed-{proposal.pk}",
        recipients=access.deciders_of_seal(proposal),
        subject=subject % words,
        body=body % words,
        at=at,
        link=link_to("seal", proposal.pk),
    )


def _tell_proposer(proposal: SealPicture, step: str, subject: str, body: str, at: datetime) -> None:
    assert proposal.proposed_by is not None
    words = {"organ": proposal.organ_name, "reason": proposal.reason}
    notify(
        key=f"seal-{step}-{proposal.pk}",
        recipients=[proposal.proposed_by],
        subject=subject % words,
        body=body % words,
        at=at,
        link=link_to("seal", proposal.pk),
    )


VERBS = {
    (False, "proposed"): "seal.proposed",
    (False, "approved"): "seal.approved",
    (False, "rejected"): "seal.rejected",
    (True, "proposed"): "seal.withdrawal_proposed",
    (True, "approved"): "seal.withdrawn",
    (True, "rejected"): "seal.withdrawal_rejected",
}


def _record(proposal: SealPicture, step: str, actor: User, role: Role, at: datetime) -> None:
    if proposal.picture is None:
        said: dict[str, Any] = {"reason": proposal.grounds}
    else:
        said = {"sha256": proposal.picture.sha256, "millimetres": proposal.millimetres}
    record_event(
        chain=_chain(proposal.organ),
        verb=VERBS[proposal.withdraws, step],
        at=at,
        actor=actor,
        role=role,
        organ=actor.organ,
        payload={"seal": proposal.pk, "name": proposal.organ_name, **said},
    )
