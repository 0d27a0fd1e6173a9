"""What is held about the records of a credit subject (accounts.holdings)."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.accounts import retention
from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, Rows, register
from applications.accounts.models import User
from applications.accounts.retention import Erasure
from applications.files.services import discard
from applications.records.access import objections_visible_to, visible_to
from applications.records.exporting import COLUMNS, with_all
from applications.records.history import VERBS, changes_in_words
from applications.records.models import (
    Annotation,
    DishonestyRecord,
    ImportBatch,
    ImportRun,
    InformationObjection,
    Obligation,
    RecordChange,
    SourceAct,
)
from applications.records.objected import evidence_of, items_of
from rules.retention import period_of


def _records(subject: Any, person: User) -> Rows:
    return with_all(visible_to(person).filter(subject=subject)).order_by("pk")


def _changes(subject: Any, person: User) -> Rows:
    records = visible_to(person).filter(subject=subject)
    return RecordChange.objects.filter(record__in=records).select_related("record", "organ").order_by("pk")


def _objections(subject: Any, person: User) -> Rows:
    found = objections_visible_to(person).filter(Q(subject=subject) | Q(record__subject=subject))
    return found.select_related("record", "unit", "evidence__scan").order_by("pk")


def _drop_rejected(batches: QuerySet[ImportBatch], _at: datetime) -> int:
    files = [batch.errors for batch in batches.select_related("errors") if batch.errors is not None]
    batches.update(errors=None)
    for stored in files:
        discard(stored)
    return len(files)


retention.register(
    Erasure(
        "rejected_rows",
        lambda at: ImportBatch.objects.filter(
            errors__isnull=False, imported_at__lt=at - period_of("rejected_rows")
        ),
        _drop_rejected,
    )
)
register(
    Holding(
        DishonestyRecord,
        [*COLUMNS, "remarks"],
        of_subject=_records,
        also=[Obligation, Annotation, SourceAct],
    ),
    Holding(
        RecordChange,
        [
            Column(_("失信信息唯一标识"), lambda row: row.record.reference),
            Column(_("事项"), lambda row: VERBS.get(row.verb, row.verb)),
            Column(_("变更"), lambda row: [list(each) for each in changes_in_words(row)]),
            "at",
            Column(_("机构"), lambda row: row.organ and row.organ.name),
            "reason",
        ],
        of_subject=_changes,
    ),
    Holding(
        InformationObjection,
        [
            "number",
            "record",
            "unit",
            Column(_("有异议的内容"), lambda row: [list(each[:3]) for each in items_of(row)]),
            "grounds",
            "filed_at",
            "outcome",
            "reasons",
            "answered_at",
        ],
        of_subject=_objections,
        files=evidence_of,
    ),
    nothing={
        ImportBatch: "a file of a unit, by its name; what of it became a record is held there",
        ImportRun: "a file of a unit while it is read; of rows that were refused the unit has the table, and they are nobody's record",
    },
)
