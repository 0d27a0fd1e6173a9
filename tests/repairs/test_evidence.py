"""Evidence before verdict: a condition is confirmed by an officer who opened what shows it, and by nobody else."""

import re
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from applications.documents.services import render_document
from applications.files import bounded
from applications.files.models import StoredFile
from applications.ledger.models import Event
from applications.objections.services import keep_evidence
from applications.objections.steps import file_objection, handle_objection
from applications.repairs import services, steps
from applications.repairs.assessing import CHECKLIST
from applications.repairs.evidence import opened_by, papers_of
from applications.repairs.models import Review
from applications.repairs.services import NotReady
from rules.materials import KINDS
from tests.fixtures import TODAY, make_record, moment
from tests.pages import seen, text
from tests.repairs.steps import (
    accepted,
    all_confirmed,
    open_papers,
    pdf,
    prepared,
    refused,
    reviewed,
    submitted,
)

pytestmark = pytest.mark.django_db

AT = moment("2026-11-24 10:00")


@pytest.fixture
def case(general_record, market_bureau, alice, wang):
    return accepted(general_record, market_bureau, alice, wang)


def page_of(case, action="review"):
    return reverse("admin:repairs_step", args=[case.pk, action])


def answers(case, **changed):
    data = {"version": case.version, "opinion": ""}
    for code in all_confirmed(case):
        data |= {f"verdict_{code}": "yes", f"note_{code}": ""}
    return data | changed


def open_in_viewer(client, case, *labels):
    """Open papers as the links on the page do; all of them, if none is named."""
    for paper in papers_of(case):
        if not labels or paper.label in labels:
            assert client.get(paper.paged).status_code == 200


def test_every_kind_shows_conditions_that_there_are():
    assert {code for entry in KINDS.values() for code in entry.shows} <= CHECKLIST.keys()


def test_nothing_is_confirmed_unseen(client, case, li):
    client.force_login(li)
    answer = client.post(page_of(case), answers(case))
    assert answer.status_code == 409
    page = seen(answer)
    assert "您还没有打开“履行完毕证明.pdf”（履行完毕证明），不能把“失信行为已经纠正”、" in page
    assert "您还没有打开“证照材料复印件（加盖公章）.pdf”" in page
    case.refresh_from_db()
    assert case.status == "accepted" and not Review.objects.exists()


def test_what_each_paper_shows_can_be_confirmed_once_it_was_opened(client, case, li):
    client.force_login(li)
    render_document(case.filing.commitment.document_id, at=TODAY)
    open_in_viewer(client, case, "履行完毕证明")
    page = seen(client.post(page_of(case), answers(case)))
    assert "“失信行为已经纠正”" not in page.partition("核对")[0]
    # That none is false rests on all of them.
    assert "您还没有打开“证照材料复印件（加盖公章）.pdf”" in page and "“没有提交虚假材料等不实申请”" in page
    open_in_viewer(client, case)
    assert client.post(page_of(case), answers(case)).status_code == 302
    case.refresh_from_db()
    assert case.status == "under_review"


def test_what_is_not_confirmed_needs_no_paper(case, li):
    rejected = dict.fromkeys(all_confirmed(case).keys() - {"specific_serious", "statutory_bar"}, "没有依据。")
    steps.review_case(case=case, checklist=all_confirmed(case, **rejected), actor=li, at=AT)
    case.refresh_from_db()
    assert case.status == "under_review"


def test_a_colleague_who_opened_them_is_no_help(case, li, wang):
    open_papers(case, wang)
    with pytest.raises(NotReady, match="您还没有打开"):
        steps.review_case(case=case, checklist=all_confirmed(case), actor=li, at=AT)


def test_the_page_says_what_was_opened(client, case, li):
    client.force_login(li)
    open_in_viewer(client, case, "履行完毕证明")
    page = text(client.get(page_of(case)))
    fulfilled = page.partition('id="id_verdict_obligations_fulfilled"')[2].partition("</fieldset>")[0]
    assert "履行完毕证明.pdf" in fulfilled and "已打开</span>" in fulfilled and "未打开" not in fulfilled
    signed = page.partition('id="id_verdict_commitment_signed"')[2].partition("</fieldset>")[0]
    assert "证照材料复印件" in signed and "未打开</span>" in signed


def test_a_paper_of_the_subject_is_opened_once_for_all_cases_of_a_filing(
    acme, market_bureau, alice, li, general_record
):
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕77号")
    first = prepared(general_record, market_bureau, alice)
    second = services.start_case(
        record=other, organ=market_bureau, applicant=alice, at=AT, filing=first.filing
    )
    assert first.filing_id == second.filing_id
    (licence,) = (material for material in first.materials if material.kind == "licence")
    services.record_reading(case=first, file=licence.file, reader=li, at=AT)
    assert opened_by(li.pk, second) == {str(licence.file_id)}


@pytest.mark.parametrize("query", [{}, {"page": "1"}])
def test_a_paper_that_nobody_could_see_was_not_opened(client, case, li, query):
    (paper,) = (paper for paper in papers_of(case) if paper.label == "履行完毕证明")
    stored = StoredFile.objects.get(pk=paper.key).file
    stored.storage.delete(stored.name)
    client.force_login(li)
    assert client.get(paper.address, query).status_code == 404
    assert opened_by(li.pk, case) == frozenset()


