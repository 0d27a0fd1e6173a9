"""Of what somebody did as a minor the public learns nothing: not by the record, the promise, or the number of either."""

from __future__ import annotations

from datetime import date

import pytest

from applications.commitments.models import Commitment, SigningWay
from applications.commitments.services import publish_commitment
from applications.documents.models import Document
from applications.documents.services import render_document
from applications.records.services import import_records
from applications.repairs import services
from applications.repairs.models import MaterialKind
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import TODAY, make_user, moment
from tests.records.files import as_csv
from tests.records.files import person as person_row
from tests.repairs.steps import paper

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
