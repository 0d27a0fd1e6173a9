"""Importing a record file of an identifying unit (Articles 3 and 18)."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.documents.services import Unprintable, alarming
from applications.files.services import store_content, storing
from applications.files.storage import StorageFull
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.records.doubles import give_plain_numbers
from applications.records.fields import OBLIGATIONS, duties_of, in_words, label, to_json
from applications.records.importing.checking import CheckedRow, Draft
from applications.records.importing.planning import Change, Plan, known_subjects, make_plan
from applications.records.importing.reading import Sheet, read_sheet
from applications.records.importing.refusal import FileRefused
from applications.records.importing.workbook import CONTENT_TYPE, error_workbook
from applications.records.models import DishonestyRecord, ImportBatch, Obligation
from applications.records.services.source import revoke_by_file
from applications.records.services.writing import DutyInUse, write_record
from applications.records.uses import Use, uses_of
from applications.subjects.models import Subject

Publicity = DishonestyRecord.Publicity


@dataclass(frozen=True)
class Touched:
    """A row that changes a record under application. ``changes``: field, what it is, what it becomes, in words."""

    line: int
    document_number: str
    use: Use
    changes: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class ImportPreview:
    """What an import of the file would do now. ``doubtful``: rows to be confirmed; ``passed_over``: lines that are no
    records; ``earlier``: the same file was imported before."""

    created: int
    # Those that are withdrawn because their penalty was revoked among them.
    updated: int
    revoked: int
    unchanged: int
    under_application: Sequence[Touched]
    rejected: Sequence[CheckedRow]
    doubtful: Sequence[CheckedRow]
    passed_over: Sequence[tuple[int, str]]
    errors: bytes | None
    earlier: ImportBatch | None


def preview_import(*, content: bytes, file_name: str, organ: Organ, at: datetime) -> ImportPreview:
    """The dry run: reads everything, writes nothing. Raises FileRefused."""
    _refuse_organ(organ)
    plan = make_plan(read_sheet(content, file_name), organ, timezone.localdate(at))
    return ImportPreview(
        created=len(plan.new),
        updated=len(plan.changes) + len(plan.revoked),
        revoked=len(plan.revoked),
        unchanged=plan.unchanged,
        under_application=touched(plan),
        rejected=plan.rejected,
        doubtful=plan.doubtful,
        passed_over=plan.sheet.passed_over,
        errors=error_workbook(plan.sheet, plan.rejected) if plan.rejected else None,
        earlier=ImportBatch.objects.filter(organ=organ, sha256=_sha256(content)).first(),
    )


def import_records(
    *,
    content: bytes,
    file_name: str,
    organ: Organ,
    at: datetime,
    actor: User | None,
    confirmed: bool = False,
) -> tuple[ImportBatch, bool]:
    """Read a record file, and then load it in one transaction (see import_sheet)."""
    _refuse_organ(organ)
    earlier = ImportBatch.objects.filter(organ=organ, sha256=_sha256(content)).first()
    if earlier:
        return earlier, False
    sheet = read_sheet(content, file_name)
    return import_sheet(
        sheet=sheet,
        sha256=_sha256(content),
        file_name=file_name,
        organ=organ,
        at=at,
        actor=actor,
        confirmed=confirmed,
    )


@storing()
def import_sheet(
    *,
    sheet: Sheet,
    sha256: str,
    file_name: str,
    organ: Organ,
    at: datetime,
    actor: User | None,
    confirmed: bool = False,
) -> tuple[ImportBatch, bool]:
    """Load the good rows of a record file and keep the bad ones in a workbook; all in one transaction.

    ``sheet`` and ``sha256`` are of the file's content. Returns the batch, and whether it is new: the same file a second time changes nothing and gives the first
    batch back. The key of a record is penalising organ, document number and subject; a row that says something
    else than the record updates it. A repaired record is never altered, nor published again (Article 9).
    What an application does not allow of a row turns down this row alone.
    ``confirmed``: the importer has looked at what the preview calls doubtful; without that a file with such rows is
    not loaded. Raises FileRefused where it is missing, where the organ is no identifying unit, or where the rejected
    rows find no room on the disk.
    """
    _refuse_organ(organ)
    # Imports of one unit queue here, so what the plan saw is still so when it is carried out.
    Organ.objects.select_for_update().get(pk=organ.pk)
    earlier = ImportBatch.objects.filter(organ=organ, sha256=sha256).first()
    if earlier:
        return earlier, False
    give_plain_numbers(DishonestyRecord.objects, identifying_unit=organ)
    plan = make_plan(sheet, organ, timezone.localdate(at))
    if plan.doubtful and not confirmed:
        raise FileRefused(
            _("没有导入任何记录：“%(name)s”有 %(n)d 行需要您核对后确认（第 %(lines)s 行）。")
            % {
                "name": file_name,
                "n": len(plan.doubtful),
                "lines": "、".join(str(each.row.line) for each in plan.doubtful[:10]),
            }
        )
    batch = ImportBatch.objects.create(
        organ=organ, file_name=file_name[-255:], sha256=sha256, imported_by=actor, imported_at=at
    )
    about: dict[str, Any] = {"at": at, "actor": actor, "organ": organ}
    _create(plan, batch, about)
    for change in list(plan.changes):
        try:
            with transaction.atomic():
                _update(change, batch, about)
        except ValidationError as refused:
            plan.changes.remove(change)
            plan.rejected.append(_turned_down(plan, change, refused))
    for change in list(plan.revoked):
        try:
            with alarming(), transaction.atomic():
                revoke_by_file(record=change.record, batch=batch, at=at, actor=actor)
        except ValidationError as refused:
            plan.revoked.remove(change)
            plan.rejected.append(_turned_down(plan, change, refused))
    for record in plan.guarded:
        record_event(
            chain=record.reference, verb="record.reinsertion_blocked", payload={"batch": batch.pk}, **about
        )
    batch.created, batch.updated = len(plan.new), len(plan.changes) + len(plan.revoked)
    batch.unchanged = plan.unchanged
    batch.rejected = len(plan.rejected)
    if plan.rejected:
        try:
            batch.errors = store_content(
                name=_("退回记录-%(batch)d.xlsx") % {"batch": batch.pk},
                content=error_workbook(plan.sheet, plan.rejected),
                content_type=CONTENT_TYPE,
                at=at,
                user=actor,
            )
        except StorageFull:
            raise FileRefused(
                _(
                    "没有导入任何记录：系统的存储空间已满，退回的记录无处保存。请系统管理员清理磁盘后再导入“%(name)s”。"
                )
                % {"name": file_name}
            ) from None
    batch.save()
    return batch, True


def touched(plan: Plan) -> list[Touched]:
    """The rows of a plan that change what somebody's application rests on."""
    changes = [*plan.changes, *plan.revoked]
    uses = uses_of([change.record.pk for change in changes])
    return [
        Touched(
            change.draft.line,
            str(change.record),
            uses[change.record.pk],
            [
                (label(name), in_words(name, to_json(before)), in_words(name, to_json(after)))
                for name, before, after in _differences(change)
            ],
        )
        for change in changes
        if change.record.pk in uses
    ]


