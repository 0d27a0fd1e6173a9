"""Of what somebody did as a minor the public learns nothing: not by the record, the promise, or the number of either."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from applications.commitments.models import Commitment, SigningWay
from applications.commitments.services import publish_commitment
from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.documents.services import render_document
from applications.notifications.models import Message
from applications.records.services import import_records, source
from applications.records.services.notices import issue_notice
from applications.repairs import services, steps
from applications.repairs.models import MaterialKind
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import TODAY, make_user, moment
from tests.records.files import as_csv
from tests.records.files import person as person_row
from tests.repairs.steps import paper, reviewed

# Born on 31 December 2008: seventeen at the decision of May 2026, and of age on 1 January 2027.
NUMBER = "110105200812310012"
OF_AGE = moment("2027-02-01 10:00")


@pytest.fixture
def record(db, wang, market_bureau):
    row = person_row(**{"行政相对人名称": "周少安", "证件号码": NUMBER, "处罚决定日期": "2026/05/01"})
    import_records(content=as_csv(row), file_name="a.csv", organ=market_bureau, at=TODAY, actor=wang)
    return Subject.objects.get(name="周少安").records.get()


def test_a_minor_is_found_by_nothing(client, record, market_bureau):
    assert record.publicity == "withheld"
    person = record.subject
    assert person.identity_digest == identity_digest("resident_id", NUMBER)
    agent = make_user("guardian@example.com", "周父")
    Claim.objects.create(user=agent, subject=person, status="verified", made_at=TODAY)
    case = services.start_case(record=record, organ=market_bureau, applicant=agent, at=TODAY)
    done = {duty.pk: date(2026, 6, 1) for duty in case.obligations.all()}
    services.save_fulfilment(case=case, corrected_on=date(2026, 6, 1), fulfilled=done, actor=agent, at=TODAY)
    services.add_material(
        case=case, kind=MaterialKind.AUTHORISATION, upload=paper("授权委托书.pdf"), actor=agent, at=TODAY
    )
    services.sign_commitment(
        case=case, signatory="周父", publication_consent=True, actor=agent, at=TODAY, how=SigningWay.AGENT
    )
    commitment = Commitment.objects.get(subject=person)
    # Not even when the person is of age: what it names is from before.
    for at in (TODAY, OF_AGE):
        publish_commitment(commitment=commitment, at=at)
        commitment.refresh_from_db()
        assert commitment.publication_consent and commitment.published_at is None

    for asked in ("周少安", NUMBER, record.document_number, case.number):
        for address in ("/search/", "/commitments/"):
            page = client.get(address, {"q": asked, "persons": "on"}).content.decode()
            shown = page.split("<main", 1)[1].replace(f'value="{asked}"', "")
            assert "周*安" not in shown and "周少安" not in shown and NUMBER not in shown
            assert f"/commitments/{commitment.pk}/" not in shown
    assert client.get(f"/commitments/{commitment.pk}/").status_code == 404
    # Whoever holds the letter learns by its code that it is genuine, and no name.
    document = Document.objects.get(pk=commitment.document_id)
    render_document(document.pk, at=TODAY)
    told = client.get(f"/v/{document.verification_code}/").content.decode()
    assert "周少安" not in told and NUMBER not in told


@pytest.fixture
def case(record, market_bureau):
    """A draft of the guardian's that lacks nothing."""
    agent = make_user("guardian@example.com", "周父")
    Claim.objects.create(user=agent, subject=record.subject, status="verified", made_at=TODAY)
    case = services.start_case(record=record, organ=market_bureau, applicant=agent, at=TODAY)
    services.save_contact(case=case, name="周父", phone="025-12345678", actor=agent, at=TODAY)
    done = {duty.pk: date(2026, 6, 1) for duty in case.obligations.all()}
    services.save_fulfilment(case=case, corrected_on=date(2026, 6, 1), fulfilled=done, actor=agent, at=TODAY)
    for kind in (MaterialKind.IDENTITY, MaterialKind.FULFILMENT, MaterialKind.AUTHORISATION):
        services.add_material(case=case, kind=kind, upload=paper(f"{kind.label}.pdf"), actor=agent, at=TODAY)
    services.sign_commitment(
        case=case, signatory="周父", publication_consent=True, actor=agent, at=TODAY, how=SigningWay.AGENT
    )
    return case


def test_nobody_says_that_its_publicity_ended(client, case, record, wang, li, zhao):
    """It never was public."""
    notice = issue_notice(record=record, actor=wang, at=TODAY)
    assert "依法不公示" in render_html(notice) and "停止公示" not in render_html(notice)
    guardian = case.filing.applicant
    case = steps.submit_case(case=case, actor=guardian, at=TODAY)
    case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-24 09:00"))
    case = reviewed(case, li, "2026-11-24 10:00")
    case = steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    letter = render_html(Document.objects.get(number=case.decision_number))
    assert "予以标注" in letter and "撤销公示" not in letter
    client.force_login(guardian)
    notice.refresh_from_db()
    pages = [
        client.get(reverse("repairs:status", args=[case.number])).text,
        client.get(reverse("documents:english", args=[notice.pk])).text,
    ]
    assert "准予信用修复。该信息已经标注，依法不公示。" in pages[0] and "停止公示" not in pages[0]
    assert "by law it is not publicised" in pages[1] and "has ended" not in pages[1]
    told = Message.objects.filter(recipient=guardian, key__contains="repair.granted")
    assert told.count() == 2 and all(
        "依法不公示" in each.body and "停止公示" not in each.body for each in told
    )


def test_nor_that_it_ends_with_the_penalty(client, case, record, wang, market_bureau):
    guardian = case.filing.applicant
    case = steps.submit_case(case=case, actor=guardian, at=TODAY)
    source.revoke_by_file(record=record, batch=record.batch, at=moment("2026-11-24 09:00"), actor=wang)
    notice = Document.objects.get(about=case.number, kind="termination_notice")
    assert "已于2026年11月24日撤回" in render_html(notice) and "停止公示" not in render_html(notice)
    (body,) = set(
        Message.objects.filter(recipient=guardian, key__contains="repair.closed").values_list(
            "body", flat=True
        )
    )
    assert "信息已经撤回" in body and "停止公示" not in body


def test_who_signs_for_a_minor_is_not_told_of_a_publication(client, case):
    client.force_login(case.filing.applicant)
    page = client.get(reverse("repairs:commitment", args=[case.number])).text
    assert "有一条信息依法不公示的，同意了也不公开；决定时未成年或者年龄没有登记的也是" in page
