"""The applications of a rehearsal as they stand before they are filed: complete, signed, and not yet submitted.

The law counts nothing before a submission, so the drafts are written in bulk, as their applicants would have left
them on the pages; every step from the submission on is the portal's own.
"""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import pikepdf

from applications.accounts.models import User
from applications.documents.models import Document, Kind
from applications.documents.numbering import make_verification_code
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.files.services import store_upload
from applications.ledger.services import Entry, record_events
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.repairs import letters
from applications.repairs.models import CaseObligation, Commitment, Material, MaterialKind, RepairCase
from applications.repairs.services.drafts import case_number, commitment_digest
from rules.materials import required
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
    cases = RepairCase.objects.bulk_create(
        _draft(number, *wish, at) for number, wish in enumerate(wishes, start=1)
    )
    duties = [
        CaseObligation(case=case, obligation=duty, fulfilled_on=case.corrected_on)
        for case in cases
        for duty in case.record.obligations.all()
    ]
    CaseObligation.objects.bulk_create(duties)
    file = store_upload(upload=paper("材料"), user=cases[0].applicant, at=at)
    Material.objects.bulk_create(
        Material(case=case, kind=kind, file=file, round=1, added_at=at)
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
                case.applicant_id,
                payload={"record": case.record.reference},
            )
            for case in cases
        ],
        at=at,
    )
    return cases


def _draft(number: int, applicant: User, record: DishonestyRecord, organ: Organ, at: datetime) -> RepairCase:
    corrected_on = record.decided_on + timedelta(days=20)
    case = RepairCase(
        number=case_number(organ.region, at.year, number),
        record=record,
        organ=organ,
        applicant=applicant,
        status=State.DRAFT,
        tracking_code=f"{number:06d}",
        contact_name=applicant.name,
        contact_phone=applicant.phone,
        corrected_on=corrected_on,
        created_at=at,
        edited_at=at,
    )
    if record.severity == "serious":
        case.training_completed_on = corrected_on + timedelta(days=30)
        case.training_certificate_number = f"演练培训{number}号"
        case.report_issued_on = corrected_on + timedelta(days=40)
        case.report_issuer = "credit_bureau"
        case.report_number = f"演练报告{number}号"
    return case


def _sign(cases: Sequence[RepairCase], at: datetime) -> None:
    commitments, documents = [], []
    for number, case in enumerate(cases, start=1):
        paragraphs = letters.commitment_text(case)
        signatory = case.record.subject.legal_representative
        documents.append(
            Document(
                kind=Kind.COMMITMENT,
                number=f"演练承诺{number}号",
                organ=case.organ,
                about=case.number,
                addressee=case.record.subject.name,
                content=letters.commitment(
                    case, paragraphs=paragraphs, signatory=signatory, consent=True, at=at
                ),
                verification_code=make_verification_code(),
                issued_at=at,
                issued_by=case.applicant,
            )
        )
        commitments.append(
            Commitment(
                case=case,
                text=paragraphs,
                text_sha256=commitment_digest(paragraphs),
                signatory=signatory,
                signed_by=case.applicant,
                signed_at=at,
                publication_consent=True,
                document=documents[-1],
            )
        )
    Document.objects.bulk_create(documents)
    Commitment.objects.bulk_create(commitments)
