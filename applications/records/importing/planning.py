"""What an import would do: each row against the other rows, the known subjects and the records that exist."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from applications.organs.models import Organ
from applications.records.importing.drafts import CheckedRow, Draft
from applications.records.models import DishonestyRecord
from applications.subjects.identity import same_name
from applications.subjects.models import Subject
from applications.subjects.selectors import known_names

Publicity = DishonestyRecord.Publicity
SourceState = DishonestyRecord.SourceState


@dataclass
class Change:
    """A row that differs from its record; ``changed`` names the fields, "obligations" and "publicity" too."""

    row: CheckedRow
    draft: Draft
    record: DishonestyRecord
    changed: list[str]


@dataclass
class Plan:
    """Of some rows of a file."""

    rejected: list[CheckedRow] = field(default_factory=list)
    new: list[Draft] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # Records whose penalty the file says was revoked.
    revoked: list[Change] = field(default_factory=list)
    unchanged: int = 0
    # Of those that would be loaded, the rows of which something has to be confirmed.
    doubtful: list[CheckedRow] = field(default_factory=list)
    # Repaired and revoked records that the file would have altered; their rows are among the rejected.
    guarded: list[DishonestyRecord] = field(default_factory=list)
    # By subject key, those that exist already.
    subjects: dict[str, Subject] = field(default_factory=dict)


class Planner:
    """Plans a file from its first row to its last, some rows at a time. Reads the database and writes nothing; whether
    what was planned before has been written meanwhile makes no difference.

    Of the rows before it keeps the line of each key and the first name of each new subject.
    """

    def __init__(self, organ: Organ) -> None:
        self._organ = organ
        # By the hash of the key: the key itself takes three times the room.
        self._seen: dict[int, int] = {}
        self._named: dict[str, str] = {}

    def plan(self, rows: Sequence[CheckedRow]) -> Plan:
        """What the next rows would do."""
        drafts = [each.draft for each in rows if each.draft]
        plan = Plan(subjects=known_subjects(drafts))
        records = self.records(drafts, plan.subjects)
        known = known_names(plan.subjects.values())
        names = {key: known[subject.pk] for key, subject in plan.subjects.items() if key not in self._named}
        for each in rows:
            draft = each.draft
            if draft is None:
                plan.rejected.append(each)
                continue
            key = draft.key
            record = records.get(key)
            first = self._seen.setdefault(hash(key), draft.line)
            registered = names.get(draft.subject_key) or [
                self._named.setdefault(draft.subject_key, draft.name)
            ]
            if first != draft.line:
                each.faults["document_number"] = _(
                    "与第 %(line)d 行重复：处罚机关、文书号和相对人都相同。"
                ) % {"line": first}
            elif not any(same_name(name, draft.name) for name in registered):
                each.faults["name"] = _name_conflict(draft, registered[0])
            elif record is not None:
                changed = differences(record, draft)
                if changed and (guard := "" if draft.revoked else _guard(record)):
                    plan.guarded.append(record)
                    each.faults["document_number"] = guard
            elif draft.revoked:
                each.faults["present_state"] = _("该处罚没有导入过；已经撤销的处罚不用导入。")
            if each.faults:
                plan.rejected.append(each)
                continue
            if record is None:
                plan.new.append(draft)
            elif changed:
                (plan.revoked if draft.revoked else plan.changes).append(Change(each, draft, record, changed))
            else:
                plan.unchanged += 1
                continue
            if each.doubts:
                plan.doubtful.append(each)
        return plan

    def compare(self, rows: Sequence[CheckedRow]) -> list[Change]:
        """Rows that were planned as changes, against their records as they are now, which are locked. A row whose
        record may not be changed any more has a fault."""
        drafts = [each.draft for each in rows if each.draft]
        records = self.records(drafts, known_subjects(drafts), lock=True)
        changes = []
        for each in rows:
            if each.draft and (record := records.get(each.draft.key)):
                changed = differences(record, each.draft)
                if changed and not each.draft.revoked and (guard := _guard(record)):
                    each.faults["document_number"] = guard
                if changed:
                    changes.append(Change(each, each.draft, record, changed))
        return changes

    def records(
        self, drafts: Collection[Draft], subjects: dict[str, Subject], *, lock: bool = False
    ) -> dict[tuple[str, str], DishonestyRecord]:
        """By key, the records that the drafts are about."""
        keys = {subject.pk: key for key, subject in subjects.items()}
        records = DishonestyRecord.objects.filter(
            penalising_organ_uscc=self._organ.uscc,
            plain_number__in={draft.key[0] for draft in drafts},
            subject__in=keys,
            double_of=None,
        )
        if lock:
            records = records.select_for_update(of=("self",)).order_by("pk")
        found = records.select_related("annotation").prefetch_related("obligations") if keys else []
        return {(record.plain_number or "", keys[record.subject_id]): record for record in found}


def _guard(record: DishonestyRecord) -> str:
    """Why a file does not change this record any more; empty where it may."""
    if record.source_state == SourceState.REVOKED:
        return _(
            "该处罚已登记为撤销，不再通过导入更改，也不会重新公示。登记有误的，在该信息的“变更历史”中办理“撤销登记有误，恢复该处罚”。"
        )
    if getattr(record, "annotation", None):
        return _("该记录已由决定 %(decision)s 标注修复，不再通过导入更改，也不会重新公示。") % {
            "decision": record.annotation.decision_number
        }
    return ""


def _name_conflict(draft: Draft, registered: str) -> str:
    if draft.uscc is None:
        # Nobody learns from an identity number whose it is.
        return _("该证件号码已登记在另一姓名下，与本行的姓名不一致。请核对姓名和证件号码。")
    return _(
        "该代码已登记为“%(name)s”，与本行的名称不一致。请核对名称和代码；确已更名的，请持登记机关的"
        "变更证明，由公共信用信息工作机构的受理岗或者审查岗在“信用主体”中“登记变更”后再导入。"
    ) % {"name": registered}


def differences(record: DishonestyRecord, draft: Draft) -> list[str]:
    """What the row would change in a record. The subject cannot differ: it is part of the key."""
    if draft.revoked:
        return ["source_state"] if record.source_state != SourceState.REVOKED else []
    if record.source_state == SourceState.REVOKED:
        return ["source_state"]
    changed = [name for name, value in draft.fields.items() if getattr(record, name) != value]
    duties = {(each.name, each.source, each.fulfilled_on) for each in record.obligations.all()}
    if duties != set(draft.duties):
        changed.append("obligations")
    if draft.withheld != record.is_withheld and record.publicity in (Publicity.PUBLISHED, Publicity.WITHHELD):
        changed.append("publicity")
    return changed


def known_subjects(drafts: Collection[Draft]) -> dict[str, Subject]:
    """By subject key, those of the drafts' subjects that the database has; of each no more than names and keys."""
    found: dict[str, Subject] = {}
    subjects = Subject.objects.only("name", "uscc", "identity_digest")
    if codes := {draft.uscc for draft in drafts if draft.uscc}:
        found.update((subject.uscc or "", subject) for subject in subjects.filter(uscc__in=codes))
    if digests := {draft.identity_digest for draft in drafts if draft.identity_digest}:
        persons = {each.identity_digest: each for each in subjects.filter(identity_digest__in=digests)}
        found.update(
            (digest, persons[stored])
            for digest in digests
            # As it was stored, perhaps under the key of before.
            for stored in (digest, *digest.former)
            if stored in persons
        )
    return found
