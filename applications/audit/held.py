"""What stands in the archive under the numbers of a person's and a subject's matters (accounts.holdings): documents, time
limits, what was shared, what happened, and who looked."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.events import chain_of
from applications.accounts.holdings import Holding, Rows, register
from applications.accounts.models import User
from applications.audit.payloads import ROLES
from applications.audit.verbs import in_words
from applications.deadlines.models import Deadline, Escalation, Sweep
from applications.documents.access import may_read
from applications.documents.models import Document, PublishedKey, Remedies, SealPicture, SigningCertificate
from applications.ledger.models import READINGS, Event
from applications.records import access as records
from applications.records.models import reference_of
from applications.repairs import access as repairs
from applications.repairs.progress import purpose_of_reading
from applications.reports.models import CreditReport, ReportRequest
from applications.sharing.models import Delivery, Destination
from applications.training.models import Enrolment, Study

TOLD = Column(_("事项"), lambda row: in_words(row.verb))
ORGAN = Column(_("机构"), lambda row: row.organ.name if row.organ else "")
ROLE = Column(_("身份"), lambda row: ROLES.get(row.role, row.role))


def _chains_of_person(person: User) -> list[str]:
    return [
        chain_of(person),
        *(claim.chain for claim in person.claims.filter(subject=None)),
        *(study.chain for study in Study.objects.filter(person=person)),
        *(enrolment.chain for enrolment in Enrolment.objects.filter(person=person)),
    ]


def _chains_of_subject(subject: Any, person: User) -> list[str]:
    """As far as the person may see: its own, and those of its records, applications, objections, reports and commitments.

    All tables of a copy rest on them: they are looked for once, and kept with the subject that the copy is of.
    """
    kept: dict[Any, list[str]] = vars(subject).setdefault("_chains_in_copies", {})
    if person.pk not in kept:
        kept[person.pk] = sorted(_look_for_chains(subject, person))
    return kept[person.pk]


def _look_for_chains(subject: Any, person: User) -> set[str]:
    return {
        f"subject-{subject.pk}",
        *map(reference_of, records.visible_to(person).filter(subject=subject).values_list("pk", flat=True)),
        *repairs.visible_to(person).filter(record__subject=subject).values_list("number", flat=True),
        *records.objections_visible_to(person)
        .filter(Q(subject=subject) | Q(record__subject=subject))
        .values_list("number", flat=True),
        *CreditReport.objects.filter(subject=subject).values_list("number", flat=True),
        *ReportRequest.objects.filter(subject=subject).values_list("number", flat=True),
        *subject.commitments.values_list("document__about", flat=True),
        *(certificate.chain for certificate in subject.training_certificates.select_related("document")),
    }


def _under_its_numbers(model: Any, number: str, *related: str) -> Callable[[Any, User], Rows]:
    def rows(subject: Any, person: User) -> Rows:
        found = model.objects.filter(**{f"{number}__in": _chains_of_subject(subject, person)})
        return found.select_related(*related).order_by("pk")  # type: ignore[no-any-return]

    return rows


def _documents(subject: Any, person: User) -> Rows:
    found = Document.objects.filter(about__in=_chains_of_subject(subject, person))
    rows = found.select_related("organ", "pdf__scan").order_by("issued_at", "pk")
    return (row for row in rows if may_read(person, row))


def _did(person: User) -> Rows:
    mine = Q(chain__in=_chains_of_person(person))
    # What was done in office stands in the archives of the organ.
    found = Event.objects.filter(mine if person.is_staff else mine | Q(actor=person))
    return found.select_related("organ").order_by("pk")


def _readings(chains: list[str]) -> Rows:
    """Those that stand in the chains themselves are from before readers had chains of their own."""
    found = Event.objects.filter(chain__startswith=READINGS, payload__about__in=chains)
    return found.select_related("organ").order_by("pk")


def _readings_of_subject(subject: Any, person: User) -> Rows:
    cases = {
        case.number: case
        for case in repairs.visible_to(person).filter(record__subject=subject).select_related("record")
    }
    for event in _readings(_chains_of_subject(subject, person)):
        event.of_case = cases.get(event.payload["about"])
        yield event


EVENT: list[str | Column] = [
    "at",
    TOLD,
    "chain",
    ROLE,
    ORGAN,
    Column(_("摘要（SHA-256）"), lambda row: row.hash),
]
READING: list[str | Column] = [
    "at",
    TOLD,
    Column(_("卷宗"), lambda row: row.payload.get("about", "")),
    ORGAN,
    Column(_("查看的目的"), lambda row: purpose_of_reading(row, getattr(row, "of_case", None))),
]

register(
    Holding(Event, EVENT, of_person=_did, title=_("台账：账号和我办理的事项")),
    Holding(
        Event,
        READING,
        of_person=lambda person: _readings(_chains_of_person(person)),
        title=_("工作人员的查阅：我的账号和认领"),
    ),
    Holding(
        Document,
        [
            "kind",
            "number",
            "organ",
            "about",
            "issued_at",
            "valid_until",
            "status",
            "void_reason",
            "verification_code",
        ],
        of_subject=_documents,
        files=lambda row: [row.pdf],
    ),
    Holding(
        Deadline,
        ["case_number", "kind", "organ", "article", "started_on", "due_on", "met_on", "cancelled_on"],
        of_subject=_under_its_numbers(Deadline, "case_number", "organ"),
    ),
    Holding(
        Delivery,
        ["about", "kind", "destination", "payload", "status", "receipt", "created_at", "delivered_at"],
        of_subject=_under_its_numbers(Delivery, "about", "destination"),
    ),
    Holding(
        Event,
        EVENT,
        of_subject=_under_its_numbers(Event, "chain", "organ"),
        title=_("台账：信用主体的各项事务"),
    ),
    Holding(
        Event,
        READING,
        of_subject=_readings_of_subject,
        title=_("工作人员的查阅"),
    ),
    nothing={
        Escalation: "how many officers were told of a time limit",
        Sweep: "when the time limits were looked through",
        Destination: "platforms of public bodies",
        PublishedKey: "keys of the portal",
        Remedies: "with whom decisions of an organ are challenged",
        SealPicture: "seals of public bodies",
        SigningCertificate: "certificates of public bodies",
    },
)
