"""撤销信用修复 (Article 6): what was handed in proves false, so the repair that rests on it is taken back.

One officer of the organ that decided proposes it with the facts and the evidence, another one who approves decides
(accounts.four_eyes). The record is public again until the end of its publicity, and the platform is told.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts import four_eyes
from applications.accounts.kept_files import KeepsFiles
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.commitments.models import Commitment
from applications.documents import remedies
from applications.documents.models import Document
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.masking import mask_numbers
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.records.models import DishonestyRecord
from applications.repairs import letters, message_words, messages
from applications.repairs.access import may_decide_revocation, may_propose_revocation
from applications.repairs.assessing import policy_of
from applications.repairs.locking import lock_case
from applications.repairs.models import RepairCase, RevocationProposal
from applications.repairs.outcome import in_words
from applications.repairs.services.certificates import void_certificates
from applications.repairs.steps.frame import Transition, take
from applications.repairs.steps.grant import copies_of
from rules.day_words import day_in_words
from rules.procedure import Role, State
from rules.reapplication import may_apply_again_on

MESSAGE = gettext_lazy(
    "此前准予的信用修复已被撤销。\n%(reasons)s\n决定书还写明了该信息的公示，以及有不同意见怎样反映。"
)

CANCELLED = "上述失信行为信息的修复标注予以取消；"
PUBLIC_AGAIN = "该信息自本决定作出之日起恢复公示，公示至{last}；"
WITHHELD = "该信息依法不公示，不因本决定公示；"
OVER = "该信息的公示期已于{last}届满，不再恢复公示；"
BROKEN = "你（单位）作出的《信用修复承诺书》（{number}）记录为违背承诺；"
SHARED = "本决定推送公共信用信息共享平台。"
NO_NEED = "该失信行为信息的公示期已满，无需再次申请。"
AT_ONCE = "提交真实的材料、具备规定的条件的，可以重新提出申请。"
FROM_DAY = "提交真实的材料、具备规定的条件的，可以自{day}起重新提出申请。"


class RevocationForm(KeepsFiles):
    """The facts, what the applicant said of them, and the paper that shows them."""

    files_field, purpose = "evidence", "revocation"
    files_needed = gettext_lazy("请上传证明材料不实的证据。")

    facts = forms.CharField(
        label=gettext_lazy("查明的事实"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("写明哪些材料不实、怎样查明，会写进决定书。"),
    )
    statement = forms.CharField(
        label=gettext_lazy("申请人的陈述和申辩"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("先听取申请人的意见。没有提出的，写明何时、怎样告知，会写进决定书。"),
    )
    evidence = forms.FileField(
        label=gettext_lazy("证据"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
        help_text=gettext_lazy("PDF、JPG 或 PNG，不超过10MB。"),
    )


def propose_revocation(
    *, case: RepairCase, facts: str, statement: str, evidence: Inspected, actor: User, at: datetime
) -> RevocationProposal:
    """Hand in that a repair rests on false materials: the facts, what the applicant said of them, and the evidence.

    PermissionDenied; ValidationError by field, also where the case is not repaired, its penalty was revoked, or another
    proposal waits.
    """
    if not may_propose_revocation(actor, case):
        raise PermissionDenied
    missing = {
        name: words
        for name, said, words in (
            ("facts", facts, _("请写明哪些材料不实、怎样查明，会写进决定书。")),
            ("statement", statement, _("请写明申请人的陈述和申辩；没有提出的，写明何时、怎样告知。")),
        )
        if not said.strip()
    }
    if missing:
        raise ValidationError(missing)
    try:
        with storing():
            locked = lock_case(case)
            _refuse(locked)
            proposal = RevocationProposal.objects.create(
                case=locked,
                facts=mask_numbers(facts.strip()),
                statement=mask_numbers(statement.strip()),
                evidence=store_upload(upload=evidence, user=actor, at=at),
                proposed_by=actor,
                proposed_at=at,
            )
            _record(proposal, "repair.revocation_proposed", actor, at)
            notify(
                key=f"revocation-{proposal.pk}",
                recipients=staff_of(locked.organ, Role.APPROVER),
                by=actor,
                subject=message_words.titled(locked, _("提议撤销信用修复，待复核")),
                body=_("%(who)s提出：%(facts)s\n%(about)s")
                % {"who": actor.name, "facts": proposal.facts, "about": message_words.about(locked)},
                link=link_to("revocation", proposal.pk),
                about=locked.number,
                at=at,
            )
    except IntegrityError:
        waiting = case.revocation_proposals.filter(state=RevocationProposal.State.PROPOSED).first()
        if waiting is None:
            raise
        raise ValidationError(
            _("这件申请已有一项撤销提议：%(waits)s。") % {"waits": four_eyes.waits(waiting)}
        ) from None
    return proposal


def revoke_case(*, proposal: RevocationProposal, actor: User, at: datetime) -> RepairCase:
    """Revoke the repair on a colleague's proposal. PermissionDenied; NotProposed; NotReady; ValidationError."""
    if not may_decide_revocation(actor, proposal):
        raise PermissionDenied
    with take(case=proposal.case, action="revoke", actor=actor, at=at) as transition:
        case = transition.case
        proposal = four_eyes.lock_proposed(proposal)
        _refuse(case)
        four_eyes.approve(proposal, actor=actor, at=at)
        grant = Document.objects.get(number=case.decision_number)
        document = transition.issue(
            "revocation_decision", revocation_decision(transition, proposal, grant), replaces=grant
        )
        void_certificates(case=case, actor=actor, at=at)
        transition.message = MESSAGE % {"reasons": in_words(document.kind, document.content)}
        messages.send_copy(case=case, document=document, at=at)
        transition.changes |= {
            "decided_on": transition.on,
            "decided_by": actor,
            "decision_number": document.number,
            "shared_at": None,
        }
        transition.payload |= {"proposal": proposal.pk, "revoked_decision": grant.number}
    return transition.case


