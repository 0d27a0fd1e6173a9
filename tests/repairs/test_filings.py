"""Several records in one sitting: one set of papers about the subject, one commitment, and a case for each record."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from applications.deadlines.models import Deadline
from applications.documents.access import may_read
from applications.documents.models import Document
from applications.documents.rendering import render_pdf
from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.repairs import services, steps
from applications.repairs.assessing import assess_case
from applications.repairs.evidence import opened_by
from applications.repairs.models import RepairCase
from applications.repairs.progress import progress_of
from applications.repairs.services.filings import commitment_is_current, text_to_sign
from applications.repairs.steps import Defect
from applications.subjects.models import Claim, Subject
from rules.procedure import State
from tests.fixtures import make_record, moment
from tests.pages import seen
from tests.repairs.steps import paper, prepared, reviewed

SITTING = moment("2026-11-20 09:00")
SUBMITTED = moment("2026-11-20 10:00")
LATER = moment("2026-11-23 10:00")
FIRST, SECOND = "宁市监处罚〔2026〕15号", "宁市监处罚〔2026〕21号"


def state_of(case: RepairCase) -> tuple:
    """All that a step in another case must leave alone."""
    case.refresh_from_db()
    return (
        case.status,
        case.version,
        case.round,
        case.edited_at,
        [*Deadline.objects.filter(case_number=case.number).values_list("kind", "due_on", "met_on")],
        Event.objects.filter(chain=case.number).count(),
        [*Document.objects.filter(about=case.number).values_list("number", "status")],
        case.record.publicity,
        case.filing.contact_name,
        case.filing.commitment.document.status,
        {(material.kind, material.round) for material in case.materials},
    )


def sign(case: RepairCase, alice, *, at=SITTING, consent=True):
    return services.sign_commitment(
        case=case, signatory="陈示例", publication_consent=consent, actor=alice, at=at
    )


@pytest.fixture
def second_record(acme, market_bureau):
    return make_record(acme, market_bureau, document_number=SECOND, decided_on=date(2026, 4, 1))


@pytest.fixture
def unsigned(general_record, second_record, market_bureau, credit_bureau, alice) -> list[RepairCase]:
    """Two drafts of one sitting, at two bodies, that lack the commitment about both; the first one's stands alone."""
    first = prepared(general_record, market_bureau, alice)
    second = services.start_case(
        record=second_record, organ=credit_bureau, applicant=alice, at=SITTING, filing=first.filing
    )
    services.save_fulfilment(
        case=second,
        corrected_on=date(2026, 7, 9),
        fulfilled={duty.pk: date(2026, 7, 10) for duty in second.obligations.all()},
        actor=alice,
        at=SITTING,
    )
    services.add_material(
        case=second, kind="fulfilment", upload=paper("第二张收据.pdf"), actor=alice, at=SITTING
    )
    return [first, second]


@pytest.fixture
def pair(unsigned, alice) -> list[RepairCase]:
    """The same, signed: nothing is lacking."""
    sign(unsigned[0], alice)
    for case in unsigned:
        case.refresh_from_db()
    return unsigned


def submit(case: RepairCase, alice) -> RepairCase:
    return steps.submit_case(case=case, actor=alice, at=SUBMITTED)


def corrected(case: RepairCase, wang) -> RepairCase:
    """Asked for a new licence."""
    defect = Defect("licence", "没有公章。", "请加盖公章。")
    steps.draft_correction(case=case, defects=[defect], actor=wang, at=LATER)
    return steps.ask_for_correction(case=case, actor=wang, at=LATER)


def test_one_commitment_lists_the_records_and_its_pdf_shows_both(pair):
    first, second = pair
    commitment = first.filing.commitment
    assert second.filing.commitment == commitment
    assert {record.document_number for record in commitment.records.all()} == {FIRST, SECOND}
    pdf = PdfReader(io.BytesIO(render_pdf(commitment.document).pdf))
    words = re.sub(r"\s+", "", "".join(page.extract_text() for page in pdf.pages))
    for text in ("".join(commitment.text), words):
        assert "南京示例食品有限公司就下列2条失信行为信息申请信用修复" in text
        assert f"（1）南京市市场监督管理局于2026年5月1日作出{FIRST}决定" in text
        assert f"（2）南京市市场监督管理局于2026年4月1日作出{SECOND}决定" in text
        assert "第（1）条于2026年6月1日纠正（罚款）；第（2）条于2026年7月9日纠正（罚款）" in text
    assert words.count("决定文书号") == 2


def test_the_signature_is_noted_about_each_record_and_its_document_stands_with_each(pair):
    for case in pair:
        noted = Event.objects.filter(chain=case.number, verb="repair.commitment_signed").last()
        assert noted.payload["document"] == case.filing.commitment.document.number
        assert case.filing.commitment.document in progress_of(case, date(2026, 11, 20)).documents


