from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from applications.documents.models import Document, Kind
from applications.ledger.models import Event
from applications.ledger.selectors import readings_about
from applications.records.models import RecordChange
from applications.repairs.registers import IssuedReport, RegisteredReport
from applications.reports.composing import TOLD, record_states
from applications.reports.models import CreditReport, Institution
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from rules.sameness import plain_code, plain_name, visible


def institutions_listed() -> list[str]:
    """The names of the credit service institutions that a department has on its list, each once."""
    return sorted(set(Institution.objects.filter(active=True).values_list("name", flat=True)))


def lists_institution(name: str) -> str:
    """The department whose list has the credit service institution, however its name is written; empty: none has."""
    listed = (
        Institution.objects.filter(active=True, plain_name=plain_name(name)).select_related("organ").first()
    )
    return listed.organ.name if listed else ""


def find_subjects(term: str) -> QuerySet[Subject]:
    """Subjects by exact name, USCC or identity number; a part of them finds nothing."""
    term = visible(term).strip()
    if not term:
        return Subject.objects.none()
    compact = plain_code(term).replace("-", "")
    digests = [identity_digest(kind, compact) for kind in Subject.IdentityType.values]
    return (
        Subject.objects.filter(name=term)
        | Subject.objects.filter(plain_name=plain_name(term))
        | Subject.objects.filter(uscc=compact)
        | Subject.objects.filter(identity_digest__in=digests)
    ).order_by("pk")


def has_changed_since(document: Document) -> bool | None:
    """Whether a report issued today would list other records, or the same in another state or with other words, or names the
    subject as it is not called any more. None: not a report."""
    if document.kind != Kind.CREDIT_REPORT:
        return None
    report = CreditReport.objects.select_related("subject").get(document=document)
    stated = {each["reference"]: each["state"] for each in document.content["penalties"]}
    now = record_states(
        subject=report.subject, variant=report.variant, on=timezone.localdate(), since=report.since
    )
    return (
        stated != now
        or document.addressee != report.subject.name
        or _corrected_since(stated, document.issued_at)
    )


def _corrected_since(references: Collection[str], at: datetime) -> bool:
    keys = [int(reference.removeprefix("R-")) for reference in references]
    return RecordChange.objects.filter(record__in=keys, at__gt=at, after__has_any_keys=sorted(TOLD)).exists()


def registered(number: str) -> RegisteredReport | None:
    """What the register says of a report, as the repairs app asks (repairs.registers)."""
    report = (
        CreditReport.objects.select_related("organ", "document__replaced_by")
        .filter(number=number.upper())
        .first()
    )
    if report is None:
        return None
    return RegisteredReport(
        subject_id=report.subject_id,
        issued_on=timezone.localdate(report.issued_at),
        valid_until=report.valid_until,
        issuer=report.organ.name,
        void=report.document.status == Document.Status.VOID,
        replaced_by=replaced.number if (replaced := getattr(report.document, "replaced_by", None)) else "",
    )


def latest_valid(subject_id: int, on: date) -> IssuedReport | None:
    """The latest report of a subject that can be handed in on a day: the one for repairs before the public one."""
    report = (
        CreditReport.objects.filter(
            Q(document__valid_until__gte=on) | Q(extended_until__gte=on),
            subject=subject_id,
            # What lists a part of the records is no answer to what stands in all.
            since=None,
            document__status=Document.Status.VALID,
            document__replaced_by=None,
            document__pdf__isnull=False,
        )
        .select_related("organ", "document__pdf")
        # "repair" before "public".
        .order_by("-variant", "-issued_at")
        .first()
    )
    if report is None:
        return None
    assert report.document.pdf is not None
    return IssuedReport(
        number=report.number,
        issued_on=timezone.localdate(report.issued_at),
        issuer=report.organ.name,
        file=report.document.pdf,
    )


def extended_until(documents: Collection[UUID]) -> dict[UUID, date]:
    """Until when the validity of the reports among some documents was extended, by their ids."""
    extended = CreditReport.objects.filter(document__in=documents, extended_until__isnull=False)
    return {pk: day for pk, day in extended.values_list("document", "extended_until") if day}


def taken(report: CreditReport) -> QuerySet[Event]:
    """When it was downloaded or printed, and by whom, the latest first; what officers opened stands in their own chains."""
    verbs = ("document.downloaded", "report.printed", "report.extended")
    events = Event.objects.filter(chain=report.number, verb__in=verbs)
    return (events | readings_about(report.number, "document.read")).select_related("actor").order_by("-at")
