"""Who signs sees the letter first at every desk: an answer to an objection to information, to 核实, and a revocation."""

import pytest
import time_machine
from django.urls import reverse

from applications.documents.models import Document
from applications.documents.previews import drafted_letters
from applications.ledger.models import READINGS, Event
from applications.notifications.models import Message
from applications.repairs.assessing import items_of
from applications.repairs.services.inquiries import answer_inquiry
from applications.sharing.models import Delivery
from tests.fixtures import moment
from tests.opening import answer_objection, open_evidence, read_evidence, revoke_case
from tests.pages import text
from tests.records.test_objections import file
from tests.repairs.steps import accepted, granted, pdf
from tests.repairs.test_inquiries import DAY, asked
from tests.repairs.test_revocations import proposed

pytestmark = pytest.mark.django_db
AT = moment("2026-11-30 10:00")


@pytest.fixture(autouse=True)
def on_the_30th():
    with time_machine.travel(AT, tick=False):
        yield


def everything():
    events = Event.objects.exclude(chain__startswith=READINGS)
    return [model.count() for model in (Document.objects, Delivery.objects, Message.objects, events)]


def is_shown(client, address, title, posted):
    """The page offers it; it shows the letter and does nothing; what is lacking is said instead."""
    before = everything()
    answer = client.post(address, posted | {"letter": ""})
    page = text(answer)
    assert answer.status_code == 200 and "还没有签发" in page and f'alt="《{title}》第1页"' in page
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert everything() == before


def test_the_answer_to_an_objection_to_information(client, general_record, alice, zhao):
    objection = file(general_record, alice)
    page = reverse("admin:records_informationobjection_change", args=[objection.pk])
    client.force_login(zhao)
    assert 'name="letter" formtarget="_blank"' in text(client.get(page))
    open_evidence(objection, zhao, AT)
    is_shown(client, page, "信息异议处理结果告知书", {"reasons": "决定书写的是5000元。"})
    assert "这个字段是必填项" in text(client.post(page, {"reasons": "", "letter": ""}))
    objection.refresh_from_db()
    assert objection.answered_at is None
    said = {"objection": objection, "accepted": {"fine_amount": "0.3"}, "reasons": "属实。", "actor": zhao}
    (draft,) = drafted_letters(objection.number, lambda: answer_objection(**said, at=AT), at=AT)
    answer_objection(**said, at=AT)
    assert Document.objects.get(kind=draft.kind).content == draft.content


def test_a_value_that_says_nothing_is_told_in_its_place(client, general_record, alice, zhao):
    objection = file(general_record, alice)
    client.force_login(zhao)
    page = reverse("admin:records_informationobjection_change", args=[objection.pk])
    posted = {"accept_fine_amount": "on", "value_fine_amount": "很多", "reasons": "属实。", "letter": ""}
    answer = text(client.post(page, posted))
    assert "现在还不能出具文书" in answer and "还没有签发" not in answer


def test_the_answer_to_the_bureau(client, general_record, credit_bureau, alice, qian, zhao):
    case = accepted(general_record, credit_bureau, alice, qian)
    inquiry = asked(case, qian)
    page = reverse("admin:repairs_inquiry_change", args=[inquiry.pk])
    client.force_login(zhao)
    assert 'name="letter" formtarget="_blank"' in text(client.get(page))
    items = items_of(case)
    posted = {f"done_{n}": "yes" for n in range(len(items))} | {
        f"on_{n}": DAY.isoformat() for n in range(len(items))
    }
    is_shown(client, page, "信用修复表", posted | {"evidence": pdf("回单.pdf")})
    assert "请选择“已经完成”或者“没有完成”" in text(client.post(page, {"letter": ""}))
    inquiry.refresh_from_db()
    assert inquiry.state == "open"
    said = {"inquiry": inquiry, "done": dict.fromkeys(items, DAY), "actor": zhao}
    (draft,) = drafted_letters(case.number, lambda: answer_inquiry(**said, at=AT), at=AT)
    answered = answer_inquiry(**said, at=AT)
    assert answered.document.content == draft.content


def test_the_revocation(client, general_record, market_bureau, alice, wang, li, zhao, outsider):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    proposal = proposed(case, li)
    page = reverse("admin:repairs_revocationproposal_change", args=[proposal.pk])
    act = reverse("admin:repairs_revocationproposal_approve", args=[proposal.pk])
    client.force_login(zhao)
    assert 'name="letter" formtarget="_blank"' in text(client.get(page))
    read_evidence(proposal, reader=zhao, at=AT)
    is_shown(client, act, "撤销信用修复决定书", {})
    case.refresh_from_db()
    assert case.status == "granted"
    for person in (li, outsider):
        client.force_login(person)
        assert client.post(act, {"letter": ""}).status_code == 404
    (draft,) = drafted_letters(case.number, lambda: revoke_case(proposal=proposal, actor=zhao, at=AT), at=AT)
    proposal.refresh_from_db()
    revoke_case(proposal=proposal, actor=zhao, at=AT)
    assert Document.objects.get(kind=draft.kind).content == draft.content
