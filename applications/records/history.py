"""The history of a record: the events of its chain in the ledger, with what each of them changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.ledger.models import Event
from applications.organs.models import Organ
from applications.records.fields import in_words, label
from applications.records.models import DishonestyRecord, ImportBatch, RecordChange
from applications.records.objected import changes_asked

# The events of a record's chain, in words.
VERBS: dict[str, str | Promise] = {
    "record.act_approved": gettext_lazy("撤销、变更经复核生效"),
    "record.act_proposed": gettext_lazy("提出撤销、变更"),
    "record.act_rejected": gettext_lazy("撤销、变更被驳回"),
    "record.annotated": gettext_lazy("失信行为信息标注修复"),
    "record.corrected": gettext_lazy("更正失信行为信息"),
    "record.imported": gettext_lazy("导入失信行为信息"),
    "record.objected": gettext_lazy("提出信息异议"),
    "record.objection_answered": gettext_lazy("信息异议处理完毕"),
    "record.publicity_ended": gettext_lazy("公示期满"),
    "record.reinsertion_blocked": gettext_lazy("已修复或者已撤销的信息再次导入，已拦截"),
    "record.restored": gettext_lazy("恢复失信行为信息原来的内容"),
    "record.revoked": gettext_lazy("处罚被撤销，撤回公示"),
    "record.updated": gettext_lazy("更新失信行为信息"),
}


@dataclass(frozen=True)
class Entry:
    """``changes``: field, what it was, what it became, in words. ``change``: the row of what changed, if anything did."""

    label: str
    at: datetime
    actor: User | None
    organ: Organ | None
    batch: ImportBatch | None
    change: RecordChange | None
    changes: Sequence[tuple[str, str, str]]
    # Of an objection: field, what it said, what it should say.
    asked: Sequence[tuple[str, str, str]]


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
    return [
        _entry(event, changes.get(event.payload.get("change", 0)), batches.get(event.payload.get("batch", 0)))
        for event in events
    ]


def _entry(event: Event, change: RecordChange | None, batch: ImportBatch | None) -> Entry:
    return Entry(
        label=str(VERBS[event.verb]),
        at=event.at,
        actor=event.actor,
        organ=event.organ,
        batch=batch,
        change=change,
        changes=changes_in_words(change) if change else [],
        asked=changes_asked(event.payload.get("items", [])) if event.verb == "record.objected" else [],
    )


def changes_in_words(change: RecordChange) -> list[tuple[str, str, str]]:
    """Field, before, after; without the moment that goes with the end of publicity."""
    return [
        (label(name), in_words(name, change.before[name]), in_words(name, after))
        for name, after in change.after.items()
        if name != "publicity_ended_at"
    ]
