"""What an applicant prepares for one record: the draft, its facts, its materials (Article 7). What is said and signed for
all records of a filing is in filings.py."""

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from stdnum.iso7064 import mod_11_10

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.documents.models import Document
from applications.files.inspection import Inspected, Upload, clean_name
from applications.files.services import discard, store_upload, storing
from applications.language import day_in_words
from applications.ledger.services import record_event
from applications.numbering.services import take_number
from applications.organs.models import Organ
from applications.policies.selectors import policy_in_force
from applications.records.models import DishonestyRecord
from applications.records.selectors import channels
from applications.repairs import access
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case, locked_filing
from applications.repairs.models import CaseObligation, Filing, Material, MaterialKind, RepairCase
from applications.repairs.services.signing import rests_on
from applications.subjects.access import may_act_about
from rules.materials import KINDS, Kind
from rules.procedure import CLOSED_STATES, Role, State
from rules.reapplication import may_apply_again_on

EDITABLE = (State.DRAFT, State.CORRECTING)
_NUMBER = re.compile(r"XF-(\d{6})-(\d{4})-(\d{6,})-(\d)", re.ASCII)
MAX_FILES = 20
MAX_TOTAL_BYTES = 100 * 1024 * 1024
# Records of one filing: what one person can still look over on one page.
MAX_RECORDS = 50


def case_number(region: str, year: int, serial: int) -> str:
    """XF-320100-2026-004217-7: region, year, serial and a check digit (ISO 7064 mod 11,10) over all three."""
    digits = f"{region}{year}{serial:06d}"
    return f"XF-{region}-{year}-{serial:06d}-{mod_11_10.calc_check_digit(digits)}"


def is_mistyped(number: str) -> bool:
    """Whether a number is written like a case's and its check digit says that one digit is wrong, or two changed places."""
    parts = _NUMBER.fullmatch(number)
    return parts is not None and not mod_11_10.is_valid("".join(parts.groups()))


def start_case(
    *,
    record: DishonestyRecord,
    organ: Organ,
    applicant: User,
    at: datetime,
    filing: Filing | None = None,
) -> RepairCase:
    """Open a draft for a record at one of the two bodies of Article 7.

    ``organ`` is the record's identifying unit or a credit bureau whose region covers the record's. A record
    has one open case across both channels: where there is one already, NotReady names it. ``filing`` is the sitting
    that the record is added to, of the same subject and not submitted yet; without one the case begins its own.
    """
    reception = filing.reception if filing else None
    mine = may_act_about(applicant, record.subject, record.document_number)
    if not (access.may_receive_for(applicant, reception) if reception else mine):
        access.refuse_former(applicant, record.subject)
        raise NotAllowed("the subject is not the applicant's")
    if organ not in channels(record):
        raise NotReady(_("请选择认定单位或者当地的公共信用信息工作机构办理。"))
    refuse_revoked(record)
    refuse_waiting(record, localdate(at))
    year = localdate(at).year
    try:
        with transaction.atomic():
            if filing is None:
                before = Filing.objects.filter(subject=record.subject, applicant=applicant).first()
                filing = Filing.objects.create(
                    subject=record.subject,
                    applicant=applicant,
                    contact_name=(before and before.contact_name) or applicant.name,
                    contact_phone=(before and before.contact_phone) or applicant.phone,
                    created_at=at,
                )
            else:
                filing = Filing.objects.select_for_update().get(pk=filing.pk)
                _refuse_record(filing, record)
            case = RepairCase.objects.create(
                filing=filing,
                number=case_number(organ.region, year, take_number(f"case:{organ.region}:{year}")),
                record=record,
                organ=organ,
                status=State.DRAFT,
                tracking_code=f"{secrets.randbelow(1_000_000):06d}",
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
            _("该失信行为信息已有办理中的申请 %(number)s（%(organ)s，%(status)s），不需要重复申请。")
            % {"number": open_case.number, "organ": open_case.organ, "status": open_case.get_status_display()}
        ) from None
    return case


def refuse_revoked(record: DishonestyRecord) -> None:
    """NotReady where the penalty was revoked: nothing is left that could be repaired."""
    if record.source_state == record.SourceState.REVOKED:
        raise NotReady(_("该失信行为信息所依据的处罚已被撤销，信息已经撤回，不需要修复。"))


def refuse_waiting(record: DishonestyRecord, on: date) -> None:
    """NotReady where a repair of the record was revoked, and the policy has its subject wait (Article 6)."""
    latest = record.cases.filter(status=State.REVOKED).order_by("decided_on").last()
    if latest is None or latest.decided_on is None:
        return
    day = may_apply_again_on(latest.decided_on, policy_in_force(on=on, unit=record.identifying_unit_id))
    if day is not None and on < day:
        raise NotReady(
            _("该失信行为信息的修复已由决定 %(decision)s 撤销，%(day)s起可以重新申请。")
            % {"decision": latest.decision_number, "day": day_in_words(day)}
        )


def _refuse_record(filing: Filing, record: DishonestyRecord) -> None:
    """NotReady where a record cannot be added to a filing."""
    if filing.subject_id != record.subject_id:
        raise NotReady(
            _("%(document_number)s不是%(subject)s的失信行为信息，不能并入同一次申请。")
            % {"document_number": record, "subject": filing.subject}
        )
    if was_submitted(filing.cases.all()):
        raise NotReady(_("这次申请已经提交，不能再加入其他失信行为信息，请另行申请。"))
    if filing.cases.filter(status=State.DRAFT).count() >= MAX_RECORDS:
        raise NotReady(
            _("一次最多一并申请%(most)s条失信行为信息，其余的请另行申请。") % {"most": MAX_RECORDS}
        )


