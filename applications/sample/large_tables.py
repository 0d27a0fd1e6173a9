"""Rows for many tables at once: gathered case by case, stored a few thousand cases at a time."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model
from django.utils.timezone import localdate

from applications.calendars.selectors import calendar
from applications.commitments.models import Commitment
from applications.database.insertion import insert_many
from applications.deadlines.levels import next_step
from applications.deadlines.models import Deadline
from applications.deadlines.services.clocks import kept_days
from applications.documents.digest import content_sha256
from applications.documents.models import Document, Kind
from applications.documents.numbering import CODE_ALPHABET, CODE_LENGTH, KIND_CHARACTERS
from applications.files.models import StoredFile
from applications.ledger.services import Entry, record_history
from applications.notifications.links import link_to
from applications.numbering.models import Series
from applications.objections.models import Objection
from applications.organs.models import Organ
from applications.policies.selectors import clock_article, policy_in_force
from applications.records.models import Annotation, DishonestyRecord, Obligation
from applications.repairs.models import (
    CaseObligation,
    CorrectionItem,
    CorrectionNotice,
    Filing,
    Material,
    RepairCase,
    Review,
)
from applications.repairs.services.drafts import case_number
from applications.sample import large_records
from applications.sharing.models import Delivery

# Parents before children: each constraint is checked as soon as the rows are there.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    DishonestyRecord: large_records.COLUMNS,
    Obligation: ("id", "record_id", "name", "source", "fulfilled_on"),
    StoredFile: ("id", "file", "name", "content_type", "size", "pages", "sha256", "stored_at"),
    Document: (
        "id", "kind", "number", "organ_id", "about", "addressee", "content", "template_version",
        "verification_code", "issued_at", "issued_by_id", "pdf_id", "render_attempts", "render_error", "status",
        "void_reason",
    ),
    Commitment: (
        "id", "subject_id", "text", "text_sha256", "signatory", "signed_by_id", "signed_at", "publication_consent",
        "document_id", "published_at",
    ),
    Commitment.records.through: ("commitment_id", "dishonestyrecord_id"),
    Filing: (
        "id", "subject_id", "applicant_id", "contact_name", "contact_phone", "training_completed_on",
        "training_certificate_number", "report_issued_on", "report_issuer", "report_number", "commitment_id",
        "created_at",
    ),
    RepairCase: (
        "id", "number", "filing_id", "record_id", "organ_id", "status", "version", "round", "tracking_code",
        "corrected_on", "created_at", "edited_at", "first_submitted_at", "submitted_at", "accepted_on",
        "decided_on", "decided_by_id", "decision_number", "shared_at", "due_on",
        "officer_id", "reviewed_by_id",
    ),
    CaseObligation: ("case_id", "obligation_id", "fulfilled_on"),
    Material: ("filing_id", "case_id", "kind", "file_id", "round", "added_at"),
    CorrectionNotice: ("id", "case_id", "round", "drafted_by_id", "drafted_at", "sent_at", "document_id"),
    CorrectionItem: (
        "notice_id", "material_kind", "defect", "requirement", "notice_round", "material_round",
        "exception_reason", "sent_at", "answer",
    ),
    Review: ("case_id", "reviewer_id", "reviewed_at", "checklist", "proposal", "opinion"),
    Annotation: (
        "record_id", "case_number", "decision_number", "deciding_organ_id", "decided_on", "annotated_at",
    ),
    Deadline: (
        "kind", "organ_id", "officer_id", "case_number", "link", "round", "started_on", "working_days", "due_on",
        "provisional", "named_days", "calendar_version", "article", "next_step_on", "met_on", "cancelled_on",
        "breached_on", "days_late",
    ),
    Delivery: (
        "id", "kind", "about", "organ_id", "region", "destination_id", "stream", "position", "payload", "status", "attempts", "next_try_at", "last_error", "receipt",
        "created_at", "delivered_at",
    ),
    Objection: (
        "case_id", "decision_number", "disputed", "grounds", "filed_by_id", "filed_at", "outcome", "checklist",
        "reasons",
    ),
}  # fmt: skip
PDF = "application/pdf"


@cache
def legal_days(kind: str, on: date) -> tuple[int, str]:
    """The working days of a clock on a day, and the article."""
    policy = policy_in_force(on=on)
    days = policy.clocks[kind].working_days
    assert days is not None
    return days, clock_article(policy, kind)


@cache
def _period(started_on: date, days: int) -> tuple[date, bool, dict[str, Any]]:
    due = calendar().due(started_on, days)
    return due.due_on, due.provisional, kept_days(due)


class Tables:
    """What has been gathered and not stored yet; ``counts`` are the numbers given, by series, ``platform`` is the id of
    the one to which everything goes."""

    def __init__(self, *, random: Random, today: date, paper: StoredFile, platform: int) -> None:
        self.random, self.today, self.paper, self.platform = random, today, paper, platform
        self.rows: dict[type[Model], list[tuple[Any, ...]]] = defaultdict(list)
        self.events: list[tuple[Entry, datetime]] = []
        self.counts: dict[str, int] = defaultdict(int)

    def add(self, model: type[Model], *row: Any) -> None:
        """``row`` are the values of COLUMNS; what is left out at the end is null."""
        self.rows[model].append(row + (None,) * (len(COLUMNS[model]) - len(row)))

    def take_case_number(self, region: str, year: int) -> str:
        series = f"case:{region}:{year}"
        self.counts[series] += 1
        return case_number(region, year, self.counts[series])

    def happen(
        self,
        chain: str,
        verb: str,
        at: datetime,
        payload: dict[str, Any],
        role: str = "system",
        actor: int | None = None,
        organ: int | None = None,
    ) -> None:
        self.events.append((Entry(chain, verb, role, actor, organ, payload), at))

    def issue(
        self,
        kind: str,
        organ: Organ,
        about: str,
        addressee: str,
        content: dict[str, Any],
        at: datetime,
        by: int | None = None,
    ) -> Document:
        """A document with its PDF: all of them show one sample page, which is stored once."""
        year, paper, random = localdate(at).year, self.paper, self.random
        series = f"document:{organ.code}:{kind}:{year}"
        self.counts[series] += 1
        number = f"{organ.document_prefix}{KIND_CHARACTERS[Kind(kind)]}〔{year}〕{self.counts[series]}号"
        document = Document(
            id=uuid.UUID(int=random.getrandbits(128), version=4),
            kind=kind,
            number=number,
            organ_id=organ.pk,
            about=about,
            addressee=addressee,
            content=content,
            verification_code="".join(random.choices(CODE_ALPHABET, k=CODE_LENGTH)),
            issued_at=at,
        )
        pdf = uuid.UUID(int=random.getrandbits(128), version=4)
        self.add(StoredFile, pdf, paper.file.name, f"{number}.pdf", PDF, paper.size, 1, paper.sha256, at)
        self.add(
            Document,
            *(
                document.id,
                kind,
                number,
                organ.pk,
                about,
                addressee,
                content,
                1,
                document.verification_code,
                at,
            ),
            *(by, pdf, 1, "", Document.Status.VALID.value, ""),
        )
        named = {"document": str(document.id), "number": number}
        said = {**named, "kind": kind, "content_sha256": content_sha256(document)}
        self.happen(about, "document.issued", at, said, "user" if by else "system", by, organ.pk)
        shown = {**named, "pdf_sha256": paper.sha256, "pages": 1}
        self.happen(about, "document.rendered", at, shown, organ=organ.pk)
        return document

    def time(
        self,
        kind: str,
        case: tuple[int, str],
        organ: Organ,
        started_on: date,
        *,
        met_on: date | None = None,
        cancelled_on: date | None = None,
        officer: int | None = None,
    ) -> date | None:
        """A clock; returns the day on which it ends, None where it has stopped."""
        days, article = legal_days(kind, started_on)
        due_on, provisional, named = _period(started_on, days)
        stopped_on, step_on = met_on or cancelled_on, None
        late = (stopped_on or self.today) > due_on
        if stopped_on is None:
            step_on = _step(started_on, due_on, self.today + timedelta(days=1))
        self.add(
            Deadline,
            *(kind, organ.pk, officer, case[1], link_to("repaircase", case[0]), 1, started_on, days, due_on),
            *(provisional, named, calendar().version, article, step_on, met_on, cancelled_on),
            due_on + timedelta(days=1) if late else None,
            calendar().count(due_on, stopped_on) if late and stopped_on else 0,
        )
        return None if stopped_on else due_on

    def store(self) -> None:
        """Put into the database what was gathered."""
        for model, columns in COLUMNS.items():
            rows = self.rows.pop(model, [])
            if rows:
                insert_many(model, columns, rows)
        record_history(entries=self.events)
        self.events = []

    def close(self) -> None:
        """After the last row: the series and the keys go on where the rows end."""
        Series.objects.bulk_create(Series(key=key, last=last) for key, last in self.counts.items())
        set_sequences(COLUMNS)


def set_sequences(models: Iterable[type[Model]]) -> None:
    """Let the database give the next keys, after rows that came with theirs."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [*models]):
            cursor.execute(statement)


@cache
def _step(started_on: date, due_on: date, first: date) -> date:
    step: date = next_step(calendar(), started_on, due_on, first).on
    return step
