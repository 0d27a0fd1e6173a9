"""A case brought to a state by the real services, as its people would."""

from __future__ import annotations

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.repairs import services, steps
from applications.repairs.models import MaterialKind, RepairCase
from tests.fixtures import moment
from tests.papers import pdf_bytes


def pdf(name: str = "证明.pdf") -> SimpleUploadedFile:
    """A real one-page PDF; each has its own bytes."""
    return SimpleUploadedFile(name, pdf_bytes(name), "application/pdf")


def paper(name: str) -> Inspected:
    """The same, past its examination, which tests/files is about."""
    return Inspected(name, pdf(name).read(), PDF, pages=1)


def unsigned(record, organ, applicant, at="2026-11-20 09:00"):
    """A draft that lacks the commitment alone."""
    at = moment(at)
    case = services.start_case(record=record, organ=organ, applicant=applicant, at=at)
    services.save_contact(case=case, name="陈经办", phone="025-12345678", actor=applicant, at=at)
    services.save_fulfilment(
        case=case,
        corrected_on=date(2026, 6, 1),
        fulfilled={duty.pk: date(2026, 6, 2) for duty in case.obligations.all()},
        actor=applicant,
        at=at,
    )
    kinds = [MaterialKind.LICENCE, MaterialKind.FULFILMENT]
    if record.severity == "serious":
        kinds += [MaterialKind.TRAINING, MaterialKind.CREDIT_REPORT]
        services.save_training_and_report(
            case=case,
            training_completed_on=date(2026, 8, 1),
            training_certificate_number="苏信培2026-0001",
            report_issued_on=date(2026, 9, 1),
            report_issuer="credit_bureau",
            report_number="20260901000000ABCDEFGH",
            actor=applicant,
            at=at,
        )
    for kind in kinds:
        services.add_material(case=case, kind=kind, upload=paper(f"{kind.label}.pdf"), actor=applicant, at=at)
    case.refresh_from_db()
    return case


def prepared(record, organ, applicant, at="2026-11-20 09:00", *, consent=True):
    """A draft that lacks nothing."""
    case = unsigned(record, organ, applicant, at)
    services.sign_commitment(
        case=case, signatory="陈示例", publication_consent=consent, actor=applicant, at=moment(at)
    )
    case.refresh_from_db()
    return case


def joined(first, record, organ, applicant, at):
    """Another record in the sitting of a draft, with all that is its own; what is signed about both is lacking."""
    case = services.start_case(record=record, organ=organ, applicant=applicant, at=at, filing=first.filing)
    services.save_fulfilment(
        case=case,
        corrected_on=date(2026, 7, 9),
        fulfilled={duty.pk: date(2026, 7, 10) for duty in case.obligations.all()},
        actor=applicant,
        at=at,
    )
    services.add_material(
        case=case, kind="fulfilment", upload=paper(f"{record}收据.pdf"), actor=applicant, at=at
    )
    return case


def submitted(record, organ, applicant, at="2026-11-20 10:00"):
    return steps.submit_case(
        case=prepared(record, organ, applicant, at=f"{at[:10]} 09:00"), actor=applicant, at=moment(at)
    )


def resubmitted(record, organ, applicant, intake):
    """Submitted for the second time, with a new proof of fulfilment."""
    case = submitted(record, organ, applicant)
    first = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=case, defects=first, actor=intake, at=moment("2026-11-23 09:00"))
    case = steps.ask_for_correction(case=case, actor=intake, at=moment("2026-11-23 10:00"))
    services.add_material(
        case=case, kind="fulfilment", upload=pdf("新凭证.pdf"), actor=applicant, at=moment("2026-11-24 09:00")
    )
    return steps.resubmit_case(case=case, actor=applicant, at=moment("2026-11-24 10:00"))


def accepted(record, organ, applicant, intake, at="2026-11-23 10:00"):
    return steps.accept_case(case=submitted(record, organ, applicant), actor=intake, at=moment(at))


def all_confirmed(case, on=date(2026, 11, 24), **rejected):
    """A checklist with every point confirmed but those given with a note; of the duties, none."""
    from applications.repairs.assessing import checklist_codes, duties_of

    checklist = {
        code: {"confirmed": code not in rejected, "note": rejected.get(code, "")}
        for code in checklist_codes(case, on)
    }
    if "obligations_fulfilled" in rejected:
        checklist["obligations_fulfilled"]["unfulfilled"] = duties_of(case)
    return checklist


def open_papers(case, officer, at="2026-11-24 09:00", *more):
    """An officer opens every paper of a case, as verdicts rest on them; ``more``: files that came with an objection."""
    case = RepairCase.objects.get(pk=case.pk)
    services.read_all(case=case, reader=officer, at=moment(at), more=more)


def reviewed(case, reviewer, at="2026-11-24 10:00", **rejected):
    open_papers(case, reviewer, at)
    steps.review_case(case=case, checklist=all_confirmed(case, **rejected), actor=reviewer, at=moment(at))
    case.refresh_from_db()
    return case


def granted(record, organ, applicant, intake, reviewer, approver, at="2026-11-25 10:00"):
    case = reviewed(accepted(record, organ, applicant, intake), reviewer)
    return steps.grant_case(case=case, actor=approver, at=moment(at))


def refused(record, organ, applicant, intake, reviewer, approver, at="2026-11-25 10:00"):
    return refused_as(submitted(record, organ, applicant), intake, reviewer, approver, at)


def refused_as(case, intake, reviewer, approver, at="2026-11-25 10:00"):
    """A submitted case, refused."""
    case = steps.accept_case(case=case, actor=intake, at=moment("2026-11-23 10:00"))
    case = reviewed(case, reviewer, obligations_fulfilled="缴款凭证金额与决定书不符。")
    return steps.refuse_case(case=case, actor=approver, at=moment(at))
