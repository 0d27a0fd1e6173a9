"""Codes that fail their check and stand so on a licence: one officer hands them in, a second one agrees."""

import re
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.ledger.services import record_event
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.subjects.access import CONFIRMING_ROLES, codes_visible_to, may_confirm_codes
from applications.subjects.models import CodeConfirmation
from rules.codes import is_resident_id, is_uscc
from rules.sameness import plain_code

Status = CodeConfirmation.Status


def confirmed_codes() -> frozenset[str]:
    """The codes that count as valid although they fail their check."""
    return frozenset(CodeConfirmation.objects.filter(status=Status.CONFIRMED).values_list("code", flat=True))


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
    if CodeConfirmation.objects.filter(code=code).exclude(status=Status.REFUSED).exists():
        raise ValidationError({"code": _("这个代码已经提出过，请到“代码确认”中查看。")})
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
        recipients=User.objects.filter(
            organ=actor.organ, is_active=True, staff_roles__role__in=CONFIRMING_ROLES
        )
        .exclude(pk=actor.pk)
        .distinct(),
        subject=_("有一个代码待复核"),
        body=_("%(name)s（%(code)s）的代码校验位不符，请对照证照复核。") % {"name": name, "code": code},
        at=at,
        link=reverse("admin:subjects_codeconfirmation_change", args=[confirmation.pk]),
    )
    return confirmation


@transaction.atomic
def decide_code(
    *, confirmation: CodeConfirmation, agree: bool, reason: str = "", actor: User, at: datetime
) -> CodeConfirmation:
    """The second officer's word. Raises PermissionDenied for the one who handed it in and for strangers;
    ValidationError where somebody has decided already or a refusal has no reason."""
    if (
        not codes_visible_to(actor).filter(pk=confirmation.pk).exists()
        or confirmation.proposed_by_id == actor.pk
    ):
        raise PermissionDenied
    reason = reason.strip()
    if not agree and not reason:
        raise ValidationError({"reason": _("请写明不予确认的原因。")})
    current = CodeConfirmation.objects.select_for_update(of=("self",)).get(pk=confirmation.pk)
    if current.status != Status.PROPOSED:
        raise ValidationError(
            _("该代码已由%(who)s办理：%(status)s。"),
            params={"who": current.decided_by, "status": current.get_status_display()},
        )
    current.status = Status.CONFIRMED if agree else Status.REFUSED
    current.decided_by, current.decided_at, current.reason = actor, at, "" if agree else reason[:500]
    current.save()
    _record(current, "subject.code_confirmed" if agree else "subject.code_refused", actor, at)
    return current


def _record(confirmation: CodeConfirmation, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=confirmation.chain,
        verb=verb,
        at=at,
        actor=actor,
        organ=actor.organ,
        payload={"confirmation": confirmation.pk, "licence": confirmation.licence.sha256},
    )
