"""A serious filing and the training that Article 5 asks for: our certificate attaches itself, and its number is looked up."""

from datetime import date

import pytest
from django.urls import reverse

from applications.documents.services import render_document
from applications.repairs.assessing import assess_case
from applications.repairs.cross_checks import remarks_on
from applications.repairs.models import Filing
from applications.repairs.services.sittings import start_filing
from applications.subjects.models import Subject
from applications.training.models import TrainingCertificate
from applications.training.services.certificates import void_certificate
from tests.fixtures import TODAY
from tests.pages import text
from tests.repairs.steps import accepted
from tests.training.test_certificates import passed

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 24)


@pytest.fixture
def certificate(acme, alice, qian):
    made = passed(qian, acme, alice)
    render_document(made.document_id, at=TODAY)
    made.refresh_from_db()
    return made


def started(record, organ, applicant):
    return start_filing(choices=[(record, organ)], applicant=applicant, at=TODAY)


def training_files(filing):
    return filing.materials.filter(kind="training")


def test_a_new_serious_filing_has_the_certificate(certificate, serious_record, market_bureau, alice):
    filing = started(serious_record, market_bureau, alice)
    filing.refresh_from_db()
    assert filing.training_certificate_number == certificate.number
    assert filing.training_completed_on == TODAY.date()
    assert training_files(filing).get().file == certificate.document.pdf


def test_a_general_filing_and_another_subject_have_not(certificate, general_record, market_bureau, alice):
    filing = started(general_record, market_bureau, alice)
    filing.refresh_from_db()
    assert filing.training_certificate_number == "" and not training_files(filing).exists()


def test_a_void_certificate_attaches_to_nothing(certificate, serious_record, market_bureau, alice, qian):
    void_certificate(certificate=certificate, reason="有误", actor=qian, at=TODAY)
    filing = started(serious_record, market_bureau, alice)
    assert not training_files(filing).exists()


def test_a_filing_from_before_gets_it_with_its_number(
    client, serious_record, market_bureau, alice, acme, qian
):
    filing = started(serious_record, market_bureau, alice)
    case = filing.cases.get()
    client.force_login(alice)
    tasks = text(client.get(reverse("repairs:tasks", args=[case.number])))
    link = f'href="{reverse("training:offered")}"'
    assert link in tasks
    made = passed(qian, acme, alice)
    render_document(made.document_id, at=TODAY)
    address = reverse("repairs:training", args=[case.number])
    page = text(client.get(address))
    # It stands in the form already.
    assert f'value="{made.number}"' in page and 'value="2026-11-23"' in page
    form = {
        "training_completed_on": "2026-11-23", "training_certificate_number": made.number,
        "report_issuer": "credit_bureau", "report_issued_on": "2026-11-20", "report_number": "B-1",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(address, form).status_code == 302
    assert training_files(filing).count() == 1
    assert link not in text(client.get(reverse("repairs:tasks", args=[case.number])))


# -- What the officer is told


@pytest.fixture
def case(serious_record, market_bureau, alice, wang):
    return accepted(serious_record, market_bureau, alice, wang)


def remarks(case, number, day="2026-11-23"):
    Filing.objects.filter(pk=case.filing_id).update(
        training_certificate_number=number, training_completed_on=date.fromisoformat(day)
    )
    case.filing.refresh_from_db()
    found = remarks_on(case, assess_case(case, ON))["training_completed"]
    return [(remark.words, remark.warns) for remark in found]


def test_a_certificate_of_ours_is_known(case, certificate):
    [(words, warns)] = remarks(case, f" {certificate.number.replace('〔', '[').replace('〕', ']')} ")
    assert (
        words == "本系统登记：陈示例代表该信用主体于2026年11月23日完成培训，南京市公共信用信息中心出具证书。"
    )
    assert not warns


def test_who_took_part_is_compared_with_the_legal_representative(case, certificate):
    TrainingCertificate.objects.update(person_name="鲍经办")
    (_known, warns), (words, warned) = remarks(case, certificate.number)
    assert not warns and warned and "参加人是“鲍经办”" in words and "“陈示例”" in words


def test_what_the_register_says_otherwise_is_shown(case, certificate, qian):
    [(words, warns)] = remarks(case, certificate.number, "2026-10-01")
    assert warns and "与申请人填写的完成日期不一致" in words
    [(words, warns)] = remarks(case, "没有的号")
    assert warns and words.startswith("本系统没有登记编号为“没有的号”的培训证书")
    void_certificate(certificate=certificate, reason="有误", actor=qian, at=TODAY)
    [(words, warns)] = remarks(case, certificate.number)
    assert warns and words.endswith("已作废。")
    other = Subject.objects.create(kind=Subject.Kind.ORGANISATION, name="另一公司", uscc="91320100MA1MHT8H5Q")
    TrainingCertificate.objects.update(subject=other)
    [(words, warns)] = remarks(case, certificate.number)
    assert warns and words.endswith("出具给另一信用主体。") and "另一公司" not in words
