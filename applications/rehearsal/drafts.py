"""The applications of a rehearsal as they stand before they are filed: complete, signed, and not yet submitted.

The law counts nothing before a submission, so the drafts are written in bulk, as their applicants would have left
them on the pages; every step from the submission on is the portal's own.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pikepdf

from applications.accounts.models import User
from applications.commitments.models import Commitment
from applications.commitments.services import document_content
from applications.commitments.wording import text_digest
from applications.documents.models import Document
from applications.documents.models import Kind as DocumentKind
from applications.documents.numbering import make_verification_code
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.files.services import store_upload
from applications.ledger.services import Entry, record_events
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.repairs import letters
from applications.repairs.models import CaseObligation, Filing, Material, MaterialKind, RepairCase
from applications.repairs.services.drafts import case_number
from applications.repairs.services.filings import text_to_sign
from rules.materials import KINDS, Kind, required
from rules.procedure import State

# An applicant, the record, and the organ that is asked.
Wish = tuple[User, DishonestyRecord, Organ]


def paper(name: str) -> Inspected:
    """A one-page PDF, which nobody else has made and nobody has to examine."""
    document = pikepdf.Pdf.new()
    document.add_blank_page(page_size=(595, 842))
    content = io.BytesIO()
    document.save(content)
    return Inspected(f"{name}.pdf", content.getvalue(), PDF, pages=1)


def kinds_of(record: DishonestyRecord) -> list[MaterialKind]:
    asked = required(person=record.subject.is_person, severity=record.severity)
    return [MaterialKind(each.kinds[0]) for each in asked]


def write_drafts(*, wishes: Sequence[Wish], at: datetime) -> list[RepairCase]:
    """A complete draft for each wish, in their order; all attach the same file."""
    filings = Filing.objects.bulk_create(
        _filing(number, applicant, record, at)
        for number, (applicant, record, _organ) in enumerate(wishes, start=1)
    )
    cases = RepairCase.objects.bulk_create(
        _draft(number, filing, record, organ, at)
        for number, (filing, (_applicant, record, organ)) in enumerate(
            zip(filings, wishes, strict=True), start=1
        )
    )
    duties = [
        CaseObligation(case=case, obligation=duty, fulfilled_on=case.corrected_on)
        for case in cases
        for duty in case.record.obligations.all()
    ]
    CaseObligation.objects.bulk_create(duties)
    file = store_upload(upload=paper("材料"), user=wishes[0][0], at=at)
    Material.objects.bulk_create(
        Material(
            filing=case.filing,
            case=None if KINDS[Kind(kind)].about_subject else case,
            kind=kind,
            file=file,
            round=1,
            added_at=at,
        )
        for case in cases
        for kind in kinds_of(case.record)
    )
    _sign(cases, at)
    record_events(
        entries=[
            Entry(
                case.number,
                "repair.drafted",
                "applicant",
                case.filing.applicant_id,
                payload={"record": case.record.reference},
            )
            for case in cases
        ],
        at=at,
    )
    return cases


def _corrected_on(record: DishonestyRecord) -> date:
    return record.decided_on + timedelta(days=20)


def _filing(number: int, applicant: User, record: DishonestyRecord, at: datetime) -> Filing:
    filing = Filing(
        subject=record.subject,
        applicant=applicant,
        contact_name=applicant.name,
        contact_phone=applicant.phone,
        created_at=at,
    )
    if record.severity == "serious":
        filing.training_completed_on = _corrected_on(record) + timedelta(days=30)
        filing.training_certificate_number = f"演练培训{number}号"
        filing.report_issued_on = _corrected_on(record) + timedelta(days=40)
        filing.report_issuer = "credit_bureau"
        filing.report_number = f"演练报告{number}号"
    return filing


def _draft(number: int, filing: Filing, record: DishonestyRecord, organ: Organ, at: datetime) -> RepairCase:
    return RepairCase(
        number=case_number(organ.region, at.year, number),
        filing=filing,
        record=record,
        organ=organ,
        status=State.DRAFT,
        tracking_code=f"{number:06d}",
        corrected_on=_corrected_on(record),
        created_at=at,
        edited_at=at,
    )


def _sign(cases: Sequence[RepairCase], at: datetime) -> None:
    commitments, documents = [], []
    for number, case in enumerate(cases, start=1):
        paragraphs = text_to_sign(case)
        subject, applicant = case.record.subject, case.filing.applicant
        documents.append(
            Document(
                kind=DocumentKind.COMMITMENT,
                number=f"演练承诺{number}号",
                organ=case.organ,
                about=case.number,
                addressee=subject.name,
                content=letters.heading(case, at)
                | document_content(
                    paragraphs=paragraphs,
                    signatory=subject.legal_representative,
                    publication_consent=True,
                    signed_at=at,
                ),
                verification_code=make_verification_code(),
                issued_at=at,
                issued_by=applicant,
            )
        )
        commitments.append(
            Commitment(
                subject=subject,
                organ=case.organ,
                text=paragraphs,
                text_sha256=text_digest(paragraphs),
                signatory=subject.legal_representative,
                signed_by=applicant,
                signed_at=at,
                publication_consent=True,
                document=documents[-1],
            )
        )
    Document.objects.bulk_create(documents)
    lists = Commitment.records.through
    lists.objects.bulk_create(
        lists(commitment=commitment, dishonestyrecord=case.record)
        for commitment, case in zip(Commitment.objects.bulk_create(commitments), cases, strict=True)
    )
    for case, commitment in zip(cases, commitments, strict=True):
        case.filing.commitment = commitment
    Filing.objects.bulk_update([case.filing for case in cases], ["commitment"])
