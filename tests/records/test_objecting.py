"""信息异议 on the pages: what a subject may write, what both sides read, where it is found again."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications.notifications.models import Message
from applications.records.access import acts_to_decide, objections_to_answer
from applications.records.models import InformationObjection
from applications.records.services.writing import write_record
from tests.fixtures import make_record, moment
from tests.opening import answer_objection
from tests.pages import seen, text
from tests.records.test_acts import propose
from tests.records.test_objections import AT, LATER, file, file_missing
from tests.repairs.steps import pdf

pytestmark = pytest.mark.django_db


def form_of(client, address):
    form = client.get(address).context["form"]
    return {name: form[name].value() or "" for name in form.fields if name != "evidence"}


def both_pages(client, objection, alice, zhao):
    for person, name in (
        (alice, "records:objection"),
        (zhao, "admin:records_informationobjection_change"),
    ):
        client.force_login(person)
        yield client.get(reverse(name, args=[objection.pk]))


def test_field_present_value_and_correction_stand_at_both_sides_and_in_the_history(
    client, general_record, alice, bob, zhao
):
    objection = file(general_record, alice, wanted={"fine_amount": "0.3", "domains": "无"})
    line = "罚款金额（万元）0.50.3"
    for page in both_pages(client, objection, alice, zhao):
        assert "提出异议时记录为" in seen(page) and "要求更正为" in seen(page)
        assert line in seen(page)
    client.force_login(alice)
    assert line in seen(client.get(reverse("records:history", args=[general_record.pk])))
    assert objection.items[0] == {"field": "fine_amount", "stated": "0.5", "wanted": "0.3"}
    for person in (bob, zhao):
        body = (
            Message.objects.filter(recipient=person, channel="inbox", about=objection.number)
            .latest("id")
            .body
        )
        assert "“罚款金额（万元）”：现为“0.5”，应更正为“0.3”。" in body


def test_what_the_record_says_meanwhile_and_what_was_written_in_answer_are_said(
    client, general_record, alice, zhao
):
    objection = file(general_record, alice)
    write_record(record=general_record, values={"fine_amount": 1}, verb="record.updated", at=AT, actor=None)
    for page in both_pages(client, objection, alice, zhao):
        assert "记录现在为：1" in seen(page)
    answer_objection(
        objection=objection, accepted={"fine_amount": "0.35"}, reasons="经核实。", actor=zhao, at=LATER
    )
    for page in both_pages(client, objection, alice, zhao):
        assert "成立，更正为：0.35" in seen(page) and "记录现在为" not in seen(page)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("fine_amount", "三千", "“三千”不是金额"),
        ("decided_on", "2099-01-01", "晚于今天"),
        ("conducts", "插队", "“插队”不是第六条所列的失信行为"),
        ("obligations", "已缴", "履行状态“已缴”无法识别"),
        ("facts", "", "必填"),
    ],
)
def test_what_could_never_be_written_is_not_filed_and_no_file_is_lost(
    client, general_record, alice, name, value, said
):
    client.force_login(alice)
    address = reverse("records:object", args=[general_record.pk])
    posted = form_of(client, address) | {"grounds": "不对。"}
    refused = client.post(address, posted | {name: value, "evidence": [pdf("甲.pdf"), pdf("乙.pdf")]})
    assert said in seen(refused) and "已上传：甲.pdf（1页）" in seen(refused)
    assert not InformationObjection.objects.exists()
    again = {"fine_amount": "0.3", "kept": refused.context["form"].kept_reference, "dropped": "1"}
    client.post(address, posted | again | {"evidence": [pdf("丙.pdf")]})
    objection = InformationObjection.objects.get()
    names = {objection.evidence.name, *objection.more_evidence.values_list("name", flat=True)}
    assert names == {"甲.pdf", "丙.pdf"}


def test_the_service_refuses_it_too(general_record, alice):
    with pytest.raises(ValidationError) as refused:
        file(general_record, alice, wanted={"fine_amount": "三千", "facts": ""})
    assert {*refused.value.message_dict} == {"fine_amount", "facts"}


def test_what_is_wrong_with_the_whole_is_said_once(client, general_record, alice):
    client.force_login(alice)
    address = reverse("records:object", args=[general_record.pk])
    page = client.post(address, form_of(client, address) | {"grounds": "不对。"})
    assert text(page).count("请至少更改一项内容") == 1


def test_up_to_five_files_each_open_at_both_sides(client, general_record, alice, charlie, zhao):
    client.force_login(alice)
    address = reverse("records:object", args=[general_record.pk])
    posted = form_of(client, address) | {"grounds": "不对。", "fine_amount": "0.3"}
    many = client.post(address, posted | {"evidence": [pdf(f"{n}.pdf") for n in range(6)]})
    assert "最多5个文件，“5.pdf”没有保留" in seen(many)
    kept = {"kept": many.context["form"].kept_reference, "dropped": ["0", "3"]}
    client.post(address, posted | kept)
    objection = InformationObjection.objects.get()
    for page in both_pages(client, objection, alice, zhao):
        for name in ("1.pdf", "2.pdf", "4.pdf"):
            assert name in seen(page)
        for name in ("0.pdf", "3.pdf", "5.pdf"):
            assert name not in seen(page)
    other = objection.more_evidence.first().pk
    for person, view, status in (
        (alice, "records:objection_evidence", 200),
        (zhao, "admin:records_informationobjection_evidence", 200),
        (charlie, "records:objection_evidence", 404),
    ):
        client.force_login(person)
        assert client.get(reverse(view, args=[objection.pk, other])).status_code == status
    client.force_login(alice)
    foreign = file_missing(general_record.subject, general_record.identifying_unit, alice)
    assert client.get(reverse("records:objection_evidence", args=[foreign.pk, other])).status_code == 404


def test_a_missing_record_keeps_its_files_too(client, acme, market_bureau, alice):
    client.force_login(alice)
    address = reverse("records:missing")
    refused = client.post(address, {"subject": acme.pk, "grounds": "缺一条", "evidence": [pdf("甲.pdf")]})
    kept = {"kept": refused.context["form"].kept_reference}
    client.post(address, {"subject": acme.pk, "unit": market_bureau.pk, "grounds": "缺一条"} | kept)
    assert InformationObjection.objects.get().evidence.name == "甲.pdf"


def test_while_one_runs_it_is_shown_instead_of_the_way_to_another(client, general_record, alice, zhao):
    client.force_login(alice)
    page, address = (
        reverse("records:record", args=[general_record.pk]),
        reverse("records:object", args=[general_record.pk]),
    )
    assert address in text(client.get(page))
    objection = file(general_record, alice)
    own = reverse("records:objection", args=[objection.pk])
    assert address not in text(client.get(page)) and own in text(client.get(page))
    for answer in (client.get(address), client.post(address, {"grounds": "不对。"})):
        assert answer.url == own
    answer_objection(objection=objection, accepted={}, reasons="无误。", actor=zhao, at=LATER)
    assert address in text(client.get(page))


def test_the_applicant_finds_all_of_them_again(
    client, general_record, acme, market_bureau, alice, bob, charlie
):
    one, missing = file(general_record, alice), file_missing(acme, market_bureau, alice)
    address = reverse("records:objections")
    for person in (alice, bob):
        client.force_login(person)
        page = client.get(address)
        for objection in (one, missing):
            assert reverse("records:objection", args=[objection.pk]) in text(page)
        assert seen(page).count("正在核实，最迟2026年12月1日（周二）答复") == 2
        for way in (reverse("records:list"), reverse("portal:desk")):
            assert f'href="{address}"' in text(client.get(way))
    client.force_login(charlie)
    assert one.number not in text(client.get(address)) and "还没有提出过信息异议" in seen(client.get(address))
    received = Message.objects.get(recipient=bob, channel="inbox", about=missing.number)
    assert received.link.endswith(f"/objected/{missing.pk}/")
    assert received.subject == f"{missing.number} {acme.name} 缺少的信息：信息异议已提出"
    assert received.body.startswith(f"{acme.name}已提出异议，{market_bureau}最迟2026年12月1日（周二）答复。")
    assert received.body.endswith(f"\n经办人：{alice}。")
    # Who filed them was told so on the page.
    assert not Message.objects.filter(recipient=alice).exists()


def test_after_the_last_day_no_answer_is_promised_any_more(client, general_record, alice, time_machine):
    objection = file(general_record, alice)
    addresses = (reverse("records:objections"), reverse("records:objection", args=[objection.pk]))
    for day, late in (("2026-12-01 23:50", False), ("2026-12-02 00:10", True)):
        time_machine.move_to(moment(day), tick=False)
        client.force_login(alice)
        for address in addresses:
            page = seen(client.get(address))
            assert ("最迟2026年12月1日（周二）答复" in page) is not late
            assert ("法定期限2026年12月1日（周二）已过" in page) is late


def test_the_first_page_of_an_officer_counts_what_waits_for_him(
    client, general_record, acme, market_bureau, alice, wang, zhao, second_approver, outsider
):
    file(general_record, alice)
    answered = file_missing(acme, market_bureau, alice)
    answer_objection(objection=answered, accepted={}, reasons="没有。", actor=zhao, at=LATER)
    act = propose(make_record(acme, market_bureau, document_number="宁罚〔2026〕8号"), wang)
    for officer in (zhao, second_approver):
        client.force_login(officer)
        page = seen(client.get(reverse("admin:index")))
        assert "1待我答复的信息异议" in page and "1待我复核的撤销、变更" in page
    lists = (
        ("admin:records_informationobjection_changelist", "mine", 1),
        ("admin:records_informationobjection_changelist", "open", 1),
        ("admin:records_informationobjection_changelist", "", 2),
        ("admin:records_sourceact_changelist", "mine", 1),
    )
    for name, queue, length in lists:
        shown = client.get(reverse(name), {"queue": queue} if queue else {})
        assert shown.context["cl"].result_count == length, (name, queue)
    for officer in (wang, outsider):
        assert not objections_to_answer(officer).exists() and not acts_to_decide(officer).exists()
    # Nobody decides what he himself proposed.
    type(act).objects.filter(pk=act.pk).update(proposed_by=zhao)
    assert not acts_to_decide(zhao).exists() and acts_to_decide(second_approver).exists()
    client.force_login(wang)
    assert "待我答复" not in seen(client.get(reverse("admin:index")))


def test_the_paper_of_an_act_is_kept_where_the_form_is_wrong(client, general_record, wang):
    client.force_login(wang)
    address = reverse("admin:records_dishonestyrecord_act", args=[general_record.pk, "revoke"])
    posted = {"grounds": "复议撤销。", "effective_on": "2026-11-20"}
    assert "请上传撤销、变更该处罚的决定或者裁判文书" in seen(client.post(address, posted))
    refused = client.post(address, posted | {"effective_on": "2099-01-01", "document": pdf("复议.pdf")})
    assert "已上传：复议.pdf（1页）" in seen(refused)
    client.post(address, posted | {"kept": refused.context["form"].kept_reference})
    assert general_record.acts.get().document.name == "复议.pdf"


def test_a_moment_of_the_import_is_not_the_end_of_publicity(client, general_record, alice):
    type(general_record).objects.filter(pk=general_record.pk).update(
        publicity="expired", publicity_until="2026-11-01", publicity_ended_at=moment("2026-11-20 08:30")
    )
    client.force_login(alice)
    page = seen(client.get(reverse("records:record", args=[general_record.pk])))
    assert "公示期满，公示至2026年11月1日" in page and "08:30" not in page