def test_a_paper_that_cannot_be_drawn_is_opened_by_its_link(client, case, li, monkeypatch):
    def too_much(*_arguments):
        raise bounded.OverBudget

    monkeypatch.setattr(bounded, "run", too_much)
    (paper,) = (paper for paper in papers_of(case) if paper.label == "履行完毕证明")
    client.force_login(li)
    answer = client.get(paper.paged)
    assert answer.status_code == 503 and "打开原文件" in text(answer)
    assert opened_by(li.pk, case) == frozenset()
    assert client.get(paper.address, {"inline": ""}).status_code == 200
    assert opened_by(li.pk, case) == {paper.key}


def test_a_grant_needs_a_review_by_somebody_who_opened_them(client, case, li, zhao):
    # A review of before the rule.
    case = reviewed(case, li, corrected="没有整改。", obligations_fulfilled="没有缴清。")
    Review.objects.update(checklist=all_confirmed(case), proposal="grant", reviewer=zhao)
    approver = li
    approver.staff_roles.create(role="approver")
    with time_machine.travel(moment("2026-11-25 10:00"), tick=False):
        client.force_login(approver)
        page = seen(client.post(page_of(case, "grant"), {"version": case.version}))
    assert "审查人员没有打开过" in page and "“履行完毕证明.pdf”（履行完毕证明）" in page
    case.refresh_from_db()
    assert case.status == "under_review"


def test_whoever_handles_an_objection_opens_its_evidence_too(
    client, general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    at = moment("2026-11-27 10:00")
    kept = keep_evidence(case=case, upload=pdf("银行回单.pdf"), actor=alice, at=at)
    objection = file_objection(
        case=case, disputed=["obligations_fulfilled"], grounds="已缴清。", actor=alice, at=at
    )
    open_papers(case, second_approver, "2026-11-30 09:00")
    handle = {
        "objection": objection,
        "overturn": True,
        "checklist": all_confirmed(case, moment("2026-11-30 09:00").date()),
        "reasons": "经核实已缴清。",
        "actor": second_approver,
        "at": moment("2026-11-30 10:00"),
    }
    with pytest.raises(NotReady, match=r"您还没有打开“银行回单\.pdf”（异议证据）"):
        handle_objection(**handle)
    with time_machine.travel(moment("2026-11-30 09:30"), tick=False):
        client.force_login(second_approver)
        address = reverse("objections:open_evidence", args=[case.number, kept.pk])
        gone = kept.file.file.storage.path(kept.file.file.name)
        Path(gone).rename(f"{gone}.away")
        assert client.get(address).status_code == 404
        with pytest.raises(NotReady, match="您还没有打开"):
            handle_objection(**handle)
        Path(f"{gone}.away").rename(gone)
        assert client.get(address).status_code == 200
    handle_objection(**handle)
    case.refresh_from_db()
    assert case.status == "granted"


def test_the_rest_is_confirmed_where_papers_were_opened_and_nothing_is_found_against_it(client, case, li):
    client.force_login(li)
    open_in_viewer(client, case, "履行完毕证明")
    given = {"version": case.version, "verdict_corrected": "no", "note_corrected": "没有整改。", "rest": ""}
    page = text(client.post(page_of(case), given))

    def chosen(code):
        part = page.partition(f'id="id_verdict_{code}"')[2].partition("</fieldset>")[0]
        return re.findall(r'value="(yes|no)"[^>]*checked', part)

    assert "还没有提交" in page and "没有执行" not in page
    assert chosen("corrected") == ["no"] and "没有整改。</textarea>" in page
    assert chosen("obligations_fulfilled") == ["yes"] and chosen("statutory_bar") == ["yes"]
    # Their papers were not all opened.
    assert chosen("commitment_signed") == [] and chosen("false_material") == []
    case.refresh_from_db()
    assert case.status == "accepted"


def test_what_the_system_warns_of_is_answered_by_itself(
    client, serious_record, market_bureau, alice, wang, li
):
    case = accepted(serious_record, market_bureau, alice, wang)
    open_papers(case, li)
    client.force_login(li)
    page = text(client.post(page_of(case), {"version": case.version, "rest": ""}))
    part = page.partition('id="id_verdict_training_completed"')[2].partition("</fieldset>")[0]
    assert "本系统没有登记编号为“苏信培2026-0001”的培训证书" in part and "checked" not in part


def test_pages_are_turned_in_one_reading(client, general_record, market_bureau, alice, wang, outsider):
    case = submitted(general_record, market_bureau, alice)
    file = reverse("repairs:open_file", args=[case.number, case.materials.first().pk])
    client.force_login(outsider)
    assert client.get(file, {"page": "1"}).status_code == 404
    client.force_login(wang)
    for at, zoom in (("10:00", "100"), ("10:10", "200"), ("10:29", "100")):
        with time_machine.travel(moment(f"2026-11-20 {at}"), tick=False):
            assert b"data:image/jpeg" in client.get(file, {"page": "1", "zoom": zoom}).content
    assert Event.objects.filter(verb="repair.material_read").count() == 1
    # Another look is another reading, and so is the file itself.
    with time_machine.travel(moment("2026-11-20 10:31"), tick=False):
        client.get(file, {"page": "1"})
        client.get(file)
    assert Event.objects.filter(verb="repair.material_read").count() == 3