def _differences(change: Change) -> Iterator[tuple[str, Any, Any]]:
    for name in change.changed:
        if name == OBLIGATIONS:
            yield name, duties_of(change.record.obligations.all()), change.draft.duties
        elif name in change.draft.fields:
            yield name, getattr(change.record, name), change.draft.fields[name]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _refuse_organ(organ: Organ) -> None:
    if organ.kind != Organ.Kind.IDENTIFYING_UNIT:
        raise FileRefused(
            _("“%(organ)s”是%(kind)s，失信行为信息只能以认定单位的名义导入。")
            % {"organ": organ.name, "kind": organ.get_kind_display()}
        )


def _publicity(draft: Draft, at: datetime) -> tuple[str, datetime | None]:
    """The state of publicity of a row that no decision has touched, and since when it is over."""
    if draft.withheld:
        return Publicity.WITHHELD, None
    if draft.fields["publicity_until"] < timezone.localdate(at):
        return Publicity.EXPIRED, at
    return Publicity.PUBLISHED, None


def _create(plan: Plan, batch: ImportBatch, about: dict[str, Any]) -> None:
    _add_subjects(plan)
    records = []
    for draft in plan.new:
        publicity, ended_at = _publicity(draft, about["at"])
        records.append(
            DishonestyRecord(
                subject=plan.subjects[draft.subject_key],
                identifying_unit=batch.organ,
                batch=batch,
                publicity=publicity,
                publicity_ended_at=ended_at,
                **draft.fields,
            )
        )
    DishonestyRecord.objects.bulk_create(records, batch_size=200)
    Obligation.objects.bulk_create(
        [
            Obligation(record=record, **duty._asdict())
            for record, draft in zip(records, plan.new, strict=True)
            for duty in draft.duties
        ],
        batch_size=500,
    )
    for record, draft in zip(records, plan.new, strict=True):
        record_event(
            chain=record.reference,
            verb="record.imported",
            payload={"batch": batch.pk, "severity": record.severity, "publicity": record.publicity}
            | _confirmed(draft),
            **about,
        )


