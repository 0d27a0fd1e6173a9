"""The letter that answers an information objection: what it says, who opens it, and what if it cannot be printed."""

from __future__ import annotations

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications.accounts.models import Role
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.documents.services import render_document
from applications.notifications.models import Fault, Message
from applications.records.models import InformationObjection
from applications.records.services.objections import object_to_information
from tests.documents.test_letters import text_of
from tests.fixtures import make_record, make_user, moment
from tests.opening import answer_objection
from tests.pages import seen

pytestmark = pytest.mark.django_db

AT, LATER = moment("2026-11-24 10:00"), moment("2026-11-25 10:00")
# Of Unicode 15.1: no font of ours has it.
NO_FONT = "\U0002ebf0"


def file(record, actor, **more):
    common = {"wanted": {"fine_amount": "0.3", "facts": "没有这回事。"}, "grounds": "决定书写的是3000元。"}
    return object_to_information(
        subject=record.subject, record=record, unit=record.identifying_unit, actor=actor, at=AT, **common | more
    )  # fmt: skip


def answer(objection, actor, accepted=None, reasons="金额有误，事实无误。", **more):
    return answer_objection(
        objection=objection, accepted=accepted or {}, reasons=reasons, actor=actor, at=LATER, **more
    )


def test_each_item_with_what_came_of_it(general_record, market_bureau, alice, zhao):
    market_bureau.remedies = "不服本答复的，可以自知道之日起60日内申请行政复议。"
    market_bureau.save()
    # The officer corrects to what is right, which is neither.
    done = answer(file(general_record, alice), zhao, {"fine_amount": "0.35"})
    letter = Document.objects.get(about=done.number)
    assert letter.number == "宁市监信修异信〔2026〕1号" and letter.addressee == general_record.subject.name
    assert letter.content["items"] == [
        {"label": "罚款金额（万元）", "stated": "0.5", "wanted": "0.3", "accepted": True, "corrected": "0.35"},
        {"label": "违法事实", "stated": "标签未标明生产日期。", "wanted": "没有这回事。", "accepted": False,
         "corrected": ""},
    ]  # fmt: skip
    text = text_of(render_document(letter.pk, at=LATER).pdf.file.read())
    assert "信息异议处理结果告知书" in text and "更正为：0.35" in text and "2026年11月25日" in text
    assert market_bureau.remedies in text and "金额有误，事实无误。" in text


def test_of_what_is_wholly_accepted_no_remedy_is_told(general_record, market_bureau, alice, zhao):
    market_bureau.remedies = "可以申请行政复议。"
    market_bureau.save()
    accepted = {"fine_amount": "0.3", "facts": "没有这回事。"}
    done = answer(file(general_record, alice), zhao, accepted)
    assert Document.objects.get(about=done.number).content["remedies"] == ""


def test_a_unit_that_words_nothing_tells_of_what_the_law_gives(general_record, market_bureau, alice, zhao):
    market_bureau.remedies = ""
    market_bureau.save()
    done = answer(file(general_record, alice), zhao)
    text = text_of(render_document(Document.objects.get(about=done.number).pk, at=LATER).pdf.file.read())
    assert "60日内依法申请行政复议" in text and "6个月内依法向人民法院提起行政诉讼" in text


def test_about_a_missing_record(acme, market_bureau, alice, zhao):
    objection = object_to_information(
        subject=acme, record=None, unit=market_bureau, wanted={}, grounds="宁罚〔2026〕77号", actor=alice, at=AT
    )  # fmt: skip
    record = make_record(acme, market_bureau, document_number="宁罚〔2026〕77号")
    answer(objection, zhao, reasons="已补报。", supplied=record.document_number)
    content = Document.objects.get(about=objection.number).content
    assert (content["record"], content["items"], content["outcome"]) == (None, [], "accepted")
    assert content["supplied"] == "宁罚〔2026〕77号"


def test_no_number_of_a_person_is_in_it(general_record, alice, zhao):
    general_record.facts = "当事人证件号码11010519491231002X。"
    general_record.save()
    done = answer(file(general_record, alice), zhao)
    assert "11010519491231002X" not in str(Document.objects.get(about=done.number).content)
    assert "11010519491231002X" not in str(InformationObjection.objects.get().items)


def test_its_subject_and_the_organ_open_it_and_nobody_else(
    client, general_record, alice, charlie, wang, zhao, outsider
):
    done = answer(file(general_record, alice), zhao)
    letter = Document.objects.get(about=done.number)
    render_document(letter.pk, at=LATER)
    address = reverse("documents:download", args=[letter.pk])
    for person, status in ((alice, 200), (wang, 200), (charlie, 404), (outsider, 404)):
        client.force_login(person)
        assert client.get(address).status_code == status, person


def test_message_and_pages_lead_to_it_and_its_code_verifies_it(client, general_record, alice, zhao):
    done = answer(file(general_record, alice), zhao)
    letter = Document.objects.get(about=done.number)
    told = Message.objects.get(recipient=alice, channel="inbox", key__contains="answered")
    assert f"《信息异议处理结果告知书》{letter.number}" in told.body
    address = reverse("documents:download", args=[letter.pk])
    client.force_login(alice)
    assert address in client.get(told.link, follow=True).text
    client.force_login(zhao)
    desk = reverse("admin:records_informationobjection_change", args=[done.pk])
    assert address in client.get(desk).text
    client.logout()
    page = seen(client.get(reverse("documents:verified", args=[letter.verification_code])))
    assert "这份文书真实有效" in page and "信息异议处理结果告知书" in page
    assert general_record.subject.name in page


@time_machine.travel(LATER, tick=False)
def test_what_no_font_has_loses_no_answer(client, general_record, market_bureau, alice, zhao):
    keeper = make_user("keeper@example.cn", "管系统", market_bureau, Role.SYSTEM_ADMIN)
    objection = file(general_record, alice)
    client.force_login(zhao)
    desk = reverse("admin:records_informationobjection_change", args=[objection.pk])
    reasons = f"经办人周{NO_FONT}核实。"
    page = client.post(
        desk, {"accept_fine_amount": "on", "value_fine_amount": "0.3", "value_facts": "", "reasons": reasons}
    ).text
    # Said why, and everything that was written is there still.
    assert "U+2EBF0" in page and "没有签发" in page and reasons in page and 'value="0.3"' in page
    objection.refresh_from_db()
    general_record.refresh_from_db()
    assert objection.answered_at is None and str(general_record.fine_amount) == "0.500000"
    assert Deadline.objects.get(case_number=objection.number).is_open
    assert not Document.objects.exists()
    assert Fault.objects.get().row == f"{objection.number} information_result"
    assert "U+2EBF0" in Message.objects.get(recipient=keeper, channel="inbox").body
    done = client.post(desk, {"reasons": "经办人核实。"}, follow=True).text
    assert "已处理，已通知异议人" in done and Document.objects.get(about=objection.number)


def test_it_is_no_error_of_a_field(general_record, alice, zhao):
    with pytest.raises(ValidationError, match="U\\+2EBF0"):
        answer(file(general_record, alice), zhao, reasons=NO_FONT)
