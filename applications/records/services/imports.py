"""Importing a record file of an identifying unit (Articles 3 and 18).

The whole file is one transaction (ADR 0027): what is new is written first, a thousand records at a time; then the records
that it changes, and last the archive, so that nobody who writes there waits longer than for that.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.database.locking import StillLocked, patience, take_lock
from applications.documents.services import Unprintable, alarming
from applications.files.services import store_content, storing
from applications.files.storage import StorageAway, StorageFull
from applications.ledger.locking import LedgerBusy, lock_ledger, share_ledger
from applications.organs.models import Organ
from applications.records.doubles import give_plain_numbers
from applications.records.fields import OBLIGATIONS
from applications.records.importing.drafts import Draft
from applications.records.importing.examining import CheckedFile, Progress, checked_file, sha256_of, unwatched
from applications.records.importing.planning import Change, Planner, known_subjects
from applications.records.importing.reading import FULL, Limits
from applications.records.importing.refusal import FileRefused, NotNow
from applications.records.importing.spool import Spool, collecting_little
from applications.records.importing.workbook import CONTENT_TYPE, ErrorWorkbook
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services.bulk import (
    Writing,
    begin_histories,
    bound_by_duties,
    change_records,
    create_records,
    note_guarded,
)
from applications.records.services.previews import (
    in_memory,
    refuse_organ,
    refuse_too_many_to_look_at,
    refuse_unconfirmed,
)
from applications.records.services.source import revoke_by_file
from applications.records.services.writing import DutyInUse, write_record
from applications.records.uses import uses_of
from applications.subjects.identity import same_name
from applications.subjects.models import Subject

Publicity = DishonestyRecord.Publicity

# The share of the work that is done when what is new is there; changes and histories are the rest.
_BROUGHT = 0.6
# PostgreSQL's advisory lock of who brings new subjects.
_SUBJECTS = (0x5355, 0)
# How long an import waits for another, and for the archive: all three times together less than a page does.
_SECONDS = 10


def import_records(
    *,
    content: bytes,
    file_name: str,
    organ: Organ,
    at: datetime,
    actor: User | None,
    confirmed: bool = False,
    limits: Limits = FULL,
) -> tuple[ImportBatch, bool]:
    """Read a record file, and then load it in one transaction (see import_file)."""
    refuse_organ(organ)
    with in_memory(content) as file:
        earlier = ImportBatch.objects.filter(organ=organ, sha256=sha256_of(file)).first()
        if earlier:
            return earlier, False
        with checked_file(file, file_name, organ=organ, on=timezone.localdate(at), limits=limits) as checked:
            return import_file(checked=checked, organ=organ, at=at, actor=actor, confirmed=confirmed)


@collecting_little()
@storing()
def import_file(
    *,
    checked: CheckedFile,
    organ: Organ,
    at: datetime,
    actor: User | None,
    confirmed: bool = False,
    progress: Progress = unwatched,
) -> tuple[ImportBatch, bool]:
    """Load the good rows of a record file and keep the bad ones in a workbook; all in one transaction.

    Returns the batch, and whether it is new: the same file a second time changes nothing and gives the first
    batch back. The key of a record is penalising organ, document number and subject; a row that says something
    else than the record updates it. A repaired record is never altered, nor published again (Article 9).
    What an application does not allow of a row turns down this row alone.
    ``confirmed``: the importer has looked at what the preview calls doubtful; without that a file with such rows is
    not loaded. Raises FileRefused where it is missing, where the organ is no identifying unit, or where the rejected
    rows find no room on the disk; NotNow where others go on writing; and what ``progress`` raises, which is told to the
    end how far it is.
    """
    refuse_organ(organ)
    # Imports of one unit queue here, so what the plan saw is still so when it is carried out. Whoever writes something
    # that names the unit does not wait.
    with _alone():
        Organ.objects.select_for_update(no_key=True).get(pk=organ.pk)
    earlier = ImportBatch.objects.filter(organ=organ, sha256=checked.sha256).first()
    if earlier:
        return earlier, False
    give_plain_numbers(DishonestyRecord.objects, identifying_unit=organ)
    batch = ImportBatch.objects.create(
        organ=organ, file_name=checked.name[-255:], sha256=checked.sha256, imported_by=actor, imported_at=at
    )
    loading = _Loading(checked, batch, at, actor, progress)
    try:
        loading.bring_new()
        if not confirmed:
            refuse_unconfirmed(checked.name, loading.doubtful)
        loading.carry_out_changes()
        # Before the archive, if there was nothing to change: it is not to wait for a store.
        loading.keep_rejected()
        loading.begin_histories()
    finally:
        loading.close()
    batch.save()
    progress(1.0, checked.rows)
    return batch, True


class _Loading:
    """One file on its way into the database."""

    def __init__(
        self,
        checked: CheckedFile,
        batch: ImportBatch,
        at: datetime,
        actor: User | None,
        progress: Progress,
    ) -> None:
        self._checked, self._batch, self._at, self._actor = checked, batch, at, actor
        self._progress = progress
        self._planner = Planner(batch.organ)
        self._errors = ErrorWorkbook(checked.headings, checked.columns)
        # Rows that say something else than their record: they are compared again when it is locked.
        self._changes = Spool()
        self._guarded: list[int] = []
        # Changes and histories that are done.
        self._followed = 0
        # What the events of some new records say besides.
        self._confirmed: dict[int, dict[str, Any]] = {}
        # Their lines.
        self.doubtful: list[int] = []

    def close(self) -> None:
        self._changes.close()
        self._errors.close()

    def bring_new(self) -> None:
        done = 0
        for rows in self._checked.chunks():
            plan = self._planner.plan(rows)
            self.doubtful += [each.row.line for each in plan.doubtful]
            refuse_too_many_to_look_at(self._checked.name, len(self.doubtful))
            subjects = plan.subjects | _add_subjects(plan.new, plan.subjects)
            keys = create_records(drafts=plan.new, subjects=subjects, batch=self._batch, at=self._at)
            for key, draft in zip(keys, plan.new, strict=True):
                if draft.doubted:
                    self._confirmed[key] = _confirmed(draft)
            for change in (*plan.changes, *plan.revoked):
                self._changes.add(change.row)
            self._guarded += [record.pk for record in plan.guarded]
            self._errors.add(plan.rejected)
            self._batch.created += len(plan.new)
            self._batch.unchanged += plan.unchanged
            done += len(rows)
            self._progress(_BROUGHT * done / self._checked.rows, done)

    def _follow(self, rows: int) -> None:
        """So many changes or histories more are done."""
        self._followed += rows
        share = self._followed / (self._changes.rows + self._batch.created + 1)
        self._progress(_BROUGHT + (1 - _BROUGHT) * share, self._checked.rows)

    def carry_out_changes(self) -> None:
        """The archive is locked before the records, in the order of all who write both."""
        if self._changes.rows or self._guarded:
            _lock_archive()
        for rows in self._changes.chunks():
            changes = self._planner.compare(rows)
            self._batch.unchanged += len(rows) - len(changes)
            uses = uses_of([change.record.pk for change in changes])
            wanted = {change.record.pk: _values(change) for change in changes if not change.draft.revoked}
            bound = bound_by_duties(
                (change.record, wanted[change.record.pk]) for change in changes if not change.draft.revoked
            )
            together: list[Writing] = []
            for change in changes:
                if change.row.faults:
                    self._guarded.append(change.record.pk)
                    self._errors.add([change.row])
                    continue
                if change.draft.revoked:
                    self._revoke(change)
                    continue
                values = wanted[change.record.pk]
                if change.record.pk in uses or change.record.pk in bound:
                    self._change_one(change, values)
                else:
                    together.append(Writing(change.record, values, self._payload(change.draft)))
            self._batch.updated += len(together)
            change_records(writings=together, verb=UPDATED, at=self._at, actor=self._actor, batch=self._batch)
            self._follow(len(rows))
        note_guarded(records=self._guarded, at=self._at, actor=self._actor, batch=self._batch)

    def _change_one(self, change: Change, values: dict[str, Any]) -> None:
        try:
            with transaction.atomic():
                write_record(
                    record=change.record,
                    values=values,
                    verb=UPDATED,
                    at=self._at,
                    actor=self._actor,
                    organ=self._batch.organ,
                    batch=self._batch,
                    payload=self._payload(change.draft),
                )
            self._batch.updated += 1
        except ValidationError as refused:
            self._turn_down(change, refused)

    def _revoke(self, change: Change) -> None:
        try:
            with alarming(), transaction.atomic():
                revoke_by_file(record=change.record, batch=self._batch, at=self._at, actor=self._actor)
            self._batch.updated += 1
        except ValidationError as refused:
            self._turn_down(change, refused)

    def _turn_down(self, change: Change, refused: ValidationError) -> None:
        change.row.faults.update(_why_turned_down(refused))
        self._errors.add([change.row])

    def _payload(self, draft: Draft) -> dict[str, Any]:
        return {"batch": self._batch.pk} | _confirmed(draft)

    def begin_histories(self) -> None:
        try:
            with patience(_SECONDS):
                share_ledger()
        except StillLocked:
            raise _archive_busy() from None
        begin_histories(
            batch=self._batch, at=self._at, actor=self._actor, payloads=self._confirmed, begun=self._follow
        )

    def keep_rejected(self) -> None:
        self._batch.rejected = self._errors.rows
        if not self._errors.rows:
            return
        try:
            with tempfile.TemporaryFile() as file:
                self._errors.save(file)
                self._batch.errors = store_content(
                    name=_("退回记录-%(batch)d.xlsx") % {"batch": self._batch.pk},
                    content=file,
                    content_type=CONTENT_TYPE,
                    at=self._at,
                    user=self._actor,
                )
        except StorageFull:
            raise FileRefused(
                _(
                    "没有导入任何记录：系统的存储空间已满，退回的记录无处保存。请系统管理员清理磁盘后再导入“%(name)s”。"
                )
                % {"name": self._checked.name}
            ) from None
        except StorageAway:
            raise FileRefused(
                _(
                    "没有导入任何记录：存放文件的系统暂时没有响应，退回的记录无处保存。请过几分钟再导入“%(name)s”。"
                )
                % {"name": self._checked.name}
            ) from None


UPDATED = "record.updated"


@contextmanager
def _alone() -> Iterator[None]:
    """NotNow where another import keeps what is locked inside."""
    try:
        with patience(_SECONDS):
            yield
    except StillLocked:
        raise NotNow(_("没有导入任何记录：另一个文件正在导入，请几分钟后再导入。")) from None


def _lock_archive() -> None:
    try:
        lock_ledger(_SECONDS)
    except LedgerBusy:
        raise _archive_busy() from None


def _archive_busy() -> NotNow:
    return NotNow(_("没有导入任何记录：台账正有长时间的写入，请几分钟后再导入。"))


def _confirmed(draft: Draft) -> dict[str, list[str]]:
    """For the ledger: the columns of which the importer has said that they are meant so."""
    return {"confirmed": sorted(draft.doubted)} if draft.doubted else {}


def _add_subjects(drafts: Sequence[Draft], known: Mapping[str, Subject]) -> dict[str, Subject]:
    """Bring the subjects that are new into the database; another unit's import may have been quicker with some.

    One import at a time, until it ends: of two that brought the same ones in another order each would wait for the other.
    Not in a transaction of their own: a file that is refused must not leave its names behind, by which the right ones would
    be turned down.
    """
    missing = {draft.subject_key: draft for draft in reversed(drafts) if draft.subject_key not in known}
    if not missing:
        return {}
    with _alone():
        take_lock(*_SUBJECTS)
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
        batch_size=500,
        ignore_conflicts=True,
    )
    known = known_subjects(missing.values())
    # The rows were planned before the wait: under another's name they would be loaded as if it were theirs.
    if any(not same_name(known[key].name, draft.name) for key, draft in missing.items()):
        raise NotNow(_("没有导入任何记录：刚刚有另一处以别的名称登记了同一个代码，请重新导入。"))
    return known


def _values(change: Change) -> dict[str, Any]:
    """What the record is to be."""
    record, draft = change.record, change.draft
    values = {**draft.fields, OBLIGATIONS: draft.duties}
    # What a decision withdrew stays withdrawn.
    if record.publicity != Publicity.WITHDRAWN and draft.withheld != (record.publicity == Publicity.WITHHELD):
        values |= {
            "publicity": Publicity.WITHHELD if draft.withheld else Publicity.PUBLISHED,
            "publicity_ended_at": None,
        }
    return values


def _why_turned_down(refused: ValidationError) -> dict[str, str]:
    """What an application for a record does not allow of the row that changes it, with what is to be done, by column."""
    match refused:
        case DutyInUse():
            # A duty that an application already refers to cannot disappear from under it.
            return {"fulfilment": "".join(refused.messages)}
        case Unprintable():
            why = _(
                "该处罚没有撤回：办理中的申请%(case)s须随之终止并出具“%(kind)s”，而字库中没有%(characters)s，印出来会是空白。"
                "已通知系统管理员补充字库，补充后请尽快重新导入本行。"
            )
            said = {"case": refused.about, "kind": refused.kind.label, "characters": refused.characters}
            return {"present_state": why % said}
        case other:
            return {"document_number": _("本行没有导入：%(why)s") % {"why": "".join(other.messages)}}
