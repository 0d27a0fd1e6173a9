"""Article 13: keep an objection's words and evidence, and have it handled within 5 working days of receipt."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.files.services import store_upload
from applications.objections.models import Evidence, Objection
from applications.repairs.models import RepairCase
from applications.repairs.services import NotReady, decide_objection
from applications.repairs.services import file_objection as take_objection_step

MAX_EVIDENCE = 10


@transaction.atomic
def file_objection(
    *,
    case: RepairCase,
    disputed: Sequence[str],
    grounds: str,
    uploads: Sequence[UploadedFile[Any]] = (),
    actor: User,
    at: datetime,
    version: int | None = None,
) -> Objection:
    """Object to a refusal: which findings are disputed (codes), why, and evidence.

    A refusal is objected to once. ValidationError names a file that cannot be kept.
    """
    if not grounds.strip():
        raise NotReady("请写明提出异议的事实和理由。")
    if len(uploads) > MAX_EVIDENCE:
        raise NotReady(f"证据最多{MAX_EVIDENCE}个文件。")
    if Objection.objects.filter(case=case).exists():
        raise NotReady(
            "对这份决定已经提出过异议。不同意处理结果的，可以依法申请复议或者提起诉讼，也可以重新申请。"
        )
    take_objection_step(case=case, actor=actor, at=at, version=version)
    objection = Objection.objects.create(
        case=case,
        decision_number=case.decision_number,
        disputed=list(disputed),
        grounds=grounds.strip(),
        filed_by=actor,
        filed_at=at,
    )
    Evidence.objects.bulk_create(
        Evidence(objection=objection, file=store_upload(upload=upload, user=actor, at=at))
        for upload in uploads
    )
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
