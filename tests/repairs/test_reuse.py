"""What was handed in before is offered again, and a report of ours attaches itself."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.documents.services import render_document, void_document
from applications.repairs import services, steps
from applications.repairs.models import Filing, RepairCase
from applications.repairs.services.reuse import offers_for
from applications.reports.services import issue_report
from tests.fixtures import make_record, moment
from tests.pages import one_line, text
from tests.repairs.steps import prepared

NOW = moment("2026-11-20 10:00")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def given_up(general_record, market_bureau, alice) -> RepairCase:
    """A case that was filed and withdrawn."""
    case = prepared(general_record, market_bureau, alice)
    services.save_contact(case=case, name="新经办", phone="13900000000", actor=alice, at=NOW)
    steps.submit_case(case=case, actor=alice, at=NOW)
    return steps.withdraw_case(case=case, actor=alice, at=NOW)


def start(record) -> str:
    return reverse("repairs:start", args=[record.pk])


def keys(record) -> list[str]:
    return [
        offer.key
        for offer in offers_for(subject=record.subject, records=[record.pk], on=date(2026, 11, 20))
        if not offer.refused
    ]


def test_after_a_withdrawal_all_is_there_again_but_the_signature(
    client, given_up, general_record, market_bureau, alice
):
    client.force_login(alice)
    words = one_line(client.get(start(general_record)))
    assert "再用以前的材料" in words and "证照材料复印件（加盖公章）.pdf，2026年11月20日" in words
    assert given_up.number in words
    client.post(start(general_record), {"organ": market_bureau.pk, "again": keys(general_record)})
    case = RepairCase.objects.get(status="draft")
    assert {(paper.kind, paper.file_id) for paper in case.materials} == {
        (paper.kind, paper.file_id) for paper in given_up.materials
    }
    assert case.corrected_on == date(2026, 6, 1)
    assert case.obligations.get().fulfilled_on == date(2026, 6, 2)
    assert (case.filing.contact_name, case.filing.contact_phone) == ("新经办", "13900000000")
    assert case.filing.commitment is None


def test_another_record_gets_what_is_about_the_subject_alone(
    client, given_up, acme, market_bureau, alice, general_record
):
    other = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕21号", decided_on=date(2026, 4, 1)
    )
    client.force_login(alice)
    # The key of a proof of another record does nothing.
    client.post(
        start(other), {"organ": market_bureau.pk, "again": [*keys(other), *keys(general_record), "x"]}
    )
    case = RepairCase.objects.get(status="draft")
    assert [paper.kind for paper in case.materials] == ["licence"]
    assert case.corrected_on is None


def test_what_is_not_ticked_is_not_used_and_removing_it_here_leaves_it_there(
    client, given_up, general_record, market_bureau, alice
):
    client.force_login(alice)
    (licence,) = (key for key in keys(general_record) if key.startswith("licence"))
    client.post(start(general_record), {"organ": market_bureau.pk, "again": licence})
    case = RepairCase.objects.get(status="draft")
    paper = case.materials.get()
    services.remove_material(case=case, material=paper, actor=alice, at=NOW)
    assert given_up.materials.get(kind="licence").file == paper.file


def test_nobody_else_is_offered_it(client, given_up, general_record, charlie):
    client.force_login(charlie)
    assert client.get(start(general_record)).status_code == 404


@pytest.fixture
def report(acme, credit_bureau, qian):
    report = issue_report(
        subject=acme, variant="repair", organ=credit_bureau, purpose="申请信用修复", actor=qian,
        at=moment("2026-10-08 09:00"),
    )  # fmt: skip
    render_document(report.document_id, at=moment("2026-10-08 09:00"))
    report.document.refresh_from_db()
    return report


def test_a_report_of_ours_attaches_itself(client, report, serious_record, market_bureau, alice):
    client.force_login(alice)
    client.post(start(serious_record), {"organ": market_bureau.pk})
    case = RepairCase.objects.get()
    assert case.materials.get(kind="credit_report").file == report.document.pdf
    filing = case.filing
    assert (filing.report_number, filing.report_issued_on) == (report.number, date(2026, 10, 8))
    assert filing.report_issuer == "credit_bureau"
    # Taken back, it stays the bureau's document.
    services.remove_material(case=case, material=case.materials.get(), actor=alice, at=NOW)
    report.document.refresh_from_db()
    assert report.document.pdf is not None


def test_no_report_is_attached_to_a_general_record_nor_one_that_is_void(
    client, report, general_record, serious_record, market_bureau, alice, qian
):
    client.force_login(alice)
    client.post(start(general_record), {"organ": market_bureau.pk})
    void_document(document=report.document, reason="出具有误。", actor=qian, at=NOW)
    client.post(start(serious_record), {"organ": market_bureau.pk})
    assert RepairCase.objects.count() == 2
    for case in RepairCase.objects.all():
        assert not case.materials.exists()


def test_a_report_past_its_day_is_said_to_be_and_not_offered(
    client, report, serious_record, market_bureau, alice
):
    case = services.start_filing(
        choices=[(serious_record, market_bureau)], applicant=alice, at=NOW
    ).cases.get()
    steps.withdraw_case(case=case, actor=alice, at=NOW)
    with time_machine.travel(moment("2027-05-10 10:00"), tick=False):
        client.force_login(alice)
        words = one_line(client.get(start(serious_record)))
        assert "这份信用报告的有效期至2027年4月8日" in words and "请提交新的信用报告" in words
        (refused,) = offers_for(
            subject=serious_record.subject, records=[serious_record.pk], on=date(2027, 5, 10)
        )
        client.post(start(serious_record), {"organ": market_bureau.pk, "again": refused.key})
        latest = Filing.objects.first()
        assert latest is not None and not latest.materials.exists() and latest.report_number == ""
        assert "上传信用报告" in text(client.get(reverse("repairs:tasks", args=[latest.cases.get().number])))
