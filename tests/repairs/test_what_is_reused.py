"""What is offered again, and to whom: nothing that is not asked for, not one's own, or known to be false."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.repairs import services, steps
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.services.receptions import cases_of
from applications.repairs.services.reuse import offers_for
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from tests.fixtures import make_record, moment
from tests.opening import revoke_case
from tests.repairs.receptions import filled_in, received
from tests.repairs.steps import granted, paper

NOW = moment("2026-11-30 10:00")
NUMBER = "110105194912310038"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_30th():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def record_of_person(market_bureau):
    person = Subject.objects.create(
        kind="natural_person", name="周示安", identity_type="resident_id", identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
    )  # fmt: skip
    return make_record(person, market_bureau, document_number="宁市监处罚〔2026〕88号")


def kinds_offered(record) -> set[str]:
    offers = offers_for(subject=record.subject, records=[record.pk], on=date(2026, 11, 30))
    return {str(offer.kind) for offer in offers}


def test_the_handlers_card_is_not_the_persons(record_of_person, wang):
    reception = received(record_of_person, wang)
    [case] = cases_of(reception)
    asked = {asked.names: has_file for asked, has_file in steps.materials_asked(case)}
    assert asked["身份证件复印件"] is False
    with pytest.raises(NotReady, match="请上传身份证件复印件（第七条"):
        steps.submit_case(case=case, actor=wang, at=NOW)


def test_the_card_of_the_person_who_came_is_the_one_of_article_7(record_of_person, wang):
    reception = received(record_of_person, wang, came_as="person", came_name="周示安", identity_number=NUMBER)
    [case] = cases_of(reception)
    asked = {asked.names: has_file for asked, has_file in steps.materials_asked(case)}
    assert asked["身份证件复印件"] is True


def test_the_card_of_whoever_came_cannot_be_left_out(general_record, wang):
    case = filled_in(received(general_record, wang), wang)
    services.remove_material(
        case=case, material=case.materials.get(kind="handler_identity"), actor=wang, at=NOW
    )
    with pytest.raises(NotReady, match="陈经办）的身份证件扫描件"):
        steps.submit_case(case=case, actor=wang, at=NOW)


def test_of_the_window_a_draft_offers_nothing_and_a_filing_no_handlers_card(general_record, wang, alice):
    case = filled_in(received(general_record, wang), wang)
    assert kinds_offered(general_record) == set()
    case = steps.submit_case(case=case, actor=wang, at=NOW)
    steps.withdraw_case(case=case, actor=alice, at=NOW)
    assert kinds_offered(general_record) == {"licence", "fulfilment"}


def test_a_general_record_takes_over_no_training_nor_report(
    client, serious_record, general_record, market_bureau, alice
):
    case = services.start_case(record=serious_record, organ=market_bureau, applicant=alice, at=NOW)
    for kind in ("training", "credit_report", "licence"):
        services.add_material(case=case, kind=kind, upload=paper(f"{kind}.pdf"), actor=alice, at=NOW)
    services.save_training_and_report(
        case=case, training_completed_on=date(2026, 10, 1), training_certificate_number="PX-1",
        report_issued_on=date(2026, 10, 8), report_issuer="credit_bureau", report_number="B-1",
        actor=alice, at=NOW,
    )  # fmt: skip
    offers = offers_for(subject=general_record.subject, records=[general_record.pk], on=date(2026, 11, 30))
    new = services.start_case(record=general_record, organ=market_bureau, applicant=alice, at=NOW)
    # Also where a page that was open, or a hand-made one, sends their keys.
    services.reuse_materials(case=new, keys=[offer.key for offer in offers], actor=alice, at=NOW)
    new = RepairCase.objects.get(pk=new.pk)
    assert set(new.materials.values_list("kind", flat=True)) == {"licence"}
    assert new.filing.training_certificate_number == "" and new.filing.report_number == ""
    assert new.filing.training_completed_on is None and new.filing.report_issued_on is None


def test_papers_of_a_revoked_repair_are_not_ticked(
    client, general_record, acme, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    other = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕21号", decided_on=date(2026, 4, 1)
    )
    client.force_login(alice)
    page = reverse("repairs:start", args=[other.pk])
    assert " checked" in client.get(page).content.decode().partition("再用以前的材料")[2]
    proposal = steps.propose_revocation(
        case=case, evidence=paper("复函.pdf"), actor=li, at=NOW, facts="凭证系伪造。", statement="没有意见。"
    )
    revoke_case(proposal=proposal, actor=zhao, at=NOW)
    shown = client.get(page).content.decode().partition("再用以前的材料")[2]
    assert 'name="again"' in shown and " checked" not in shown
    assert "因材料虚假已被撤销" in shown
