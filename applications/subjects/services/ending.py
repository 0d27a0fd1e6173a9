"""Somebody no longer acts for a subject: removed, given up, replaced, or the power of attorney is over."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.language import as_kept, day_in_words
from applications.ledger.locking import lock_chain
from applications.subjects.access import may_end
from applications.subjects.models import Claim
from applications.subjects.services.telling import record_claim, tell_before_end, tell_of_end
from applications.subjects.signals import acting_ended
from rules.acting import acting

Status = Claim.Status


@transaction.atomic
def end_claim(*, claim: Claim, actor: User, reason: str = "", at: datetime) -> Claim:
    """The subject's own representative removes somebody who acts for it, or somebody gives it up. What was filed stands.

    PermissionDenied for anybody but access.may_end; ValidationError where it has ended already.
    """
    current = _lock(claim)
    if not may_end(actor, current, localdate(at)):
        raise PermissionDenied
    if current.status != Status.VERIFIED:
        raise ValidationError(_("此人已经不再代办，没有更改。"))
    reason = reason.strip()
    if len(reason) > 200:
        raise ValidationError({"reason": _("原因最多200字。")})
    own = current.user_id == actor.pk
    with as_kept():
        current.reason = (
            _("本人放弃代办。")
            if own
            else _("%(who)s已移除您的代办资格。") % {"who": current.whose.shown_name_of(actor)}
        ) + (_("原因：%(reason)s。") % {"reason": reason.rstrip("。")} if reason else "")
    _end(current, at)
    record_claim(
        current, "subject.claim_ended", at, actor, "applicant", by="self" if own else "representative"
    )
    acting_ended.send(Claim, claim=current, at=at, heir=None if own else actor)
    tell_of_end(current, at, by=actor, others=own)
    return current


def end_by_another(claim: Claim, other: Claim, actor: User | None, at: datetime) -> None:
    """An officer, or a real-name provider, has confirmed another claim, of the same user or of another account of the same person."""
    renewed = claim.user_id == other.user_id
    with as_kept():
        claim.reason = (
            _("已由新的认领%(number)s代替。") % {"number": other.number or ""}
            if renewed
            else _("经核验，已改由该自然人的另一账号办理。")
        )
    _end(claim, at)
    record_claim(
        claim,
        "subject.claim_ended",
        at,
        actor,
        "credit_bureau" if actor else "",
        by="renewal" if renewed else "another_account",
    )
    if not renewed:
        acting_ended.send(Claim, claim=claim, at=at, heir=other.user)
        tell_of_end(claim, at)


def end_powers(*, at: datetime) -> int:
    """End the powers of attorney whose last day is over, and tell of those that end soon. Returns how many ended."""
    today = localdate(at)
    soon = today + timedelta(days=acting().told_before_days)
    held = Claim.objects.filter(status=Status.VERIFIED, ends_on__lte=soon)
    for found in list(held.filter(ends_on__gte=today, told_of_end_at=None)):
        with transaction.atomic():
            claim = _lock(found)
            if claim.status == Status.VERIFIED and claim.told_of_end_at is None:
                claim.told_of_end_at = at
                claim.save(update_fields=["told_of_end_at"])
                tell_before_end(claim, at)
    ended = 0
    for found in list(held.filter(ends_on__lt=today)):
        with transaction.atomic():
            claim = _lock(found)
            if claim.status != Status.VERIFIED or claim.ends_on is None:
                continue
            claim.reason = _("授权已于%(day)s到期。") % {"day": day_in_words(claim.ends_on)}
            _end(claim, at)
            record_claim(claim, "subject.claim_ended", at, None, "", by="last_day")
            acting_ended.send(Claim, claim=claim, at=at, heir=None)
            tell_of_end(claim, at, others=True)
            ended += 1
    return ended


def _lock(claim: Claim) -> Claim:
    lock_chain(claim.chain)
    return Claim.objects.select_for_update(of=("self",)).select_related("subject", "user").get(pk=claim.pk)


def _end(claim: Claim, at: datetime) -> None:
    claim.status, claim.ended_at = Status.ENDED, at
    claim.save(update_fields=["status", "ended_at", "reason"])
