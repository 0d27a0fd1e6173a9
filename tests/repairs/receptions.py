"""What an officer of the window enters, by the real services."""

from __future__ import annotations

from datetime import date

from applications.commitments.models import SigningWay
from applications.repairs import services, steps
from applications.repairs.models import MaterialKind
from applications.repairs.services.receptions import cases_of, receive_application
from tests.fixtures import moment
from tests.repairs.steps import paper

RESIDENT_ID = "11010519491231002X"


def received(record, officer, at="2026-11-23 09:00", **changed):
    given = {
        "subject": record.subject,
        "records": [record],
        "channel": "window",
        "received_on": date(2026, 11, 23),
        "came_as": "handler",
        "came_name": "陈经办",
        "identity_type": "resident_id",
        "identity_number": RESIDENT_ID,
        "identity": paper("身份证.pdf"),
    } | changed
    return receive_application(**given, actor=officer, at=moment(at))


def filled_in(reception, officer, at="2026-11-23 09:30", *, without=()):
    """The papers of general records entered, and the commitment signed by hand; the first of the cases."""
    at = moment(at)
    cases = cases_of(reception)
    case = cases[0]
    services.save_contact(case=case, name="陈经办", phone="025-12345678", actor=officer, at=at)
    for each in cases:
        services.save_fulfilment(
            case=each,
            corrected_on=date(2026, 6, 1),
            fulfilled={duty.pk: date(2026, 6, 2) for duty in each.obligations.all()},
            actor=officer,
            at=at,
        )
        if "fulfilment" not in without:
            enter(each, "fulfilment", officer, at)
    # What is about the subject serves every record.
    for kind in ("licence", "authorisation", "signed_commitment"):
        if kind not in without:
            enter(case, kind, officer, at)
    if "signed_commitment" not in without:
        services.sign_commitment(
            case=case,
            signatory="陈示例",
            publication_consent=True,
            actor=officer,
            at=at,
            how=SigningWay.PAPER,
        )
    case.refresh_from_db()
    return case


def enter(case, kind, officer, at):
    upload = paper(f"{MaterialKind(kind).label}.pdf")
    return services.add_material(case=case, kind=kind, upload=upload, actor=officer, at=at)


def filed(record, officer, at="2026-11-23 10:00", **changed):
    case = filled_in(received(record, officer, f"{at[:10]} 09:00", **changed), officer, f"{at[:10]} 09:30")
    return steps.submit_case(case=case, actor=officer, at=moment(at))
