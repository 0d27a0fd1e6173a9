"""What an import would do: each row against the other rows, the known subjects and the records that exist."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applications.organs.models import Organ
from applications.records.importing.checking import CheckedRow, Draft, check_row
from applications.records.importing.reading import Sheet
from applications.records.models import DishonestyRecord
from applications.subjects.confirmations import confirmed_codes
from applications.subjects.identity import same_name
from applications.subjects.models import Subject
from applications.subjects.selectors import known_names

CHUNK = 400
Publicity = DishonestyRecord.Publicity
SourceState = DishonestyRecord.SourceState


@dataclass
class Change:
    """A draft that differs from its record; ``changed`` names the fields, "obligations" and "publicity" too."""

    draft: Draft
    record: DishonestyRecord
    changed: list[str]


@dataclass
class Plan:
    sheet: Sheet
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


def make_plan(sheet: Sheet, organ: Organ, on: date) -> Plan:
    """Reads the database and writes nothing. ``on`` is today."""
    plan = Plan(sheet)
    confirmed = confirmed_codes()
    checked = [check_row(row, sheet.columns, organ, on, confirmed) for row in sheet.rows]
    drafts = [each.draft for each in checked if each.draft]
    plan.subjects = known_subjects(drafts)
    records = _known_records(drafts, organ)
    known = known_names(plan.subjects.values())
    names = {key: known[subject.pk] for key, subject in plan.subjects.items()}
    seen: dict[tuple[str, str], int] = {}
    for each in checked:
        draft = each.draft
        if draft is None:
            plan.rejected.append(each)
            continue
        key = draft.key
        record = records.get(key)
        if key in seen:
            each.faults["document_number"] = _("与第 %(line)d 行重复：处罚机关、文书号和相对人都相同。") % {
                "line": seen[key]
            }
        elif not any(
            same_name(name, draft.name) for name in names.setdefault(draft.subject_key, [draft.name])
        ):
            each.faults["name"] = _name_conflict(draft, names[draft.subject_key][0])
        elif record is not None:
            changed = differences(record, draft)
            if changed and (guard := "" if draft.revoked else _guard(record)):
                plan.guarded.append(record)
                each.faults["document_number"] = guard
        elif draft.revoked:
            each.faults["present_state"] = _("该处罚没有导入过；已经撤销的处罚不用导入。")
        seen.setdefault(key, draft.line)
        if each.faults:
            plan.rejected.append(each)
            continue
        if record is None:
            plan.new.append(draft)
        elif changed:
            (plan.revoked if draft.revoked else plan.changes).append(Change(draft, record, changed))
        else:
            plan.unchanged += 1
            continue
        if each.doubts:
            plan.doubtful.append(each)
    return plan


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
    withheld = record.publicity == Publicity.WITHHELD
    if draft.withheld != withheld and record.publicity in (Publicity.PUBLISHED, Publicity.WITHHELD):
        changed.append("publicity")
    return changed


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def known_subjects(drafts: Collection[Draft]) -> dict[str, Subject]:
    """By subject key, those of the drafts' subjects that the database has."""
    found: dict[str, Subject] = {}
    for codes in _chunks(sorted({draft.uscc for draft in drafts if draft.uscc})):
        found.update((subject.uscc or "", subject) for subject in Subject.objects.filter(uscc__in=codes))
    for digests in _chunks(sorted({draft.identity_digest for draft in drafts if draft.identity_digest})):
        persons = Subject.objects.filter(identity_digest__in=digests)
        found.update((subject.identity_digest or "", subject) for subject in persons)
    return found


def _known_records(drafts: Sequence[Draft], organ: Organ) -> dict[tuple[str, str], DishonestyRecord]:
    found: dict[tuple[str, str], DishonestyRecord] = {}
    for numbers in _chunks(sorted({draft.key[0] for draft in drafts})):
        records = (
            DishonestyRecord.objects.filter(
                penalising_organ_uscc=organ.uscc, plain_number__in=numbers, double_of=None
            )
            .select_related("subject", "annotation")
            .prefetch_related("obligations")
        )
        for record in records:
            key = record.subject.uscc or record.subject.identity_digest or ""
            found[record.plain_number or "", key] = record
    return found
