"""Article 13: keep an objection's words and evidence, and have it handled within 5 working days of receipt."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.files.inspection import Upload
from applications.files.services import store_upload, storing
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.objections.models import Evidence, Objection
from applications.repairs.models import RepairCase
from applications.repairs.services import NotAllowed, NotReady, decide_objection
from applications.repairs.services import file_objection as take_objection_step
from applications.repairs.services.drafts import discard
from applications.subjects.access import may_act_for
from rules.procedure import Role, State

MAX_EVIDENCE = 10


def keep_evidence(*, case: RepairCase, upload: Upload, actor: User, at: datetime) -> Evidence:
    """Keep a file for an objection that is not filed yet. ValidationError names the file and the remedy.

    It is examined before the transaction, and only if the objection can take one more.
    """
    _refuse_more(case, upload.name)
    inspected = examined(upload, user=actor)
    with storing():
        _before_filing(case, actor)
        # Counted again: another request may have been quicker.
        _refuse_more(case, upload.name)
        evidence = Evidence.objects.create(case=case, file=store_upload(upload=inspected, user=actor, at=at))
        _record(evidence, "objection.evidence_added", actor, at)
        return evidence


def _refuse_more(case: RepairCase, name: str | None) -> None:
    if Evidence.objects.filter(case=case, objection=None).count() >= MAX_EVIDENCE:
        raise NotReady(f"证据最多{MAX_EVIDENCE}个文件，“{name}”没有保存。请先删除不需要的文件。")


@transaction.atomic
def remove_evidence(*, evidence: Evidence, actor: User, at: datetime) -> None:
    """Take back a file before the objection is filed; what was filed stays in the archive (Article 11)."""
    _before_filing(evidence.case, actor)
    kept = Evidence.objects.select_related("file", "case").filter(pk=evidence.pk, objection=None).first()
    if kept is None:
        raise NotReady("这个文件已经删除或者提交。")
    _record(kept, "objection.evidence_removed", actor, at)
    stored = kept.file
    kept.delete()
    discard(stored)


def _before_filing(case: RepairCase, actor: User) -> None:
    """Lock a case whose refusal its applicant may still object to."""
    # Before the row, as every step of the procedure does.
    lock_chain(case.number)
    locked = (
        RepairCase.objects.select_for_update(of=("self",)).select_related("record__subject").get(pk=case.pk)
    )
    if not may_act_for(actor, locked.record.subject):
        raise NotAllowed("the subject is not the applicant's")
    if locked.status != State.REFUSED or Objection.objects.filter(case=locked).exists():
        raise NotReady(f"申请{locked.number}现为“{locked.get_status_display()}”，不能再增减异议的证据。")


def _record(evidence: Evidence, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=evidence.case.number,
        verb=verb,
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"file": str(evidence.file_id), "sha256": evidence.file.sha256},
    )


def file_objection(
    *,
    case: RepairCase,
    disputed: Sequence[str],
    grounds: str,
    actor: User,
    at: datetime,
    version: int | None = None,
) -> Objection:
    """Object to a refusal: which findings are disputed (codes), and why. The evidence is what was kept before.

    A refusal is objected to once.
    """
    if not grounds.strip():
        raise NotReady("请写明提出异议的事实和理由。")
    if Objection.objects.filter(case=case).exists():
        raise NotReady(
            "对这份决定已经提出过异议。不同意处理结果的，可以依法申请复议或者提起诉讼，也可以重新申请。"
        )
    with transaction.atomic():
        take_objection_step(case=case, actor=actor, at=at, version=version)
        objection = Objection.objects.create(
            case=case,
            decision_number=case.decision_number,
            disputed=list(disputed),
            grounds=grounds.strip(),
            filed_by=actor,
            filed_at=at,
        )
        Evidence.objects.filter(case=case, objection=None).update(objection=objection)
    return objection


@transaction.atomic
def handle_objection(
    *,
    objection: Objection,
    overturn: bool,
    checklist: Mapping[str, Mapping[str, Any]],
    reasons: str,
    actor: User,
    at: datetime,
    version: int | None = None,
) -> Objection:
    """Decide an objection after verifying the facts anew, by an officer who took no part in the refusal."""
    case = decide_objection(
        case=objection.case,
        overturn=overturn,
        checklist=checklist,
        reasons=reasons,
        objection={
            "filed_on": localdate(objection.filed_at).isoformat(),
            "decision_number": objection.decision_number,
            "grounds": objection.grounds,
        },
        actor=actor,
        at=at,
        version=version,
    )
    Objection.objects.filter(pk=objection.pk).update(
        handler=actor,
        handled_at=at,
        outcome=Objection.Outcome.OVERTURNED if overturn else Objection.Outcome.UPHELD,
        checklist={code: dict(verdict) for code, verdict in checklist.items()},
        reasons=reasons.strip(),
    )
    objection.refresh_from_db()
    objection.case = case
    return objection
