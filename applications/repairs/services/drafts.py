"""What an applicant prepares: the draft, its facts, its materials, the signed commitment (Articles 7 and 15)."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from stdnum.iso7064 import mod_11_10

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.documents.services import issue_document, void_document
from applications.files.inspection import Inspected, Upload
from applications.files.models import StoredFile
from applications.files.services import store_upload, storing
from applications.ledger.services import record_event
from applications.numbering.services import take_number
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.records.selectors import channels
from applications.repairs import letters
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.models import (
    CaseObligation,
    Commitment,
    Material,
    MaterialKind,
    RepairCase,
)
from applications.subjects.access import may_act_for
from rules.procedure import CLOSED_STATES, Role, State

EDITABLE = (State.DRAFT, State.CORRECTING)
MAX_FILES = 20
MAX_TOTAL_BYTES = 100 * 1024 * 1024


def case_number(region: str, year: int, serial: int) -> str:
    """XF-320100-2026-004217-7: region, year, serial and a check digit (ISO 7064 mod 11,10) over all three."""
    digits = f"{region}{year}{serial:06d}"
    return f"XF-{region}-{year}-{serial:06d}-{mod_11_10.calc_check_digit(digits)}"


def start_case(*, record: DishonestyRecord, organ: Organ, applicant: User, at: datetime) -> RepairCase:
    """Open a draft for a record at one of the two bodies of Article 7.

    ``organ`` is the record's identifying unit or a credit bureau whose region covers the record's. A record
    has one open case across both channels: where there is one already, NotReady names it.
    """
    if not may_act_for(applicant, record.subject):
        raise NotAllowed("the subject is not the applicant's")
    if organ not in channels(record):
        raise NotReady("请选择认定单位或者当地的公共信用信息工作机构办理。")
    if record.source_state == record.SourceState.REVOKED:
        raise NotReady("该失信行为信息所依据的处罚已被撤销，信息已经撤回，不需要修复。")
    year = localdate(at).year
    try:
        with transaction.atomic():
            case = RepairCase.objects.create(
                number=case_number(organ.region, year, take_number(f"case:{organ.region}:{year}")),
                record=record,
                organ=organ,
                applicant=applicant,
                status=State.DRAFT,
                tracking_code=f"{secrets.randbelow(1_000_000):06d}",
                contact_name=applicant.name,
                contact_phone=applicant.phone,
                created_at=at,
                edited_at=at,
            )
            CaseObligation.objects.bulk_create(
                CaseObligation(case=case, obligation=duty, fulfilled_on=duty.fulfilled_on)
                for duty in record.obligations.all()
            )
            record_event(
                chain=case.number,
                verb="repair.drafted",
                at=at,
                actor=applicant,
                role=Role.APPLICANT,
                payload={"record": record.reference},
            )
    except IntegrityError:
        open_case = open_case_of(record)
        if open_case is None:
            raise
        raise NotReady(
            f"该失信行为信息已有办理中的申请 {open_case.number}（{open_case.organ}，{open_case.get_status_display()}），"
            "不需要重复申请。"
        ) from None
    return case


def open_case_of(record: DishonestyRecord) -> RepairCase | None:
    """The case that stands in the way of another for the same record."""
    return record.cases.exclude(status__in=CLOSED_STATES).select_related("organ").first()


def edit(case: RepairCase, actor: User) -> RepairCase:
    """Lock a case that its applicant may still change."""
    locked = lock_case(case)
    if not may_act_for(actor, locked.record.subject):
        raise NotAllowed("the subject is not the applicant's")
    if locked.status not in EDITABLE:
        raise NotReady(f"申请{locked.number}现为“{locked.get_status_display()}”，不能再修改。")
    return locked


def save(case: RepairCase, at: datetime, **fields: Any) -> None:
    """Write to a case that edit() has locked. What was done last is never dated back."""
    RepairCase.objects.filter(pk=case.pk).update(edited_at=max(at, case.edited_at), **fields)
    case.refresh_from_db()


@transaction.atomic
def save_contact(*, case: RepairCase, name: str, phone: str, actor: User, at: datetime) -> None:
    """Who handles the application for the subject, and how the officers reach them."""
    save(edit(case, actor), at, contact_name=name, contact_phone=phone)


@transaction.atomic
def save_fulfilment(
    *,
    case: RepairCase,
    corrected_on: date | None,
    fulfilled: Mapping[int, date | None],
    actor: User,
    at: datetime,
) -> None:
    """When the wrong was put right and each duty fulfilled; ``fulfilled`` is keyed by CaseObligation id."""
    locked = edit(case, actor)
    for pk, day in fulfilled.items():
        locked.obligations.filter(pk=pk).update(fulfilled_on=day)
    save(locked, at, corrected_on=corrected_on)


@transaction.atomic
def save_training_and_report(
    *,
    case: RepairCase,
    training_completed_on: date | None,
    training_certificate_number: str,
    report_issued_on: date | None,
    report_issuer: str,
    report_number: str,
    actor: User,
    at: datetime,
) -> None:
    """The training and the credit report that Article 5 asks of serious records."""
    save(
        edit(case, actor),
        at,
        training_completed_on=training_completed_on,
        training_certificate_number=training_certificate_number,
        report_issued_on=report_issued_on,
        report_issuer=report_issuer,
        report_number=report_number,
    )


def add_material(*, case: RepairCase, kind: str, upload: Upload, actor: User, at: datetime) -> Material:
    """Check and keep one uploaded file. ValidationError names the file and the remedy; NotReady the limit.

    The file is examined before the transaction, and only if the case can take one.
    """
    _refuse_more_files(case)
    inspected = examined(upload, user=actor)
    with storing():
        return _keep_material(case, kind, inspected, actor, at)


def _refuse_more_files(case: RepairCase, more_bytes: int = 0) -> None:
    sizes = list(case.materials.values_list("file__size", flat=True))
    if len(sizes) >= MAX_FILES:
        raise NotReady(f"每件申请最多上传{MAX_FILES}个文件，请先删除不需要的文件。")
    if sum(sizes) + more_bytes > MAX_TOTAL_BYTES:
        raise NotReady("每件申请的文件合计不超过100MB，请压缩扫描件后再上传。")


def _keep_material(case: RepairCase, kind: str, upload: Inspected, actor: User, at: datetime) -> Material:
    locked = edit(case, actor)
    _refuse_more_files(locked, len(upload.content))
    stored = store_upload(upload=upload, user=actor, at=at)
    material = Material.objects.create(
        case=locked, kind=MaterialKind(kind), file=stored, round=locked.round + 1, added_at=at
    )
    record_event(
        chain=locked.number,
        verb="repair.material_added",
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"kind": kind, "file": str(stored.pk), "sha256": stored.sha256},
    )
    save(locked, at)
    return material


@transaction.atomic
def remove_material(*, material: Material, actor: User, at: datetime) -> None:
    """Take back a file that has not been submitted yet; what was submitted stays in the archive (Article 11)."""
    locked = edit(material.case, actor)
    if not locked.materials.filter(pk=material.pk).exists():
        raise NotReady(f"“{material.file.name}”已经删除。")
    if material.round <= locked.round:
        raise NotReady(f"“{material.file.name}”已经提交，不能删除；请上传新的文件。")
    record_event(
        chain=locked.number,
        verb="repair.material_removed",
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"kind": material.kind, "file": str(material.file_id), "sha256": material.file.sha256},
    )
    stored = material.file
    material.delete()
    discard(stored)
    save(locked, at)


def discard(stored: StoredFile) -> None:
    """Delete a file of which nothing was submitted; its bytes go when the transaction is over."""
    storage, name = stored.file.storage, str(stored.file.name)
    stored.delete()
    transaction.on_commit(lambda: storage.delete(name))


def commitment_digest(paragraphs: list[str]) -> str:
    """SHA-256 of the text that is signed."""
    return hashlib.sha256(json.dumps(paragraphs, ensure_ascii=False).encode()).hexdigest()


def commitment_is_current(case: RepairCase) -> bool:
    """Whether the signed text is still the one that the case's facts give."""
    commitment = getattr(case, "commitment", None)
    return commitment is not None and commitment.text_sha256 == commitment_digest(
        letters.commitment_text(case)
    )


