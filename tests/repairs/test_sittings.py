"""Several records in one sitting, through the pages: chosen, filled in, filed, and each on its own afterwards."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.documents.models import Document
from applications.ledger.models import Event
from applications.repairs import services, steps
from applications.repairs.models import Filing, RepairCase
from applications.repairs.services.drafts import MAX_RECORDS
from applications.repairs.services.filings import commitment_is_current
from rules.procedure import State
from tests.fixtures import make_record, moment
from tests.pages import one_line, seen, text
from tests.repairs.sitting import SITTING, choose, page, sat, shown, sign
from tests.repairs.steps import prepared

NOW = moment("2026-11-20 10:00")
FIRST, SECOND = "宁市监处罚〔2026〕15号", "宁市监处罚〔2026〕21号"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def second_record(acme, market_bureau):
    return make_record(acme, market_bureau, document_number=SECOND, decided_on=date(2026, 4, 1))


@pytest.fixture
def pair(general_record, second_record, market_bureau, credit_bureau, alice) -> list[RepairCase]:
    """Two drafts of one sitting at two bodies that lack nothing."""
    return sat(alice, [(general_record, market_bureau), (second_record, credit_bureau)])


def test_records_are_ticked_where_there_is_a_choice(client, alice, general_record, acme, market_bureau):
    client.force_login(alice)
    assert 'name="record"' not in text(client.get(reverse("records:list")))
    make_record(acme, market_bureau, document_number=SECOND, decided_on=date(2026, 4, 1))
    # Nobody may apply for this one yet.
    make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕40号", decided_on=date(2026, 11, 1))
    listed = text(client.get(reverse("records:list")))
    assert listed.count('name="record"') == 2 and "一并申请勾选的记录" in listed


def test_the_choice_says_why_a_record_cannot_be_ticked(
    client, alice, general_record, second_record, acme, market_bureau
):
    young = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕40号", decided_on=date(2026, 11, 1)
    )
    prepared(second_record, market_bureau, alice)
    client.force_login(alice)
    answer = client.get(page("together", acme.pk), {"record": [general_record.pk, young.pk, "x"]})
    words = one_line(answer)
    assert f'value="{general_record.pk}" id="id_record_{general_record.pk}" checked' in words
    assert words.count('name="records"') == 1
    assert "不能勾选：2027年2月2日起可以申请。" in words
    assert "不能勾选：该记录现为“草稿”。" in words


def test_one_filing_begins_with_a_case_at_each_organ(
    client, alice, general_record, second_record, serious_record, acme, market_bureau, credit_bureau
):
    client.force_login(alice)
    form = choose(
        (general_record, market_bureau), (second_record, credit_bureau), (serious_record, market_bureau)
    )
    answer = client.post(page("together", acme.pk), form)
    filing = Filing.objects.get()
    assert answer.url == page("filing", filing.pk)
    assert {(case.record, case.organ) for case in filing.cases.all()} == {
        (general_record, market_bureau),
        (second_record, credit_bureau),
        (serious_record, market_bureau),
    }
    # The same press again leads to the same filing.
    assert client.post(page("together", acme.pk), form).url == page("filing", filing.pk)
    assert RepairCase.objects.count() == 3
    tasks = text(client.get(page("filing", filing.pk)))
    # Once for all: contact, licence, training, report, their numbers, signature; of each: its days and its proof.
    assert tasks.count("上传证照材料复印件") == 1 and tasks.count("上传信用修复培训证书") == 1
    assert tasks.count("纠正失信行为、履行义务的日期") == 3 and tasks.count("上传履行完毕证明") == 3
    # Every page of a task leads back to the one list.
    (case, *_others) = filing.cases.all()
    assert client.get(page("tasks", case.number)).url == page("filing", filing.pk)
    assert client.get(page("check", case.number)).url == page("filing_check", filing.pk)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "请至少选择一条要申请修复的失信行为信息"),
        ({"records": "999999"}, "现在不能一并申请"),
        ({"records": "x"}, "现在不能一并申请"),
    ],
)
def test_a_choice_that_is_none(client, alice, general_record, acme, form, words):
    client.force_login(alice)
    answer = text(client.post(page("together", acme.pk), form))
    assert "<title>错误：" in answer and words in answer
    assert not RepairCase.objects.exists()


def test_an_organ_that_is_not_competent(client, alice, general_record, acme, ecology_bureau):
    client.force_login(alice)
    answer = text(client.post(page("together", acme.pk), choose((general_record, ecology_bureau))))
    assert "<title>错误：" in answer and not RepairCase.objects.exists()


def test_no_more_records_than_can_be_looked_over(pair, alice, acme, market_bureau, monkeypatch):
    assert MAX_RECORDS == 50
    monkeypatch.setattr("applications.repairs.services.drafts.MAX_RECORDS", 2)
    third = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕30号")
    with pytest.raises(services.NotReady, match="一次最多一并申请2条"):
        services.start_filing(
            choices=[(third, market_bureau)], applicant=alice, at=NOW, filing=pair[0].filing
        )
    assert not third.cases.exists()


def test_a_record_joins_later(client, pair, alice, acme, market_bureau):
    third = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕30号")
    client.force_login(alice)
    add = page("filing_add", pair[0].filing_id)
    assert client.post(add, choose((third, market_bureau))).url == page("filing", pair[0].filing_id)
    assert third.cases.get().filing == pair[0].filing
    assert not commitment_is_current(RepairCase.objects.get(pk=pair[0].pk))


def test_a_record_is_taken_out_with_all_that_was_filled_in(client, pair, alice):
    first, second = pair
    client.force_login(alice)
    answer = client.post(page("take_out", second.number), follow=True)
    assert f"已移出{SECOND}" in text(answer)
    first, second = (RepairCase.objects.get(pk=case.pk) for case in pair)
    assert first.filing != second.filing and second.status == State.DRAFT
    assert second.corrected_on == date(2026, 7, 9)
    assert {material.kind for material in second.materials} == {"licence", "fulfilment"}
    # What was signed lists both: each signs for itself, and nothing of the other is signed.
    assert second.filing.commitment is None and not commitment_is_current(first)
    sign(first, alice)
    first.refresh_from_db()
    assert [record.document_number for record in first.filing.commitment.records.all()] == [FIRST]
    steps.submit_case(case=first, actor=alice, at=NOW)
    assert services.filed_together(first, alice) == []


def test_the_last_one_is_not_taken_out(pair, alice):
    first, second = pair
    services.take_out(case=second, actor=alice, at=NOW)
    with pytest.raises(services.NotReady, match="只剩宁市监处罚〔2026〕15号一条"):
        services.take_out(case=first, actor=alice, at=NOW)


def test_what_blocks_one_is_said_of_it_and_the_rest_goes_without_it(client, pair, alice, market_bureau, acme):
    first, second = pair
    services.remove_material(case=second, material=second.own_materials.get(), actor=alice, at=SITTING)
    client.force_login(alice)
    words = one_line(client.get(page("filing_check", first.filing_id)))
    assert f"{SECOND}</a>：请上传履行完毕证明" in words and "移出这条，先提交其余的" in words
    assert "提交 2 件申请" not in words
    answer = text(client.post(page("filing_submit", first.filing_id), shown(pair), follow=True))
    assert f"{SECOND}：请上传履行完毕证明" in answer
    assert not Document.objects.filter(kind="receipt").exists()
    assert not RepairCase.objects.exclude(status=State.DRAFT).exists()


def test_all_are_filed_with_one_press_however_often_it_is_pressed(client, pair, alice):
    filing = pair[0].filing_id
    client.force_login(alice)
    assert "提交 2 件申请" in one_line(client.get(page("filing_check", filing)))
    answers = {client.post(page("filing_submit", filing), shown(pair)).url for _press in range(50)}
    assert answers == {page("filed", filing)}
    for case in pair:
        case.refresh_from_db()
        assert (case.status, case.round) == (State.SUBMITTED, 1)
        assert Event.objects.filter(chain=case.number, verb="repair.submitted").count() == 1
        assert Document.objects.filter(kind="receipt", about=case.number).count() == 1
    assert RepairCase.objects.count() == 2
    words = seen(client.get(page("filed", filing)))
    for case in pair:
        assert case.number in words and case.tracking_code in words and str(case.organ) in words
    # There is nothing left to fill in.
    for name in ("filing", "filing_add", "filing_check", "filing_submit"):
        assert client.get(page(name, filing), follow=True).redirect_chain[-1][0] == page("filed", filing)


@pytest.mark.parametrize("form", [{}, {"case": "x"}, {"case": ["XF-1:1", ":"]}])
def test_a_page_that_is_out_of_date_files_nothing(client, pair, alice, form):
    client.force_login(alice)
    answer = client.post(page("filing_submit", pair[0].filing_id), form, follow=True)
    assert "这次申请在您打开页面之后有变化，请重新核对。" in text(answer)
    assert not RepairCase.objects.exclude(status=State.DRAFT).exists()


def test_a_case_alone_is_not_filed_by_what_was_signed_about_several(client, pair, alice):
    client.force_login(alice)
    first = pair[0]
    answer = client.post(page("submit", first.number), {"version": first.version})
    assert answer.url == page("filing_check", first.filing_id)
    assert not RepairCase.objects.exclude(status=State.DRAFT).exists()


def test_none_is_filed_where_one_cannot_be(pair, alice):
    versions = {case.number: case.version for case in pair}
    RepairCase.objects.filter(pk=pair[1].pk).update(corrected_on=None)
    with pytest.raises(services.NotReady) as refused:
        steps.submit_filing(filing=pair[0].filing, versions=versions, actor=alice, at=NOW)
    assert any(SECOND in problem for problem in refused.value.problems)
    assert not Event.objects.filter(verb="repair.submitted").exists()


@pytest.mark.parametrize("name", ["filing", "filing_add", "filing_check", "filed", "filing_submit"])
def test_pages_of_a_filing_are_its_people_s_alone(client, pair, bob, charlie, wang, name):
    for person, status in (
        (bob, 302 if name in ("filed", "filing_submit") else 200),
        (charlie, 404),
        (wang, 404),
    ):
        client.force_login(person)
        assert client.get(page(name, pair[0].filing_id)).status_code == status


def test_nobody_else_files_or_takes_out(client, pair, charlie, wang):
    for person in (charlie, wang):
        client.force_login(person)
        assert client.post(page("filing_submit", pair[0].filing_id), shown(pair)).status_code == 404
        assert client.post(page("take_out", pair[1].number)).status_code == 404
    assert not RepairCase.objects.exclude(status=State.DRAFT).exists()
    assert {case.filing_id for case in RepairCase.objects.all()} == {pair[0].filing_id}


def test_each_goes_on_alone_and_says_what_was_filed_with_it(client, pair, alice, wang, qian, outsider):
    first, second = steps.submit_filing(
        filing=pair[0].filing,
        versions={case.number: case.version for case in pair},
        actor=alice,
        at=NOW,
    )
    client.force_login(alice)
    assert second.number in text(client.get(page("status", first.number)))
    assert "与它一并申请的其他各件照常办理" in text(client.get(page("withdraw", first.number)))
    client.post(page("withdraw", first.number))
    second.refresh_from_db()
    assert second.status == State.SUBMITTED and second.filing.commitment.records.count() == 2
    # The other is at another organ, whose cases these officers do not see.
    assert services.filed_together(second, wang) == [first]
    assert services.filed_together(first, wang) == []
    assert services.filed_together(first, qian) == [second]
    assert services.filed_together(first, outsider) == []


def test_what_was_filed_together_stays_so_when_one_has_a_filing_of_its_own(client, pair, alice, wang):
    cases = steps.submit_filing(
        filing=pair[0].filing,
        versions={case.number: case.version for case in pair},
        actor=alice,
        at=NOW,
    )
    sitting = cases[0].filing_id
    defect = steps.Defect("licence", "没有公章。", "请加盖公章。")
    steps.draft_correction(case=cases[0], defects=[defect], actor=wang, at=NOW)
    steps.ask_for_correction(case=cases[0], actor=wang, at=NOW)
    services.save_contact(case=cases[0], name="新经办", phone="13900000000", actor=alice, at=NOW)
    first = RepairCase.objects.get(pk=cases[0].pk)
    assert first.filing_id != sitting and first.filing.origin_id == sitting
    assert services.filed_together(first, alice) == [cases[1]]
    assert services.filed_together(cases[1], alice) == [first]
    client.force_login(alice)
    for filing in (sitting, first.filing_id):
        words = seen(client.get(page("filed", filing)))
        assert all(case.number in words for case in cases)


def test_officers_are_led_to_those_of_their_own_organ(
    client, general_record, second_record, market_bureau, alice, wang
):
    cases = sat(alice, [(general_record, market_bureau), (second_record, market_bureau)])
    first, second = steps.submit_filing(
        filing=cases[0].filing,
        versions={case.number: case.version for case in cases},
        actor=alice,
        at=NOW,
    )
    client.force_login(wang)
    link = reverse("admin:repairs_repaircase_change", args=[second.pk])
    assert f'href="{link}"' in text(client.get(reverse("admin:repairs_repaircase_change", args=[first.pk])))


def statements(work) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        work()
    return len(asked)


def test_what_it_costs_grows_with_the_number_of_records(client, alice, acme, market_bureau):
    """Each record costs the same, however many there are."""
    client.force_login(alice)
    spent = []
    # What is read once and kept is read for the first.
    for count in (3, 2, 4, 6):
        choices = [
            (
                make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{count}{n:02}号"),
                market_bureau,
            )
            for n in range(count)
        ]
        cases = sat(alice, choices)
        filing = cases[0].filing_id
        spent.append(
            (
                statements(lambda key=filing: client.get(page("filing", key))),
                statements(lambda key=filing: client.get(page("filing_check", key))),
                statements(lambda key=filing, all=cases: client.post(page("filing_submit", key), shown(all))),
                statements(lambda key=filing: client.get(page("filed", key))),
            )
        )
        assert not RepairCase.objects.filter(filing=filing, status=State.DRAFT).exists()
    for two, four, six in zip(*spent[1:], strict=True):
        assert six - four == four - two, spent
