"""What follows of the answer to 核实: the unit's form is a paper like any other, and what it says is shown where it counts."""

import re
from datetime import date

import pytest
from django.urls import reverse

from applications.accounts.reading import note_reading
from applications.documents.models import Document
from applications.documents.services import render_document, void_document
from applications.repairs import steps
from applications.repairs.assessing import items_of
from applications.repairs.evidence import papers_of
from applications.repairs.models import RepairCase
from applications.repairs.services import NotReady
from tests.fixtures import make_record, moment
from tests.pages import one_line
from tests.repairs.steps import accepted, all_confirmed, open_papers, paper
from tests.repairs.test_inquiries import answered, asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(general_record, credit_bureau, alice, qian):
    return accepted(general_record, credit_bureau, alice, qian)


def review_page(client, case):
    return one_line(client.get(reverse("admin:repairs_step", args=[case.pk, "review"])))


def asked_about(page, code):
    return page.partition(f'id="id_verdict_{code}"')[2].partition("</fieldset>")[0]


def test_the_units_form_is_opened_before_what_it_shows_is_confirmed(client, case, qian, zhao):
    open_papers(case, qian)
    inquiry = answered(asked(case, qian), zhao)
    review = {"case": case, "checklist": all_confirmed(case), "actor": qian, "at": moment("2026-11-24 10:00")}
    with pytest.raises(NotReady, match=f"还没有打开“{inquiry.document.number}”（认定单位出具的信用修复表）"):
        steps.review_case(**review)
    render_document(inquiry.document_id, at=moment("2026-11-24 09:01"))
    client.force_login(qian)
    (form,) = (each for each in papers_of(case) if each.key == str(inquiry.document_id))
    assert client.get(form.paged).status_code == 200
    steps.review_case(**review)


def test_so_is_what_the_unit_enclosed(client, case, qian, zhao):
    inquiry = answered(asked(case, qian), zhao, evidence=paper("入库单.pdf"))
    for each in papers_of(case):
        if each.name != "入库单.pdf":
            record_key(case, each.key, qian)
    review = {"case": case, "checklist": all_confirmed(case), "actor": qian, "at": moment("2026-11-24 10:00")}
    with pytest.raises(
        NotReady, match=r"^您还没有打开“入库单\.pdf”（认定单位附的证据）[^“]*“失信行为已经纠正”"
    ):
        steps.review_case(**review)
    client.force_login(qian)
    opens = reverse("admin:repairs_inquiry_evidence", args=[inquiry.pk])
    assert client.get(opens, {"page": "1"}).status_code == 200
    steps.review_case(**review)


def record_key(case, key, reader):
    payload = {"file": key}
    note_reading(
        reader=reader,
        verb="repair.material_read",
        at=moment("2026-11-24 09:30"),
        about=case.number,
        payload=payload,
    )


def test_the_form_that_was_replaced_or_made_void_is_no_paper(case, qian, zhao):
    first = answered(asked(case, qian), zhao)
    second = answered(asked(case, qian, at="2026-11-24 10:00"), zhao, at="2026-11-24 11:00")
    keys = {paper.key for paper in papers_of(case)}
    assert str(second.document_id) in keys and str(first.document_id) not in keys
    void_document(document=second.document, reason="有误", actor=zhao, at=moment("2026-11-24 12:00"))
    assert str(second.document_id) not in {paper.key for paper in papers_of(case)}
    case.materials.filter(kind="fulfilment").delete()
    assert not all(has for _asked, has in steps.materials_asked(case))


def test_what_the_unit_denies_or_dates_otherwise_stands_beside_the_condition(client, case, qian, zhao):
    correction, duty = items_of(case)
    inquiry = answered(asked(case, qian), zhao, note="尚欠2000元。", **{duty: True})
    client.force_login(qian)
    page = review_page(client, case)
    said = f"南京市市场监督管理局在《信用修复表》（{inquiry.document.number}）中答复“{duty}”没有完成。"
    assert said in asked_about(page, "obligations_fulfilled") and said not in asked_about(page, "corrected")
    # The applicant states the first of June.
    dated = f"南京市市场监督管理局答复“{correction}”于2026年6月2日完成，申请人填写的是2026年6月1日。"
    assert dated in asked_about(page, "corrected")


def test_a_form_says_nothing_of_a_duty_that_was_added_since(client, case, general_record, qian, zhao):
    answered(asked(case, qian), zhao)
    case.materials.filter(kind="fulfilment").delete()
    client.force_login(qian)
    assert "可以代替其他履行证明" in review_page(client, case)
    general_record.obligations.create(name="拆除违法设施")
    assert not all(has for _asked, has in steps.materials_asked(RepairCase.objects.get(pk=case.pk)))
    page = review_page(client, case)
    assert "可以代替其他履行证明" not in page
    assert "没有答复“拆除违法设施”" in asked_about(page, "obligations_fulfilled")


def test_of_a_record_that_lists_no_duty_the_unit_is_asked_about_all(
    acme, market_bureau, credit_bureau, alice, qian, zhao
):
    record = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕78号", obligations=())
    case = accepted(record, credit_bureau, alice, qian)
    answered(asked(case, qian), zhao)
    assert [item["name"] for item in Document.objects.get(kind="repair_form").content["items"]] == [
        "失信行为已经纠正",
        "行政处理决定和司法裁判明确的法定责任和义务已经履行完毕",
    ]


def test_what_the_unit_registered_is_not_said_to_be_the_applicants_word(client, case, qian, zhao):
    duty = case.record.obligations.get()
    duty.fulfilled_on = date(2026, 6, 2)
    duty.save()
    inquiry = asked(case, qian)
    client.force_login(zhao)
    page = one_line(client.get(reverse("admin:repairs_inquiry_change", args=[inquiry.pk])))
    stated = page.partition("<dt>申请人的陈述</dt>")[2].partition("</dd>")[0]
    assert "纠正日期：2026年6月1日" in stated and str(duty) not in stated
    assert f"<dt>{duty}</dt><dd>2026年6月2日（认定单位登记）</dd>" in page
    # Nor has the unit to look up again what stands in its own register; whether it is done is its officer's to say.
    assert 'name="on_1" value="2026-06-02"' in page
    assert not re.search(r'name="done_1"[^>]*checked', page)