@letters.issuing()
@transaction.atomic
def sign_commitment(
    *, case: RepairCase, signatory: str, publication_consent: bool, actor: User, at: datetime
) -> Commitment:
    """Sign the commitment generated from the case (Articles 4, 5 and 15).

    The caller has re-authenticated ``actor``. Signing again replaces the former document, which becomes void.
    Consent to publication is a statement of its own and may be withheld; the case then lacks a condition.
    """
    locked = edit(case, actor)
    paragraphs = letters.commitment_text(locked)
    former = Commitment.objects.select_related("document").filter(case=locked).first()
    document = issue_document(
        kind="commitment",
        organ=locked.organ,
        about=locked.number,
        addressee=locked.record.subject.name,
        content=letters.commitment(
            locked, paragraphs=paragraphs, signatory=signatory, consent=publication_consent, at=at
        ),
        at=at,
        issued_by=actor,
        replaces=former.document if former else None,
    )
    if former:
        void_document(document=former.document, reason="签署人重新签署承诺书。", actor=actor, at=at)
    commitment, _ = Commitment.objects.update_or_create(
        case=locked,
        defaults={
            "text": paragraphs,
            "text_sha256": commitment_digest(paragraphs),
            "signatory": signatory,
            "signed_by": actor,
            "signed_at": at,
            "publication_consent": publication_consent,
            "document": document,
        },
    )
    record_event(
        chain=locked.number,
        verb="repair.commitment_signed",
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={
            "document": document.number,
            "sha256": commitment.text_sha256,
            "publication_consent": publication_consent,
        },
    )
    save(locked, at)
    return commitment
