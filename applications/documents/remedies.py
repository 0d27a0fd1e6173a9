"""With whom a decision of an organ is challenged: changed by two people, told by the letters, looked after every night."""

import logging
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.models import Role, User
from applications.documents import access
from applications.documents.models import Remedies
from applications.documents.templatetags.dates import zh_day
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.findings import report_findings
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.organs.standing import Standing
from rules import remedies as law
from rules.errors import InputError

log = logging.getLogger(__name__)

State = Remedies.State
# How the name of every court ends.
COURT = "法院"


def in_force(organ: Organ, on: date) -> Remedies | None:
    """What holds of an organ on a day; None where two people have not named the bodies yet."""
    return (
        Remedies.objects.filter(organ=organ, state=State.APPROVED, effective_from__lte=on)
        # Of two from the same day the one that was approved last.
        .order_by("-effective_from", "-decided_at", "-id")
        .first()
    )


def told(organ: Organ, at: datetime) -> str:
    """What a letter of this moment says of reconsideration and suit. It never says nothing: where no body is named it
    says what the organ once worded, else the periods of the law alone."""
    held = in_force(organ, localdate(at))
    if held is not None:
        return law.sentence(held.authority, held.court)
    return organ.remedies or law.sentence()


@transaction.atomic
def propose_remedies(
    *, organ: Organ, authority: str, court: str, effective_from: date, actor: User, at: datetime
) -> Remedies:
    """Propose the two bodies of an organ, from a day on.

    InputError by field: a body is not named, a day that is over, nothing that would change. PermissionDenied: not a
    system administrator who looks after the organ.
    """
    if not access.may_propose_remedies(actor, organ):
        raise PermissionDenied
    lock_chain(_chain(organ))
    authority, court = authority.strip(), court.strip()
    if not authority:
        raise InputError("authority", _("请填写行政复议机关的全称"))
    if not court.endswith(COURT):
        raise InputError("court", _("请填写管辖法院的全称，以“法院”结尾"))
    if effective_from < localdate(at):
        raise InputError("effective_from", _("不能早于今天：已经签发的文书不会改变"))
    held = in_force(organ, effective_from)
    if held is not None and (held.authority, held.court) == (authority, court):
        raise InputError("authority", _("与该日现行的完全一致，没有需要改变的"))
    same = {"organ": organ, "authority": authority, "court": court, "effective_from": effective_from}
    if waiting := Remedies.objects.filter(state=State.PROPOSED, **same).first():
        raise InputError("authority", four_eyes.waits(waiting))
    proposed = Remedies.objects.create(
        **same,
        proposed_by=actor,
        proposed_at=at,
    )
    _record(proposed, "remedies.proposed", actor, Role.SYSTEM_ADMIN, at)
    notify(
        key=f"remedies-proposed-{proposed.pk}",
        recipients=access.deciders_of_remedies(proposed),
        subject=_("待复核的复议机关和管辖法院：%(organ)s") % {"organ": organ},
        body=_(
            "%(who)s提出：%(organ)s的行政复议机关为%(authority)s，管辖法院为%(court)s，自%(day)s起写入文书。请核对后复核。"
        )
        % {
            "who": actor,
            "organ": organ,
            "authority": authority,
            "court": court,
            "day": zh_day(effective_from),
        },
        at=at,
        link=link_to("remedies", proposed.pk),
    )
    return proposed


@transaction.atomic
def approve_remedies(*, proposal: Remedies, actor: User, at: datetime) -> Remedies:
    """Put a proposal into effect, by a second person, from its day on, and not before the day of the approval.

    NotProposed: it is decided already. PermissionDenied: the proposer, or no supervisor of the organ or over its region.
    """
    current = _take(proposal, actor)
    current.effective_from = max(current.effective_from, localdate(at))
    four_eyes.approve(current, actor=actor, at=at)
    _record(current, "remedies.approved", actor, Role.SUPERVISOR, at)
    _tell_proposer(
        current,
        "approved",
        _("已复核：%(organ)s的复议机关和管辖法院"),
        _("自%(day)s起写入%(organ)s的文书。"),
        at,
    )
    return current


@transaction.atomic
def reject_remedies(*, proposal: Remedies, actor: User, reason: str, at: datetime) -> Remedies:
    """Turn a proposal down, by a second person. NotProposed, PermissionDenied; InputError without a reason."""
    current = _take(proposal, actor)
    four_eyes.reject(current, actor=actor, reason=reason, at=at)
    _record(current, "remedies.rejected", actor, Role.SUPERVISOR, at)
    _tell_proposer(
        current,
        "rejected",
        _("已驳回：%(organ)s的复议机关和管辖法院"),
        _("%(organ)s的文书写明的机关不变。驳回理由：%(reason)s"),
        at,
    )
    return current


def standing(organ: Organ, on: date) -> Standing | None:
    """What the page of an organ says; None of a department, which issues no letters."""
    if organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return None
    held = in_force(organ, on)
    if held is not None:
        sentence = _("行政复议机关：%(authority)s；管辖法院：%(court)s（自%(day)s起）。") % {
            "authority": held.authority,
            "court": held.court,
            "day": zh_day(held.effective_from),
        }
    else:
        sentence = _without(organ)
    address = f"{reverse('admin:documents_remedies_add')}?organ={organ.pk}"
    return Standing(sentence, address, lacking=held is None)


def _without(organ: Organ) -> str:
    if organ.remedies:
        return _("没有登记行政复议机关和管辖法院，文书沿用本单位原来的表述：“%(words)s”") % {
            "words": organ.remedies
        }
    return _("没有登记行政复议机关和管辖法院，文书只写明复议、诉讼的期限，没有写明向谁提出。")


def check_remedies(*, at: datetime) -> list[str]:
    """Every night: which organs whose letters decide tell of remedies without naming the bodies."""
    named = Remedies.objects.filter(state=State.APPROVED, effective_from__lte=localdate(at))
    lacking = Organ.objects.exclude(kind=Organ.Kind.CREDIT_MANAGEMENT).exclude(pk__in=named.values("organ"))
    found = [_("%(organ)s：%(how)s") % {"organ": organ, "how": _without(organ)} for organ in lacking]
    report_findings(
        log=log,
        kind="remedies",
        subject=_("有单位没有登记复议机关和管辖法院"),
        found=found,
        at=at,
        link=link_to("remedieslist"),
    )
    return found


def _chain(organ: Organ) -> str:
    return f"organ-{organ.code}"


def _take(proposal: Remedies, actor: User) -> Remedies:
    if not access.may_decide_remedies(actor, proposal):
        raise PermissionDenied
    lock_chain(_chain(proposal.organ))
    return four_eyes.lock_proposed(proposal)


def _tell_proposer(proposal: Remedies, step: str, subject: str, body: str, at: datetime) -> None:
    if proposal.proposed_by is None:
        return
    words = {
        "organ": proposal.organ,
        "day": zh_day(proposal.effective_from),
        "reason": proposal.reason,
    }
    notify(
        key=f"remedies-{step}-{proposal.pk}",
        recipients=[proposal.proposed_by],
        subject=subject % words,
        body=body % words,
        at=at,
        link=link_to("remedies", proposal.pk),
    )


def _record(proposal: Remedies, verb: str, actor: User, role: Role, at: datetime) -> None:
    record_event(
        chain=_chain(proposal.organ),
        verb=verb,
        at=at,
        actor=actor,
        role=role,
        organ=actor.organ,
        payload={
            "remedies": proposal.pk,
            "authority": proposal.authority,
            "court": proposal.court,
            "starts_on": proposal.effective_from.isoformat(),
        },
    )