def _confirmed(draft: Draft) -> dict[str, list[str]]:
    """For the ledger: the columns of which the importer has said that they are meant so."""
    return {"confirmed": sorted(draft.doubted)} if draft.doubted else {}


def _add_subjects(plan: Plan) -> None:
    """Bring the subjects that are new into the database and the plan; another unit's import may have been
    quicker with some of them."""
    missing = {draft.subject_key: draft for draft in plan.new if draft.subject_key not in plan.subjects}
    Subject.objects.bulk_create(
        [
            Subject(
                kind=draft.subject_kind,
                name=draft.name,
                uscc=draft.uscc,
                identity_type=draft.identity_type,
                identity_number=draft.identity_number,
                identity_digest=draft.identity_digest,
                legal_representative=draft.legal_representative,
            )
            for draft in missing.values()
        ],
        batch_size=200,
        ignore_conflicts=True,
    )
    plan.subjects |= known_subjects(missing.values())


def _update(change: Change, batch: ImportBatch, about: dict[str, Any]) -> None:
    record, draft = change.record, change.draft
    values = {**draft.fields, OBLIGATIONS: draft.duties}
    # What a decision withdrew stays withdrawn.
    if record.publicity != Publicity.WITHDRAWN and draft.withheld != (record.publicity == Publicity.WITHHELD):
        values |= {
            "publicity": Publicity.WITHHELD if draft.withheld else Publicity.PUBLISHED,
            "publicity_ended_at": None,
        }
    write_record(
        record=record,
        values=values,
        verb="record.updated",
        batch=batch,
        payload={"batch": batch.pk} | _confirmed(draft),
        **about,
    )


def _turned_down(plan: Plan, change: Change, refused: ValidationError) -> CheckedRow:
    """The row of a change that an application for its record does not allow, with what is to be done."""
    row = next(each for each in plan.sheet.rows if each.line == change.draft.line)
    match refused:
        case DutyInUse():
            # A duty that an application already refers to cannot disappear from under it.
            fault = {
                "fulfilment": _(
                    "该记录已有修复申请引用了原来的义务，不能删去。请保留原义务的名称，只更新履行日期。"
                )
            }
        case Unprintable():
            fault = {
                "present_state": _(
                    "该处罚没有撤回：办理中的申请%(case)s须随之终止并出具“%(kind)s”，而字库中没有%(characters)s，印出来会是空白。"
                    "已通知系统管理员补充字库，补充后请尽快重新导入本行。"
                )
                % {"case": refused.about, "kind": refused.kind.label, "characters": refused.characters}
            }
        case other:
            fault = {"document_number": _("本行没有导入：%(why)s") % {"why": "".join(other.messages)}}
    return CheckedRow(row, fault)
