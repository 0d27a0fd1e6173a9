"""Codes that fail their check and stand so on a licence: one officer hands them in, a second one agrees."""

import re
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.subjects.access import CONFIRMING_ROLES, may_confirm_codes, may_decide_code
from applications.subjects.models import CodeConfirmation
from rules.codes import is_resident_id, is_uscc
from rules.sameness import plain_code

State = CodeConfirmation.State


def confirmed_codes() -> frozenset[str]:
    """The codes that count as valid although they fail their check."""
    return frozenset(CodeConfirmation.objects.filter(state=State.APPROVED).values_list("code", flat=True))


def clean_failing_code(value: str) -> str:
    """The compact form of a code that needs to be confirmed; a ValidationError where it cannot be one or is valid."""
    code = plain_code(value).replace("-", "")
    if not re.fullmatch(r"[0-9A-Z]{18}", code):
        raise ValidationError(_("统一社会信用代码由18位数字和字母组成，请对照证照重新填写。"))
    if is_resident_id(code) and not is_uscc(code):
        raise ValidationError(_("这里填的是自然人的身份证号码，不是统一社会信用代码。"))
    if is_uscc(code) and not is_resident_id(code):
        raise ValidationError(_("这个代码符合标准，不需要确认，可以直接使用。"))
    return code


@storing()
def propose_code(*, code: str, name: str, licence: Inspected, actor: User, at: datetime) -> CodeConfirmation:
    """Hand in a code with the licence on which it stands. ``licence`` is stored with it or not at all.

    Raises PermissionDenied for anybody but access; ValidationError by field where the code cannot be one, is valid as
    it is, or has been handed in before.
    """
    if not may_confirm_codes(actor) or actor.organ is None:
        raise PermissionDenied
    try:
        code = clean_failing_code(code)
    except ValidationError as error:
        raise ValidationError({"code": error.messages}) from None
    Organ.objects.select_for_update().get(pk=actor.organ.pk)
    known = CodeConfirmation.objects.filter(code=code).exclude(state=State.REJECTED).first()
    if known is not None:
        raise ValidationError({"code": _standing(known, actor)})
    confirmation = CodeConfirmation.objects.create(
        code=code,
        name=name.strip(),
        organ=actor.organ,
        licence=store_upload(upload=licence, user=actor, at=at),
        proposed_by=actor,
        proposed_at=at,
    )
    _record(confirmation, "subject.code_proposed", actor, at)
    notify(
        key=f"code-{confirmation.pk}-proposed",
        recipients=staff_of(actor.organ, *CONFIRMING_ROLES),
        by=actor,
        subject=_("有一个代码待复核"),
        body=_("%(name)s（%(code)s）的代码校验位不符，请对照证照复核。") % {"name": name, "code": code},
        at=at,
        link=link_to("codeconfirmation", confirmation.pk),
    )
    return confirmation


def _standing(known: CodeConfirmation, actor: User) -> str:
    """Why a code need not be handed in again."""
    if known.state == State.APPROVED:
        return _("这个代码已经确认，可以直接使用。")
    if known.organ_id == actor.organ_id:
        return _("%(who_acted)s提出这个代码，请到“代码确认”中查看。") % {
            "who_acted": who_acted(known.proposed_by, known.proposed_at)
        }
    return _("%(organ)s已经提出这个代码，正在复核；确认后各单位都可以使用。") % {"organ": known.organ}


@transaction.atomic
def confirm_code(*, confirmation: CodeConfirmation, actor: User, at: datetime) -> CodeConfirmation:
    """A second officer agrees: the code counts. NotProposed; PermissionDenied for the first one and for strangers."""
    current = _lock(confirmation, actor)
    four_eyes.approve(current, actor=actor, at=at)
    _record(current, "subject.code_confirmed", actor, at)
    return current


@transaction.atomic
def refuse_code(
    *, confirmation: CodeConfirmation, reason: str, actor: User, at: datetime
) -> CodeConfirmation:
    """A second officer does not agree, and says why. NotProposed; PermissionDenied as for confirm_code."""
    current = _lock(confirmation, actor)
    four_eyes.reject(current, actor=actor, reason=reason, at=at)
    _record(current, "subject.code_refused", actor, at)
    return current


def _lock(confirmation: CodeConfirmation, actor: User) -> CodeConfirmation:
    if not may_decide_code(actor, confirmation):
        raise PermissionDenied
    return four_eyes.lock_proposed(confirmation)


def _record(confirmation: CodeConfirmation, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=confirmation.chain,
        verb=verb,
        at=at,
        actor=actor,
        organ=actor.organ,
        payload={"confirmation": confirmation.pk, "licence": confirmation.licence.sha256},
    )
