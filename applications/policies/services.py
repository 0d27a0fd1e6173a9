"""The writes of this app: keeping texts, recording implementing rules (Article 18), adopting a policy."""

import json
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.acted import who_acted
from applications.accounts.models import Role, User
from applications.files.models import StoredFile
from applications.ledger.locking import lock_chain
from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.policies import access, selectors
from applications.policies.completeness import gaps_of
from applications.policies.models import ImplementingRules, PolicyAdoption, PolicyText
from applications.policies.reading import read_overlay
from rules.day_words import day_in_words
from rules.errors import InputError, OverlayRefused
from rules.instruments import digest_of
from rules.policy import Overlay, Policy, describe_overlay, load_overlay, load_policies

Status = ImplementingRules.Status
State = PolicyAdoption.State

LONGEST_ID = 40


class NotOpen(Exception):
    """The rules are not in the state that this step needs. The message says how they stand."""


def keep_text(*, policy: Policy, at: datetime) -> PolicyText:
    """Keep the content of a policy under its digest, so that it can be applied again; once is enough."""
    text, _created = PolicyText.objects.get_or_create(
        digest=policy.digest,
        defaults={
            "policy_id": policy.id,
            "content": json.dumps(policy.to_json(), ensure_ascii=False),
            "kept_at": at,
        },
    )
    return text


# -- Implementing rules


@transaction.atomic
def hand_in_rules(
    *, unit: Organ, text: str, document: StoredFile, actor: User, at: datetime
) -> ImplementingRules:
    """Read a unit's implementing rules (TOML) and keep them as a draft, with their difference in words.

    Raises PolicyFileError (line or key), InputError (an id that is taken, rules that are over already) and
    OverlayRefused with the clause that they would loosen. Nothing is kept then.
    """
    if not access.may_record_for(actor, unit):
        raise PermissionDenied
    overlay = read_overlay(text)
    rules = ImplementingRules.objects.create(
        unit=unit,
        rules_id=overlay.id,
        title=overlay.title,
        document_number=overlay.document,
        effective_from=overlay.effective_from,
        effective_to=overlay.effective_to,
        base=overlay.base,
        text=text,
        content=dict(overlay.raw),
        digest=digest_of(overlay.raw),
        document=document,
        differences=_differences(unit, overlay, localdate(at)),
        handed_in_by=actor,
        handed_in_at=at,
    )
    _record_rules(rules, "rules.handed_in", actor, at)
    return rules


def _differences(unit: Organ, overlay: Overlay, today: date) -> list[str]:
    """What the rules change in the policy of their first day, or of today where that is past."""
    if len(overlay.id) > LONGEST_ID:
        raise InputError("id", _("最多%(most)d个字符") % {"most": LONGEST_ID})
    if overlay.effective_to is not None and overlay.effective_to < today:
        raise InputError("effective_to", _("细则在今天之前已经失效，不需要记载"))
    if ImplementingRules.objects.filter(unit=unit, rules_id=overlay.id, status__in=access.RECORDED).exists():
        raise InputError("id", _("本单位已有编号为“%(id)s”的细则，请改用新的编号") % {"id": overlay.id})
    return describe_overlay(selectors.policy_in_force(on=max(overlay.effective_from, today)), overlay)


def confirm_rules(*, rules: ImplementingRules, actor: User, at: datetime) -> ImplementingRules:
    """Put a draft in force from its first day and copy it to the credit-management department (抄送).

    Raises NotOpen where it is no draft any more, InputError where its id has been taken since. Where the
    province's rule has changed so that the draft would loosen it, the draft is refused for good:
    OverlayRefused with the clause.
    """
    refused: OverlayRefused | None = None
    with transaction.atomic():
        current = _take_rules(rules, actor, Status.DRAFT, localdate(at))
        try:
            current.differences = _differences(current.unit, load_overlay(current.content), localdate(at))
        except OverlayRefused as error:
            refused = error
            current.status, current.refusal = Status.REFUSED, str(error)
            current.save()
            _record_rules(current, "rules.refused", actor, at, refusal=str(error))
        else:
            current.status = Status.IN_FORCE
            current.confirmed_by, current.confirmed_at = actor, at
            current.save()
            _record_rules(current, "rules.confirmed", actor, at, differences=current.differences)
            _send_copy(
                current,
                "confirmed",
                _("抄送：%(unit)s的信用修复实施细则") % {"unit": current.unit},
                "\n".join(
                    [
                        _("%(rules)s，自%(day)s起施行。")
                        % {"rules": current, "day": day_in_words(current.effective_from)},
                        *current.differences,
                    ]
                ),
                at,
            )
    if refused is not None:
        raise refused
    return current


