"""The second body of Article 7, and applicants who are natural persons."""

from datetime import date

import pytest

from applications.accounts.models import Role
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.repairs import services, steps
from applications.sharing.models import Delivery
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import make_record, make_user, moment
from tests.repairs.steps import all_confirmed, open_papers, pdf, prepared

pytestmark = pytest.mark.django_db

# The standard's own example number (GB 11643).
NUMBER = "11010519491231002X"


@pytest.fixture
def person(db):
    return Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name="张小明",
        identity_type="resident_id",
        identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
    )


@pytest.fixture
def zhang(person):
    user = make_user("zhang@example.com", "张小明")
    Claim.objects.create(
        user=user, subject=person, status=Claim.Status.VERIFIED, made_at=moment("2026-01-05 09:00")
    )
    return user


def test_the_credit_bureau_handles_a_case_from_start_to_sharing(general_record, credit_bureau, alice, qian):
    approver = make_user("feng@example.com", "冯审批", credit_bureau, Role.APPROVER)
    case = prepared(general_record, credit_bureau, alice)
    steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
    steps.accept_case(case=case, actor=qian, at=moment("2026-11-23 10:00"))
    open_papers(case, qian)
    steps.review_case(case=case, checklist=all_confirmed(case), actor=qian, at=moment("2026-11-24 10:00"))
    case = steps.grant_case(case=case, actor=approver, at=moment("2026-11-25 10:00"))
    general_record.refresh_from_db()
    assert general_record.annotation.deciding_organ == credit_bureau
    payload = Delivery.objects.get(stream=case.number).payload
    assert payload["deciding_organ"]["kind"] == "credit_bureau"
    assert payload["record"]["identifying_unit"]["name"] == "南京市市场监督管理局"
    assert {clock.organ for clock in Deadline.objects.filter(case_number=case.number)} == {credit_bureau}


def test_the_identifying_unit_does_not_see_the_bureau_s_case(
    client, general_record, credit_bureau, alice, wang
):
    case = prepared(general_record, credit_bureau, alice)
    steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
    with pytest.raises(services.NotAllowed):
        steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    client.force_login(wang)
    assert client.get(f"/admin/repairs/repaircase/{case.pk}/change/").status_code == 404


def test_a_person_files_with_an_identity_card_and_is_masked_in_public(
    client, person, zhang, market_bureau, wang, li, zhao
):
    record = make_record(person, market_bureau, document_number="宁市监处罚〔2026〕88号")
    at = moment("2026-11-20 09:00")
    case = services.start_case(record=record, organ=market_bureau, applicant=zhang, at=at)
    services.save_contact(case=case, name="张小明", phone="13900000000", actor=zhang, at=at)
    services.save_fulfilment(
        case=case,
        corrected_on=date(2026, 6, 1),
        fulfilled={duty.pk: date(2026, 6, 1) for duty in case.obligations.all()},
        actor=zhang,
        at=at,
    )
    services.add_material(case=case, kind="fulfilment", upload=pdf("凭证.pdf"), actor=zhang, at=at)
    services.sign_commitment(case=case, signatory="张小明", publication_consent=True, actor=zhang, at=at)
    with pytest.raises(services.NotReady, match="身份证件复印件"):
        steps.submit_case(case=case, actor=zhang, at=at)
    services.add_material(case=case, kind="identity", upload=pdf("身份证.pdf"), actor=zhang, at=at)
    steps.submit_case(case=case, actor=zhang, at=moment("2026-11-20 10:00"))
    steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    open_papers(case, li)
    steps.review_case(case=case, checklist=all_confirmed(case), actor=li, at=moment("2026-11-24 10:00"))
    case = steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    sent = Delivery.objects.get(stream=case.number).payload
    assert sent["subject"]["code"] == person.identity_digest
    for document in Document.objects.filter(about=case.number):
        assert NUMBER not in str(document.content)
    page = client.post("/search/", {"q": "张小明"}).content.decode()
    assert NUMBER not in page
    assert "宁市监处罚〔2026〕88号" not in page


def test_the_payload_of_a_real_decision_is_what_the_platform_s_interface_asks(
    general_record, market_bureau, alice, wang, li, zhao
):
    """Against the published OpenAPI file, with a validator that knows nothing of the portal."""
    import yaml
    from jsonschema import Draft202012Validator

    from tests.repairs.steps import granted
    from tests.test_architecture import ROOT

    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    interface = yaml.safe_load((ROOT / "docs/api/sharing-platform.yaml").read_text(encoding="utf-8"))
    body = interface["paths"]["/v1/repair-decisions"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    schema = {**body, "components": interface["components"]}
    payload = Delivery.objects.get(stream=case.number).payload
    assert list(Draft202012Validator(schema).iter_errors(payload)) == []
    assert list(Draft202012Validator(schema).iter_errors(payload | {"decision": "maybe"})) != []