@pytest.mark.parametrize("asked", [0, 1])
def test_the_commitment_is_of_each_number_at_verification(pair, client, asked):
    document = render_document(pair[0].filing.commitment.document_id, at=SUBMITTED)
    with document.pdf.file.open("rb") as held:
        upload = SimpleUploadedFile("承诺书.pdf", held.read())
    address = reverse("documents:verify")
    page = seen(client.post(address, {"code": pair[asked].number, "pdf": upload}))
    assert "文件与签发的文书完全一致。" in page and "是另一份文书" not in page
    page = client.get(address, {"code": pair[asked].number})
    assert page.status_code == 200 and "有签发记录" in seen(page)


def test_a_record_that_joins_asks_for_a_new_signature(unsigned, alice):
    first, second = unsigned
    assert not commitment_is_current(second)
    problems = steps.blocking_problems(second, assess_case(second, date(2026, 11, 20)))
    assert "您修改了申请内容，承诺书需要重新签署。" in problems
    former = first.filing.commitment.document
    sign(second, alice)
    former.refresh_from_db()
    assert former.status == Document.Status.VOID
    assert commitment_is_current(RepairCase.objects.get(pk=first.pk))
    assert commitment_is_current(RepairCase.objects.get(pk=second.pk))


def test_nothing_is_signed_about_a_record_without_its_day(
    general_record, second_record, market_bureau, alice
):
    first = prepared(general_record, market_bureau, alice)
    services.start_case(
        record=second_record, organ=market_bureau, applicant=alice, at=SITTING, filing=first.filing
    )
    with pytest.raises(services.NotReady, match=f"请先填写{SECOND}的失信行为纠正日期"):
        sign(first, alice)


def test_papers_about_the_subject_serve_both_and_those_about_a_record_one(client, pair, alice):
    first, second = pair
    kinds = [{material.kind: material for material in case.materials} for case in pair]
    assert kinds[0].keys() == kinds[1].keys() == {"licence", "fulfilment"}
    assert kinds[0]["licence"] == kinds[1]["licence"]
    assert kinds[0]["fulfilment"] != kinds[1]["fulfilment"]
    client.force_login(alice)
    for case, material, status in (
        (first, kinds[0]["licence"], 200),
        (second, kinds[0]["licence"], 200),
        (second, kinds[1]["fulfilment"], 200),
        (first, kinds[1]["fulfilment"], 404),
    ):
        answer = client.get(reverse("repairs:open_file", args=[case.number, material.pk]))
        assert answer.status_code == status


def test_submitting_one_leaves_the_other_a_draft(pair, alice):
    first, second = pair
    before = state_of(second)
    submit(first, alice)
    assert state_of(second) == before and second.status == State.DRAFT
    submit(second, alice)
    assert {case.number for case in RepairCase.objects.filter(status=State.SUBMITTED)} == {
        first.number,
        second.number,
    }
    receipts = Document.objects.filter(kind="receipt")
    assert {receipt.about for receipt in receipts} == {first.number, second.number}
    for receipt in receipts:
        assert {row["kind"] for row in receipt.content["materials"]} == {
            "证照材料复印件（加盖公章）",
            "履行完毕证明",
        }


def test_deciding_one_leaves_the_other_as_it_is(pair, alice, wang, li, zhao, qian):
    first, second = (submit(case, alice) for case in pair)
    before = state_of(second)
    first = steps.accept_case(case=first, actor=wang, at=LATER)
    reviewed(first, li)
    granted = steps.grant_case(case=first, actor=zhao, at=moment("2026-11-25 10:00"))
    assert state_of(second) == before
    assert granted.record.publicity == "withdrawn" and second.record.publicity == "published"
    # What was promised about both is public since the first grant, and stays so since then.
    commitment = RepairCase.objects.get(pk=second.pk).filing.commitment
    assert commitment.published_at == moment("2026-11-25 10:00")
    steps.accept_case(case=second, actor=qian, at=LATER)
    assert RepairCase.objects.get(pk=first.pk).status == State.GRANTED


def test_the_officers_of_each_body_read_the_commitment_and_no_others(pair, alice, wang, qian, outsider):
    document = pair[0].filing.commitment.document
    for case in pair:
        submit(case, alice)
    assert may_read(wang, document) and may_read(qian, document) and may_read(alice, document)
    assert not may_read(outsider, document)


def test_an_answer_to_a_correction_belongs_to_its_record_whatever_it_is(pair, alice, wang):
    first, second = (submit(case, alice) for case in pair)
    first = corrected(first, wang)
    before = state_of(second)
    services.add_material(case=first, kind="licence", upload=paper("新执照.pdf"), actor=alice, at=LATER)
    assert [material.file.name for material in first.materials.filter(round=2)] == ["新执照.pdf"]
    steps.resubmit_case(case=first, actor=alice, at=LATER)
    assert state_of(second) == before