@transaction.atomic
def discard_rules(*, rules: ImplementingRules, actor: User, at: datetime) -> None:
    """Take a draft back that nobody has confirmed. Raises NotOpen."""
    current = _take_rules(rules, actor, Status.DRAFT, localdate(at))
    _record_rules(current, "rules.discarded", actor, at)
    current.delete()


@transaction.atomic
def withdraw_rules(
    *, rules: ImplementingRules, from_day: date, reason: str, actor: User, at: datetime
) -> ImplementingRules:
    """End rules (废止) from a day on, today at the earliest. Decisions made under them stand.

    Raises NotOpen where they are not in force, InputError for a day in the past or a missing reason.
    """
    if not reason.strip():
        raise InputError("reason", _("请写明废止的理由或者文号"))
    if from_day < localdate(at):
        raise InputError("from_day", _("废止日期不能早于今天"))
    current = _take_rules(rules, actor, Status.IN_FORCE, localdate(at))
    current.status, current.withdrawn_by = Status.WITHDRAWN, actor
    current.withdrawn_from, current.withdrawal_reason = from_day, reason.strip()
    current.save()
    _record_rules(
        current, "rules.withdrawn", actor, at, withdrawn_from=from_day.isoformat(), reason=reason.strip()
    )
    _send_copy(
        current,
        "withdrawn",
        _("抄送：%(unit)s废止信用修复实施细则") % {"unit": current.unit},
        _("%(rules)s自%(day)s起废止：%(reason)s")
        % {"rules": current, "day": day_in_words(from_day), "reason": reason.strip()},
        at,
    )
    return current


def _take_rules(rules: ImplementingRules, actor: User, status: str, on: date) -> ImplementingRules:
    # One unit's rules one after the other: none is confirmed twice, and no two under one id.
    lock_chain(f"rules-of-{rules.unit.code}")
    current = (
        ImplementingRules.objects.select_for_update(of=("self",))
        .select_related("unit")
        .filter(pk=rules.pk)
        .first()
    )
    if current is None:
        raise NotOpen(_("%(who_acted)s删除这份细则草稿。") % {"who_acted": _last_act(rules)})
    if not access.may_record_for(actor, current.unit):
        raise PermissionDenied
    if current.status != status:
        raise NotOpen(
            _("%(who_acted)s办理，这份细则%(state)s，不能再次办理。")
            % {"who_acted": _last_act(current), "state": current.standing(on)}
        )
    return current


def _last_act(rules: ImplementingRules) -> str:
    last = Event.objects.filter(chain=f"rules-{rules.pk}").select_related("actor").latest("position")
    return who_acted(last.actor, last.at)


def _record_rules(rules: ImplementingRules, verb: str, actor: User, at: datetime, **more: Any) -> None:
    record_event(
        chain=f"rules-{rules.pk}",
        verb=verb,
        at=at,
        actor=actor,
        role=Role.SUPERVISOR,
        organ=rules.unit,
        payload={"id": rules.rules_id, "document": rules.document_number, "digest": rules.digest, **more},
    )


def _send_copy(rules: ImplementingRules, step: str, subject: str, body: str, at: datetime) -> None:
    notify(
        key=f"rules-{step}-{rules.pk}",
        recipients=selectors.copied_to(rules.unit),
        subject=subject,
        body=body,
        at=at,
        link=link_to("rules", rules.pk),
    )


# -- Adopting a policy


