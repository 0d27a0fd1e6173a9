"""That a public commitment is broken, found by two officers of the department on the paper that shows it (Article 15)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.models import User
from applications.accounts.selectors import supervisors_over
from applications.commitments.access import may_decide_finding, may_propose_finding
from applications.commitments.models import BreachFinding, Commitment
from applications.commitments.services import note_breach
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.masking import mask_numbers
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.subjects.selectors import acting_now
from rules.day_words import day_in_words

Kind, State = BreachFinding.Kind, BreachFinding.State


@transaction.atomic
def propose_finding(
    *, commitment: Commitment, kind: str, facts: str, evidence: Inspected | None, actor: User, at: datetime
) -> BreachFinding:
    """Hand in that a commitment is broken, or that it was found so by mistake. Nothing happens before a colleague agrees.

    ValidationError by field; PermissionDenied.
    """
    if not may_propose_finding(actor, commitment):
        raise PermissionDenied
    _refuse_at_odds(commitment, kind)
    if not facts.strip():
        raise ValidationError({"facts": _("请写明查明的事实。")})
    if evidence is None:
        raise ValidationError({"evidence": _("请上传认定所依据的文书或者证据。")})
    try:
        with storing():
            lock_chain(commitment.chain)
            finding = BreachFinding.objects.create(
                commitment=commitment,
                kind=kind,
                facts=mask_numbers(facts.strip()),
                # The last paragraph of either text says what follows.
                consequences=commitment.text[-1] if kind == Kind.BREACH else "",
                evidence=store_upload(upload=evidence, user=actor, at=at),
                proposed_by=actor,
                proposed_at=at,
            )
            _record(finding, "commitment.finding_proposed", actor, at)
    except IntegrityError:
        waiting = BreachFinding.objects.filter(commitment=commitment, state=State.PROPOSED).first()
        if waiting is None:
            raise
        raise ValidationError(
            _("这份信用承诺已有一项%(kind)s：%(waits)s。")
            % {"kind": waiting.get_kind_display(), "waits": four_eyes.waits(waiting)}
        ) from None
    notify(
        key=f"breachfinding-{finding.pk}",
        recipients=supervisors_over(commitment.document.organ.region),
        by=actor,
        subject=_("%(finding)s，待复核") % {"finding": finding},
        body=_("%(who)s提出：%(facts)s") % {"who": actor.name, "facts": finding.facts},
        link=link_to("breachfinding", finding.pk),
        about=finding.chain,
        at=at,
    )
    return finding


@transaction.atomic
def approve_finding(*, finding: BreachFinding, actor: User, at: datetime) -> BreachFinding:
    """Put a finding into effect: the public list says it from now on, and the subject is told. NotProposed; Unopened;
    ValidationError where the commitment says so already; PermissionDenied."""
    finding = _lock(finding, actor)
    commitment = Commitment.objects.select_related("subject", "document__organ").get(pk=finding.commitment_id)
    _refuse_at_odds(commitment, finding.kind)
    four_eyes.approve(finding, actor=actor, at=at)
    if finding.kind == Kind.BREACH:
        note_breach(commitment=commitment, at=at)
        _record(finding, "commitment.broken", actor, at)
    else:
        commitment.broken_at = None
        commitment.save(update_fields=["broken_at"])
        _record(finding, "commitment.breach_lifted", actor, at)
    _tell(finding, commitment, at)
    return finding


@transaction.atomic
def reject_finding(*, finding: BreachFinding, reason: str, actor: User, at: datetime) -> BreachFinding:
    """Turn a finding down, with the reason: nothing happens to the commitment. NotProposed; InputError; PermissionDenied."""
    finding = _lock(finding, actor)
    four_eyes.reject(finding, actor=actor, reason=reason, at=at)
    _record(finding, "commitment.finding_rejected", actor, at)
    return finding


def may_lift(commitment: Commitment) -> bool:
    """Whether the commitment is broken by a finding, and not because the repair that rested on it was revoked."""
    last = commitment.findings.filter(state=State.APPROVED).order_by("-decided_at", "-pk").first()
    return commitment.broken_at is not None and last is not None and last.decided_at == commitment.broken_at


def _refuse_at_odds(commitment: Commitment, kind: str) -> None:
    if kind == Kind.BREACH:
        if not commitment.is_public:
            raise ValidationError(_("这份信用承诺没有公示，或者已经撤回公示，不能登记。"))
        if commitment.broken_at:
            raise ValidationError(_("这份信用承诺已经登记为违背承诺。"))
    elif not may_lift(commitment):
        raise ValidationError(
            _("这份信用承诺没有登记为违背承诺，或者是因撤销信用修复而违背的，不能在这里撤销。")
        )


def _lock(finding: BreachFinding, actor: User) -> BreachFinding:
    lock_chain(finding.chain)
    if not may_decide_finding(actor, finding):
        raise PermissionDenied
    return four_eyes.lock_proposed(finding)


def _tell(finding: BreachFinding, commitment: Commitment, at: datetime) -> None:
    organ = finding.proposed_by.organ if finding.proposed_by else None
    subject = commitment.subject
    words = {
        "name": subject.public_name,
        "day": day_in_words(localdate(commitment.signed_at)),
        "organ": organ.name if organ else "",
        "facts": finding.facts,
        "consequences": finding.consequences,
    }
    broken = finding.kind == Kind.BREACH
    notify(
        key=f"breachfinding-told-{finding.pk}",
        recipients=acting_now(subject, localdate(at)),
        subject=(_("%(name)s的信用承诺被认定违背承诺") if broken else _("%(name)s的信用承诺不再显示违背承诺"))
        % words,
        body=(
            _(
                "%(organ)s认定%(day)s作出的信用承诺没有履行。查明的事实：%(facts)s\n承诺书写明的后果：%(consequences)s\n"
                "公示的信用承诺同时显示认定日期。认为认定有误的，请向%(organ)s提出。"
            )
            if broken
            else _(
                "%(organ)s撤销了对%(day)s作出的信用承诺违背承诺的认定，公示的信用承诺不再显示。理由：%(facts)s"
            )
        )
        % words,
        link=link_to("commitments"),
        about=finding.chain,
        at=at,
    )


def _record(finding: BreachFinding, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=finding.chain,
        verb=verb,
        at=at,
        actor=actor,
        role="supervisor",
        organ=actor.organ,
        payload={"commitment": finding.commitment_id, "finding": finding.pk, "kind": finding.kind},
    )
