"""The history of a record: the events of its chain in the ledger, with what each of them changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.ledger.models import Event
from applications.organs.models import Organ
from applications.records.fields import in_words, label, present, to_json
from applications.records.models import DishonestyRecord, ImportBatch, InformationObjection, RecordChange
from applications.records.objected import Items, changes_asked

# A penalty is revoked, and that it is was registered by mistake.
REVOCATION, REINSTATEMENT = "record.revoked", "record.reinstated"
# The events of a record's chain, in words.
VERBS: dict[str, str | Promise] = {
    "record.act_approved": gettext_lazy("撤销、变更经复核生效"),
    "record.act_proposed": gettext_lazy("提出撤销、变更"),
    "record.act_rejected": gettext_lazy("撤销、变更被驳回"),
    "record.annotated": gettext_lazy("失信行为信息标注修复"),
    "record.annotation_cancelled": gettext_lazy("修复被撤销，取消标注"),
    "record.corrected": gettext_lazy("更正失信行为信息"),
    "record.imported": gettext_lazy("导入失信行为信息"),
    "record.objected": gettext_lazy("提出信息异议"),
    "record.objection_answered": gettext_lazy("信息异议处理完毕"),
    "record.publicity_ended": gettext_lazy("公示期满"),
    "record.reinsertion_blocked": gettext_lazy("已修复或者已撤销的信息再次导入，已拦截"),
    REINSTATEMENT: gettext_lazy("撤销登记有误，恢复该处罚"),
    "record.restored": gettext_lazy("恢复失信行为信息原来的内容"),
    REVOCATION: gettext_lazy("处罚被撤销，撤回公示"),
    "record.updated": gettext_lazy("更新失信行为信息"),
}

# A change of these alone is nobody's to undo by hand: they follow from others.
FOLLOWING = frozenset({"publicity", "publicity_ended_at", "publicity_until", "source_state"})


@dataclass(frozen=True)
class Entry:
    """``changes``: field, what it was, what it became, in words. ``change``: the row of what changed, if anything did.
    ``restorable``: whether the record can be made what it was before it."""

    label: str
    at: datetime
    actor: User | None
    organ: Organ | None
    batch: ImportBatch | None
    change: RecordChange | None
    changes: Sequence[tuple[str, str, str]]
    # Of an objection: field, what it said, what it should say.
    asked: Sequence[tuple[str, str, str]]
    restorable: bool


def history_of(record: DishonestyRecord) -> list[Entry]:
    """Everything that was written about a record, the latest first."""
    events = list(
        Event.objects.filter(chain=record.reference, verb__in=VERBS)
        .select_related("actor", "organ")
        .order_by("-position")
    )
    changes = {
        change.pk: change for change in record.changes.select_related("document", "batch").order_by("pk")
    }
    batches = ImportBatch.objects.in_bulk(
        {event.payload["batch"] for event in events if "batch" in event.payload}
    )
    objections = InformationObjection.objects.in_bulk(
        {event.payload["objection"] for event in events if event.verb == "record.objected"}
    )
    restorable = values_before(record)
    return [
        _entry(
            event,
            changes.get(event.payload.get("change", 0)),
            batches.get(event.payload.get("batch", 0)),
            objections[event.payload["objection"]].items if event.verb == "record.objected" else [],
            event.payload.get("change", 0) in restorable,
        )
        for event in events
    ]


def values_before(record: DishonestyRecord) -> dict[int, dict[str, Any]]:
    """By the id of a change, what to write so that the record is as before it: field → value as JSON. Without what is so
    already, and without the changes of which nothing is left to undo; empty where nothing may be changed any more."""
    if record.source_state == DishonestyRecord.SourceState.REVOKED or hasattr(record, "annotation"):
        return {}
    found: dict[int, dict[str, Any]] = {}
    values: dict[str, Any] = {}
    now: dict[str, Any] = {}
    for change in record.changes.order_by("-pk"):
        values |= {name: kept for name, kept in change.before.items() if name not in FOLLOWING}
        now |= {name: to_json(present(record, name)) for name in values.keys() - now.keys()}
        left = {name: kept for name, kept in values.items() if now[name] != kept}
        if left and not change.before.keys() <= FOLLOWING:
            found[change.pk] = left
    return found


def _entry(
    event: Event, change: RecordChange | None, batch: ImportBatch | None, items: Items, restorable: bool
) -> Entry:
    return Entry(
        label=str(VERBS[event.verb]),
        at=event.at,
        actor=event.actor,
        organ=event.organ,
        batch=batch,
        change=change,
        changes=changes_in_words(change) if change else [],
        asked=changes_asked(items),
        restorable=restorable,
    )


def changes_in_words(change: RecordChange) -> list[tuple[str, str, str]]:
    """Field, before, after; without the moment that goes with the end of publicity."""
    return [
        (label(name), in_words(name, change.before[name]), in_words(name, after))
        for name, after in change.after.items()
        if name != "publicity_ended_at"
    ]