@transaction.atomic
def propose_adoption(
    *, policy: Policy, starts_on: date, replay: dict[str, Any], actor: User, at: datetime
) -> PolicyAdoption:
    """Propose that a policy apply from a day on; ``replay`` is the report of what it would change.

    Raises InputError: the policy has gaps, it is not in force on that day, the day is not in the future, or
    the same policy applies then already.
    """
    if not access.may_adopt(actor):
        raise PermissionDenied
    # The same button twice, or two people, wait here for each other.
    lock_chain(f"adoption-of-{policy.id}")
    _check_adoption(policy, starts_on, localdate(at))
    text = keep_text(policy=policy, at=at)
    waiting = PolicyAdoption.objects.filter(text=text, starts_on=starts_on, state=State.PROPOSED).first()
    if waiting is not None:
        raise InputError(
            "starts_on",
            _("同一政策自同一日起的采用已有一项：%(waits)s") % {"waits": four_eyes.waits(waiting)},
        )
    adoption = PolicyAdoption.objects.create(
        text=text,
        title=policy.title,
        document=policy.document,
        starts_on=starts_on,
        replay=replay,
        proposed_by=actor,
        proposed_at=at,
    )
    _record_adoption(adoption, "policy.proposed", actor, at)
    others = selectors.adopters().exclude(pk=actor.pk)
    _tell(adoption, "proposed", others, _("请复核：采用%(document)s") % {"document": adoption.document}, at)
    return adoption


def _check_adoption(policy: Policy, starts_on: date, today: date) -> None:
    gaps = gaps_of(policy)
    if gaps:
        raise InputError("policy", _("还不能采用：%(gaps)s") % {"gaps": "".join(gaps).removesuffix("。")})
    if starts_on <= today:
        raise InputError("starts_on", _("应晚于今天，使已经作出的处理不受影响"))
    if not policy.covers(starts_on):
        raise InputError("starts_on", _("%(day)s不在该政策的施行期间内") % {"day": starts_on.isoformat()})
    if selectors.policy_in_force(on=starts_on).digest == policy.digest:
        raise InputError("policy", _("该政策在%(day)s本来就适用") % {"day": starts_on.isoformat()})
    others = PolicyAdoption.objects.filter(text__policy_id=policy.id).exclude(state=State.REJECTED)
    if (
        any(each.id == policy.id and each.digest != policy.digest for each in load_policies())
        or others.exclude(text=policy.digest).exists()
    ):
        raise InputError("id", _("编号“%(id)s”已用于另一文本，请改用新的编号") % {"id": policy.id})


@transaction.atomic
def approve_adoption(*, adoption: PolicyAdoption, actor: User, at: datetime) -> PolicyAdoption:
    """Adopt a proposed policy from its day on, by a second person. Raises NotProposed, InputError."""
    current = _take_adoption(adoption, actor)
    _check_adoption(selectors.policy_by_digest(current.text_id), current.starts_on, localdate(at))
    four_eyes.approve(current, actor=actor, at=at)
    _record_adoption(current, "policy.adopted", actor, at)
    subject = _("已复核：自%(day)s起采用%(document)s") % {
        "day": current.starts_on.isoformat(),
        "document": current.document,
    }
    _tell(current, "approved", [current.proposed_by], subject, at)
    return current


@transaction.atomic
def reject_adoption(*, adoption: PolicyAdoption, reason: str, actor: User, at: datetime) -> PolicyAdoption:
    """Turn a proposal down, with the reason, by a second person. Raises NotProposed, InputError."""
    current = _take_adoption(adoption, actor)
    four_eyes.reject(current, actor=actor, reason=reason, at=at)
    _record_adoption(current, "policy.rejected", actor, at, reason=current.reason)
    subject = _("已驳回：采用%(document)s") % {"document": current.document}
    _tell(current, "rejected", [current.proposed_by], subject, at)
    return current


def _take_adoption(adoption: PolicyAdoption, actor: User) -> PolicyAdoption:
    if not access.may_decide(actor, adoption):
        raise PermissionDenied
    return four_eyes.lock_proposed(adoption)


def _record_adoption(adoption: PolicyAdoption, verb: str, actor: User, at: datetime, **more: Any) -> None:
    record_event(
        chain=f"adoption-{adoption.pk}",
        verb=verb,
        at=at,
        actor=actor,
        role=Role.SUPERVISOR,
        organ=actor.organ,
        payload={
            "policy": adoption.text.policy_id,
            "digest": adoption.text_id,
            "starts_on": adoption.starts_on.isoformat(),
            **more,
        },
    )


def _tell(adoption: PolicyAdoption, step: str, people: Any, subject: str, at: datetime) -> None:
    notify(
        key=f"adoption-{step}-{adoption.pk}",
        recipients=people,
        subject=subject,
        body=_("%(title)s（%(document)s），自%(day)s起。%(reason)s")
        % {
            "title": adoption.title,
            "document": adoption.document,
            "day": day_in_words(adoption.starts_on),
            "reason": adoption.reason,
        },
        at=at,
        link=link_to("adoption", adoption.pk),
    )
