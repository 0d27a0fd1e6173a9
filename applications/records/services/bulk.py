"""The one writer's way for many records at once: those that a file brings, and those of its changes that touch nobody.

What a writing does is in ``writing``; here it is done with a few statements for a thousand records.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import ManyToOneRel
from django.utils import timezone

from applications.accounts.models import User
from applications.database.insertion import insert_many, reserve_keys
from applications.ledger.services import Entry, begin_chains, record_events
from applications.records.fields import OBLIGATIONS
from applications.records.importing.drafts import Draft
from applications.records.models import (
    DishonestyRecord,
    ImportBatch,
    Obligation,
    RecordChange,
    reference_of,
)
from applications.records.services.writing import named, noted, set_values
from applications.subjects.models import Subject
from rules.sameness import plain_number

Publicity = DishonestyRecord.Publicity

# bulk_update() compares each row with each.
_UPDATED_AT_ONCE = 200
_EVENTS_AT_ONCE = 5_000


class Writing(NamedTuple):
    """A record, locked and with its duties, what it is to be, and what its event says besides."""

    record: DishonestyRecord
    values: dict[str, Any]
    payload: dict[str, Any]


def publicity_of(draft: Draft, at: datetime) -> tuple[str, datetime | None]:
    """The state of publicity of a row that no decision has touched, and since when it is over."""
    if draft.withheld:
        return Publicity.WITHHELD, None
    if draft.fields["publicity_until"] < timezone.localdate(at):
        return Publicity.EXPIRED, at
    return Publicity.PUBLISHED, None


# What a draft says of its record, and what stands beside it.
_SAID = (
    "document_number", "violation_type", "facts", "legal_basis", "penalty_content", "source_organ", "penalties",
    "decided_on", "identified_on", "valid_until", "severity", "domains", "conducts", "fine_amount",
    "confiscated_amount", "permit_affected", "region", "source_organ_uscc", "other_columns", "remarks",
    "penalising_organ", "penalising_organ_uscc", "publicity_until",
)  # fmt: skip
_BESIDE = ("id", "subject_id", "plain_number", "source_state", "publicity", "publicity_ended_at")


def create_records(
    *, drafts: Sequence[Draft], subjects: Mapping[str, Subject], batch: ImportBatch, at: datetime
) -> list[int]:
    """Bring new records into the database, and return their keys in the order of the drafts.

    ``subjects``: by subject key. Their chains are begun when all of the batch are there (begin_histories).
    """
    keys = reserve_keys(DishonestyRecord, len(drafts))
    insert_many(
        DishonestyRecord,
        (*_BESIDE, *_SAID),
        (
            (
                key,
                subjects[draft.subject_key].pk,
                plain_number(draft.fields["document_number"])[:128],
                draft.fields.get("source_state", DishonestyRecord.SourceState.NORMAL),
                *publicity_of(draft, at),
                *map(draft.fields.__getitem__, _SAID),
            )
            for key, draft in zip(keys, drafts, strict=True)
        ),
        shared={"identifying_unit_id": batch.organ_id, "batch_id": batch.pk},
    )
    insert_many(
        Obligation,
        ("record_id", "name", "source", "fulfilled_on"),
        ((key, *duty) for key, draft in zip(keys, drafts, strict=True) for duty in draft.duties),
    )
    return keys


def begin_histories(
    *,
    batch: ImportBatch,
    at: datetime,
    actor: User | None,
    payloads: Mapping[int, dict[str, Any]],
    begun: Callable[[int], None],
) -> None:
    """Begin the chain of every record that a batch has brought. ``payloads``: what some events say besides, by record;
    ``begun`` is told of each lot how many they were."""
    last = 0
    while rows := list(
        DishonestyRecord.objects.filter(batch=batch, pk__gt=last)
        .order_by("pk")
        .values_list("pk", "severity", "publicity")[:_EVENTS_AT_ONCE]
    ):
        last = rows[-1][0]
        entries = (
            _entry(
                pk,
                "record.imported",
                {"batch": batch.pk, "severity": severity, "publicity": publicity} | payloads.get(pk, {}),
                actor,
                batch,
            )
            for pk, severity, publicity in rows
        )
        begin_chains(entries=entries, at=at)
        begun(len(rows))


def note_guarded(*, records: Sequence[int], at: datetime, actor: User | None, batch: ImportBatch) -> None:
    """Of each of the records, by key, that a file would have altered it; whoever calls has locked the archive."""
    if records:
        entries = [
            _entry(pk, "record.reinsertion_blocked", {"batch": batch.pk}, actor, batch) for pk in records
        ]
        record_events(entries=entries, at=at)


def change_records(
    *, writings: Sequence[Writing], verb: str, at: datetime, actor: User | None, batch: ImportBatch
) -> None:
    """As write_record for each. For records that no application rests on, and that lose no duty which one refers to; whoever
    calls has locked the archive and the records."""
    written: dict[frozenset[str], list[DishonestyRecord]] = defaultdict(list)
    changes: list[RecordChange | None] = []
    duties: list[tuple[DishonestyRecord, Mapping[str, Any]]] = []
    for each in writings:
        before, wanted = set_values(each.record, each.values, follows=True, at=at)
        if OBLIGATIONS in before:
            duties.append((each.record, {duty.name: duty for duty in wanted}))
        if fields := frozenset(before) - {OBLIGATIONS}:
            written[fields].append(each.record)
        about = {"verb": verb, "at": at, "actor": actor, "organ": batch.organ, "batch": batch}
        changes.append(noted(each.record, before, wanted, **about) if before else None)
    for fields, records in written.items():
        DishonestyRecord.objects.bulk_update(records, sorted(fields), batch_size=_UPDATED_AT_ONCE)
    _write_duties(duties)
    RecordChange.objects.bulk_create([change for change in changes if change], batch_size=500)
    record_events(
        entries=[
            _entry(each.record.pk, verb, named(change) | each.payload, actor, batch)
            for each, change in zip(writings, changes, strict=True)
        ],
        at=at,
    )


def _write_duties(wanted: Sequence[tuple[DishonestyRecord, Mapping[str, Any]]]) -> None:
    known = {
        (each.record_id, each.name): each for record, _duties in wanted for each in record.obligations.all()
    }
    changed: list[Obligation] = []
    new: list[Obligation] = []
    lost = set(known.values())
    for record, duties in wanted:
        for name, duty in duties.items():
            obligation = known.get((record.pk, name))
            lost.discard(obligation)
            if obligation is None:
                new.append(Obligation(record=record, **duty._asdict()))
            elif (obligation.source, obligation.fulfilled_on) != (duty.source, duty.fulfilled_on):
                obligation.source, obligation.fulfilled_on = duty.source, duty.fulfilled_on
                changed.append(obligation)
    Obligation.objects.filter(pk__in=[each.pk for each in lost]).delete()
    Obligation.objects.bulk_update(changed, ["source", "fulfilled_on"], batch_size=_UPDATED_AT_ONCE)
    Obligation.objects.bulk_create(new, batch_size=500)


def bound_by_duties(wanted: Iterable[tuple[DishonestyRecord, Mapping[str, Any]]]) -> set[int]:
    """Of records with what each is to be, those, by key, that would lose a duty to which something refers: an application,
    perhaps one that is over."""
    lost = {
        each.pk: record.pk
        for record, values in wanted
        for each in record.obligations.all()
        if each.name not in {duty.name for duty in values[OBLIGATIONS]}
    }
    found: set[int] = set()
    for relation in Obligation._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            of_duties = {f"{relation.field.name}__in": lost}
            rows = relation.related_model._base_manager.filter(**of_duties)
            found.update(lost[duty] for duty in rows.values_list(relation.field.attname, flat=True))
    return found


def _entry(record: int, verb: str, payload: dict[str, Any], actor: User | None, batch: ImportBatch) -> Entry:
    return Entry(
        chain=reference_of(record),
        verb=verb,
        role="user" if actor else "system",
        actor_id=actor.pk if actor else None,
        organ_id=batch.organ_id,
        payload=payload,
    )
