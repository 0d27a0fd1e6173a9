"""The one writer of a record that exists. Whatever changes one comes by here, and stands in its history."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.files.models import StoredFile
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.policies.selectors import policy_in_force
from applications.records.fields import OBLIGATIONS, PUBLIC_BY, duties_of, to_json
from applications.records.importing.cells import Duty
from applications.records.models import DishonestyRecord, ImportBatch, Obligation, RecordChange
from applications.records.signals import record_changed
from applications.records.uses import uses_of
from rules.eligibility import publicity_ends_on
from rules.facts import Facts

Publicity = DishonestyRecord.Publicity
SourceState = DishonestyRecord.SourceState

# What a case or the lapse of time brings about: those who know of it need not be told.
OUTCOMES = frozenset({"record.annotated", "record.annotation_cancelled", "record.publicity_ended"})


class DutyInUse(ValidationError):
    """An application refers to a duty that would disappear from under it."""


@transaction.atomic
def write_record(
    *,
    record: DishonestyRecord,
    values: dict[str, Any],
    verb: str,
    at: datetime,
    actor: User | None,
    organ: Organ | None = None,
    batch: ImportBatch | None = None,
    document: StoredFile | None = None,
    reason: str = "",
    payload: dict[str, Any] | None = None,
) -> RecordChange | None:
    """Set fields of a record, and note what they were before; None where all of them are so already.

    ``values``: by the name of the field; ``obligations`` are Duties. ``record`` is brought up to date in memory. The
    event goes to the ledger even where nothing changed. Publicity follows: a penalty that is revoked is public no
    longer, and one whose last day moves into the past is over. ``batch``: the file that brings the change; the record
    stays one of the file that brought it. DutyInUse.
    """
    if verb in OUTCOMES:
        lock_chain(record.reference)
    else:
        lock_record(record)
    locked = DishonestyRecord.objects.select_for_update().prefetch_related("obligations").get(pk=record.pk)
    before, duties = set_values(locked, values, follows=verb not in OUTCOMES, at=at)
    if OBLIGATIONS in before:
        _write_duties(locked, duties)
    written = [name for name in before if name != OBLIGATIONS]
    locked.save(update_fields=written)
    for name in written:
        setattr(record, name, getattr(locked, name))
    getattr(record, "_prefetched_objects_cache", {}).pop(OBLIGATIONS, None)
    change = None
    if before:
        change = noted(
            locked,
            before,
            duties,
            verb=verb,
            at=at,
            actor=actor,
            organ=organ,
            batch=batch,
            document=document,
            reason=reason,
        )
        change.save()
    record_event(
        chain=record.reference,
        verb=verb,
        at=at,
        actor=actor,
        organ=organ,
        payload=named(change) | (payload or {}),
    )
    if change is not None and verb not in OUTCOMES:
        record_changed.send(sender=DishonestyRecord, record=record, change=change, actor=actor, at=at)
    return change


def set_values(
    record: DishonestyRecord, values: dict[str, Any], *, follows: bool, at: datetime
) -> tuple[dict[str, Any], tuple[Duty, ...]]:
    """Set fields in memory, and whatever ``follows`` from them for publicity. By the name of each field that is another
    now, what it was, the duties among them; and the duties as they are to be."""
    wanted = dict(values)
    known = duties_of(record.obligations.all())
    duties: tuple[Duty, ...] = wanted.pop(OBLIGATIONS, known)
    before: dict[str, Any] = {}
    for name, value in wanted.items():
        if getattr(record, name) != value:
            before[name] = getattr(record, name)
            setattr(record, name, value)
    if follows:
        _follow(record, before, stated_end="publicity_until" in wanted, at=at)
        before = {name: value for name, value in before.items() if getattr(record, name) != value}
    if {*known} != {*duties}:
        before[OBLIGATIONS] = known
    return before, duties


def noted(
    record: DishonestyRecord, before: dict[str, Any], duties: tuple[Duty, ...], **about: Any
) -> RecordChange:
    """The row of the history, not saved yet, for what set_values gave."""
    after = {name: duties if name == OBLIGATIONS else getattr(record, name) for name in before}
    return RecordChange(
        record=record,
        before={name: to_json(value) for name, value in before.items()},
        after={name: to_json(value) for name, value in after.items()},
        **about,
    )


def lock_record(record: DishonestyRecord) -> None:
    """Before anything that a change of the record may touch, in the order of whoever decides a case: the chain of the
    application for it, then its own."""
    for use in uses_of([record.pk]).values():
        lock_chain(use.number)
    lock_chain(record.reference)


def digest(change: RecordChange) -> str:
    """64 hexadecimal digits over what a change says, which the ledger keeps: the row itself may hold free text."""
    return digest_of(
        {
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
            "document": change.document.sha256 if change.document else None,
        }
    )


def digest_of(words: dict[str, Any]) -> str:
    """64 hexadecimal digits over what a row says that the ledger only names."""
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def named(change: RecordChange | None) -> dict[str, Any]:
    """What the event of a writing says of the row of the history."""
    if change is None:
        return {}
    return {"change": change.pk, "changed": sorted(change.after), "sha256": digest(change)}


def _follow(record: DishonestyRecord, before: dict[str, Any], *, stated_end: bool, at: datetime) -> None:
    """What publicity is after a change of the facts that it rests on (发改办财金〔2019〕527号)."""
    if PUBLIC_BY & before.keys() and not stated_end:
        end = _last_day(record, before, at)
        if end != record.publicity_until:
            before["publicity_until"], record.publicity_until = record.publicity_until, end
    state, ended_at = publicity_now(record, at)
    if state != record.publicity:
        before.setdefault("publicity", record.publicity)
        before.setdefault("publicity_ended_at", record.publicity_ended_at)
        record.publicity, record.publicity_ended_at = state, ended_at


def _last_day(record: DishonestyRecord, before: dict[str, Any], at: datetime) -> date:
    """The longest that the present facts allow; where the unit had stated less than the facts ``before`` allowed, no
    later than it stated."""
    policy = policy_in_force(on=timezone.localdate(at), unit=record.identifying_unit_id)
    longest = publicity_ends_on(_facts(record, {}), policy)
    allowed = publicity_ends_on(_facts(record, before), policy)
    stated = record.publicity_until
    if longest is None:
        end = stated
    elif allowed is None or stated < allowed:
        end = min(stated, longest)
    else:
        end = longest
    return max(end, record.decided_on)


def _facts(record: DishonestyRecord, before: dict[str, Any]) -> Facts:
    """What the length of publicity follows from; ``before``: of the fields that have changed, what they were."""

    def fact(name: str) -> Any:
        return before.get(name, getattr(record, name))

    return Facts(
        severity=fact("severity"),
        identified_on=fact("identified_on"),
        decided_on=fact("decided_on"),
        penalties=tuple(fact("penalties")),
        domains=tuple(fact("domains")),
        conducts=tuple(fact("conducts")),
        other_specific_serious_ground=None,
    )


def publicity_now(record: DishonestyRecord, at: datetime) -> tuple[str, datetime | None]:
    """The publicity that a record has with its present facts, and since when it is over. What a decision withdrew
    stays withdrawn, what is withheld by law is withheld; an end by lapse of time follows its date."""
    if record.publicity in (Publicity.WITHDRAWN, Publicity.WITHHELD):
        return record.publicity, record.publicity_ended_at
    if record.source_state == SourceState.REVOKED:
        return Publicity.WITHDRAWN, record.publicity_ended_at or at
    if record.publicity_until < timezone.localdate(at):
        return Publicity.EXPIRED, record.publicity_ended_at or at
    return Publicity.PUBLISHED, None


def _write_duties(record: DishonestyRecord, duties: tuple[Duty, ...]) -> None:
    wanted = {duty.name: duty for duty in duties}
    for obligation in record.obligations.all():
        duty = wanted.pop(obligation.name, None)
        if duty is None:
            try:
                obligation.delete()
            except ProtectedError:
                raise DutyInUse(
                    _(
                        "该记录已有修复申请引用了义务“%(name)s”，不能删去。请保留原义务的名称，只更新履行日期。"
                    )
                    % {"name": obligation}
                ) from None
        else:
            obligation.source, obligation.fulfilled_on = duty.source, duty.fulfilled_on
            obligation.save()
    Obligation.objects.bulk_create([Obligation(record=record, **duty._asdict()) for duty in wanted.values()])