def was_submitted(cases: QuerySet[RepairCase]) -> bool:
    """Whether officers have, or had, one of these cases."""
    return cases.filter(first_submitted_at__isnull=False).exists()


def open_case_of(record: DishonestyRecord) -> RepairCase | None:
    """The case that stands in the way of another for the same record."""
    return record.cases.exclude(status__in=CLOSED_STATES).select_related("organ").first()


def edit(case: RepairCase, actor: User) -> RepairCase:
    """Lock a case that its applicant may still change."""
    locked = lock_case(case)
    if not access.may_fill_in(actor, locked):
        access.refuse_former(actor, locked.record.subject)
        raise NotAllowed("the subject is not the applicant's")
    if locked.status not in EDITABLE:
        raise NotReady(
            _("申请%(number)s现为“%(status)s”，不能再修改。")
            % {"number": locked.number, "status": locked.get_status_display()}
        )
    return locked


def save(case: RepairCase, at: datetime, **fields: Any) -> None:
    """Write to a case that edit() has locked. What was done last is never dated back."""
    RepairCase.objects.filter(pk=case.pk).update(edited_at=max(at, case.edited_at), **fields)
    case.refresh_from_db()


@transaction.atomic
def save_fulfilment(
    *,
    case: RepairCase,
    corrected_on: date | None,
    fulfilled: Mapping[int, date | None],
    improvements: str | None = None,
    actor: User,
    at: datetime,
) -> None:
    """When the wrong was put right and each duty fulfilled; ``fulfilled`` is keyed by CaseObligation id.
    ``improvements``: what else was done (Article 16); None leaves it as it is."""
    locked = edit(case, actor)
    for pk, day in fulfilled.items():
        locked.obligations.filter(pk=pk).update(fulfilled_on=day)
    more = {} if improvements is None else {"improvements": improvements.strip()}
    save(locked, at, corrected_on=corrected_on, **more)


def add_material(*, case: RepairCase, kind: str, upload: Upload, actor: User, at: datetime) -> Material:
    """Check and keep one uploaded file; one that is there already is not kept twice. ValidationError names the file and the
    remedy; NotReady the limit.

    The file is examined before the transaction, and only if the case can take one.
    """
    refuse_more_files(case)
    inspected = examined(upload, user=actor)
    with storing():
        return _keep_material(case, kind, inspected, actor, at)


def refuse_more_files(case: RepairCase, more_bytes: int = 0) -> None:
    sizes = list(case.materials.values_list("file__size", flat=True))
    if len(sizes) >= MAX_FILES:
        raise NotReady(_("每件申请最多上传%(most)s个文件，请先删除不需要的文件。") % {"most": MAX_FILES})
    if sum(sizes) + more_bytes > MAX_TOTAL_BYTES:
        raise NotReady(_("每件申请的文件合计不超过100MB，请压缩扫描件后再上传。"))


def _keep_material(case: RepairCase, kind: str, upload: Inspected, actor: User, at: datetime) -> Material:
    locked = edit(case, actor)
    if arrived := _arrived_before(locked, kind, upload):
        return arrived
    refuse_more_files(locked, len(upload.content))
    filing = locked_filing(locked)
    shared = KINDS[Kind(kind)].about_subject and not was_submitted(filing.cases.all())
    stored = store_upload(upload=upload, user=actor, at=at)
    material = Material.objects.create(
        filing=filing,
        case=None if shared else locked,
        kind=MaterialKind(kind),
        file=stored,
        round=locked.round + 1,
        added_at=at,
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


def _arrived_before(case: RepairCase, kind: str, upload: Inspected) -> Material | None:
    """The same file that is there already: its sender did not hear so, because the connection was lost, and sent it again."""
    if not upload.upload_sha256:
        return None
    same = case.materials.filter(
        kind=kind,
        round=case.round + 1,
        file__upload_sha256=upload.upload_sha256,
        file__name=clean_name(upload.name),
    )
    return same.select_related("file").first()


@transaction.atomic
def remove_material(*, case: RepairCase, material: Material, actor: User, at: datetime) -> None:
    """Take back a file of a case that has not been submitted yet; what was submitted stays in the archive (Article 11)."""
    locked = edit(case, actor)
    filing = locked_filing(locked)
    if not locked.materials.filter(pk=material.pk).exists():
        raise NotReady(_("“%(name)s”已经删除。") % {"name": material.file.name})
    locked.filing = filing
    kept = why_kept(locked, material)
    if kept:
        raise NotReady(kept)
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
    # Another filing may have rows of its own for the same file, and a report of ours is not only a material.
    if not Material.objects.filter(file=stored).exists() and not Document.objects.filter(pdf=stored).exists():
        discard(stored)
    save(locked, at)


def why_kept(case: RepairCase, material: Material) -> str:
    """Why a file of a case that may be changed cannot be taken back, as a sentence; empty where it can."""
    if rests_on(case, material):
        return _("已签署的承诺书以“%(name)s”为依据，不能删除；用其他方式重新签署之后可以删除。") % {
            "name": material.file.name
        }
    if material.round <= case.round or (material.case_id is None and was_submitted(case.filing.cases.all())):
        return _("“%(name)s”已经提交，不能删除；请上传新的文件。") % {"name": material.file.name}
    return ""