def test_what_changes_with_a_correction_changes_in_a_filing_of_its_own(pair, alice, wang):
    first, second = (submit(case, alice) for case in pair)
    first = corrected(first, wang)
    before, had = state_of(second), {material.file_id for material in first.materials}
    services.save_contact(case=first, name="新经办", phone="13900000000", actor=alice, at=LATER)
    signed_then = second.filing.commitment.document
    services.save_fulfilment(case=first, corrected_on=date(2026, 6, 15), fulfilled={}, actor=alice, at=LATER)
    sign(first, alice, at=LATER)
    first.refresh_from_db()
    assert first.filing.contact_name == "新经办" and first.filing != second.filing
    assert {material.file_id for material in first.materials} == had
    assert [record.document_number for record in first.filing.commitment.records.all()] == [FIRST]
    # The other's stands as it was signed, beside it.
    assert state_of(second) == before
    assert second.filing.commitment.document == signed_then and signed_then.status == Document.Status.VALID
    assert second.filing.commitment.records.count() == 2


def test_what_was_opened_stays_opened_when_one_leaves(pair, alice, wang, li):
    first, second = (submit(case, alice) for case in pair)
    (licence,) = (material for material in first.materials if material.kind == "licence")
    services.record_reading(case=second, file=licence.file, reader=li, at=SUBMITTED)
    first = corrected(first, wang)
    services.save_contact(case=first, name="新经办", phone="13900000000", actor=alice, at=LATER)
    for case in (first, second):
        case.refresh_from_db()
        assert opened_by(li.pk, case) == {str(licence.file_id)}
    assert first.filing != second.filing


def test_what_was_submitted_for_one_is_not_taken_back_through_the_other(pair, alice):
    first, second = pair
    submit(first, alice)
    licence = second.materials.get(kind="licence")
    with pytest.raises(services.NotReady, match="已经提交，不能删除"):
        services.remove_material(case=second, material=licence, actor=alice, at=SUBMITTED)
    # In a filing of its own it is the other's to take back, and the file stays with the first.
    services.save_contact(case=second, name="新经办", phone="13900000000", actor=alice, at=SUBMITTED)
    second.refresh_from_db()
    services.remove_material(
        case=second, material=second.materials.get(kind="licence"), actor=alice, at=SUBMITTED
    )
    assert not second.materials.filter(kind="licence").exists()
    assert first.materials.get(kind="licence").file.size > 0


def test_a_paper_that_comes_when_one_was_submitted_is_the_others(pair, alice):
    first, second = pair
    submit(first, alice)
    services.add_material(case=second, kind="licence", upload=paper("另一页.pdf"), actor=alice, at=SUBMITTED)
    assert first.materials.filter(kind="licence").count() == 1
    assert second.materials.filter(kind="licence").count() == 2


def test_a_record_that_is_given_up_is_signed_about_no_more(pair, alice):
    first, second = pair
    steps.withdraw_case(case=second, actor=alice, at=SUBMITTED)
    assert SECOND not in "".join(text_to_sign(first))
    # What was signed says that both are applied for.
    assert not commitment_is_current(first)
    sign(first, alice, at=SUBMITTED)
    assert [record.document_number for record in first.filing.commitment.records.all()] == [FIRST]
    submit(RepairCase.objects.get(pk=first.pk), alice)


def test_a_record_that_was_given_up_comes_back_to_the_sitting(pair, alice):
    first, second = pair
    steps.withdraw_case(case=first, actor=alice, at=SUBMITTED)
    again = services.start_case(
        record=first.record, organ=first.organ, applicant=alice, at=SUBMITTED, filing=second.filing
    )
    services.save_fulfilment(
        case=again, corrected_on=date(2026, 6, 3), fulfilled={}, actor=alice, at=SUBMITTED
    )
    assert not commitment_is_current(RepairCase.objects.get(pk=again.pk))
    sign(again, alice, at=SUBMITTED)
    for case in (again, second):
        case.refresh_from_db()
        assert commitment_is_current(case)
    assert again.filing.commitment.text[1].startswith("（1）") and SECOND in again.filing.commitment.text[1]


def test_a_record_joins_neither_another_subject_s_filing_nor_one_that_was_submitted(
    pair, alice, acme, market_bureau
):
    third = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕30号")
    submit(pair[0], alice)
    with pytest.raises(services.NotReady, match="这次申请已经提交"):
        services.start_case(
            record=third, organ=market_bureau, applicant=alice, at=LATER, filing=pair[0].filing
        )
    assert not third.cases.exists()


def test_a_record_of_another_subject_does_not_join(pair, alice, market_bureau):
    other = Subject.objects.create(kind="organisation", name="南京另一示例公司", uscc="91320100MA1M23451A")
    Claim.objects.create(user=alice, subject=other, status=Claim.Status.VERIFIED, made_at=SITTING)
    record = make_record(other, market_bureau, document_number="宁市监处罚〔2026〕31号")
    with pytest.raises(services.NotReady, match="不是南京示例食品有限公司的失信行为信息"):
        services.start_case(
            record=record, organ=market_bureau, applicant=alice, at=SITTING, filing=pair[0].filing
        )
    assert not record.cases.exists()