@transaction.atomic
def reject_revocation(*, proposal: RevocationProposal, reason: str, actor: User, at: datetime) -> None:
    """Turn a proposal down, with the reason: the repair stands. PermissionDenied; NotProposed; InputError."""
    lock_case(proposal.case)
    if not may_decide_revocation(actor, proposal):
        raise PermissionDenied
    proposal = four_eyes.lock_proposed(proposal)
    four_eyes.reject(proposal, actor=actor, reason=reason, at=at)
    _record(proposal, "repair.revocation_rejected", actor, at)


def _refuse(case: RepairCase) -> None:
    """ValidationError where there is no repair to revoke, or nothing that could be public again."""
    if case.status != State.GRANTED:
        raise ValidationError(
            _("申请%(number)s现为“%(status)s”，没有可以撤销的修复。")
            % {"number": case.number, "status": case.get_status_display()}
        )
    # A revocation of the penalty that is under way is waited for: its record is locked by this chain.
    lock_chain(case.record.reference)
    record = DishonestyRecord.objects.get(pk=case.record_id)
    if record.source_state == DishonestyRecord.SourceState.REVOKED:
        raise ValidationError(_("该信息所依据的处罚已被撤销，信息已经撤回，不需要撤销修复。"))


def _record(proposal: RevocationProposal, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=proposal.case.number,
        verb=verb,
        at=at,
        actor=actor,
        organ=proposal.case.organ,
        payload={"proposal": proposal.pk, "evidence": proposal.evidence.sha256},
    )


def revocation_decision(
    transition: Transition, proposal: RevocationProposal, grant: Document
) -> dict[str, Any]:
    case, on = transition.case, transition.on
    commitment = case.filing.commitment
    return letters.heading(case, transition.at) | {
        "grant": {"number": grant.number, "issued_on": localdate(grant.issued_at).isoformat()},
        "facts": proposal.facts,
        "statement": proposal.statement,
        "effects": effects_of(case, transition.at, commitment),
        "reapply": reapply(case, on),
        "copies": copies_of(case),
        "remedies": remedies.told(case.organ, transition.at),
    }


def effects_of(case: RepairCase, at: datetime, commitment: Commitment | None) -> list[str]:
    """What the decision means, one sentence each."""
    record = case.record
    last = day_in_words(record.publicity_until)
    effects = [CANCELLED]
    if record.is_withheld:
        effects.append(WITHHELD)
    elif record.publicity_until < localdate(at):
        effects.append(OVER.format(last=last))
    else:
        effects.append(PUBLIC_AGAIN.format(last=last))
    if commitment is not None:
        effects.append(BROKEN.format(number=commitment.document.number))
    return [*effects, SHARED]


def reapply(case: RepairCase, on: date) -> str:
    """From which day one may apply anew, or why there is no need to."""
    if case.record.publicity_until < on:
        return NO_NEED
    day = may_apply_again_on(on, policy_of(case, on))
    return FROM_DAY.format(day=day_in_words(day)) if day else AT_ONCE
