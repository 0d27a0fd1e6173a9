"""A record in a form, as a browser sends it back: what nobody touched is no change, and what is changed by hand is held
to what a cell of a record file is held to."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.fields import for_form, read_changes
from applications.records.importing.cells import Duty
from applications.records.models import DishonestyRecord, InformationObjection, SourceAct
from applications.records.services import write_record
from applications.sharing.models import Delivery
from tests.fixtures import moment
from tests.opening import answer_objection, open_evidence
from tests.records.test_objections import LATER, file
from tests.repairs.steps import pdf

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
LONG = "经查，该单位生产的食品标签未标明生产日期。\n" * 400
PERSON = "11010519491231002X"


class Fields(HTMLParser):
    """What a browser would send of a page's texts: the ends of lines as it writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.area = ""

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "textarea":
            self.area = said["name"]
            self.sent[self.area] = ""
        elif tag == "input" and said.get("type") == "text" and said.get("name"):
            self.sent[said["name"]] = re.sub(r"[\r\n]", "", said.get("value") or "")

    def handle_data(self, data):
        if self.area:
            self.sent[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            text = re.sub("\r\n?", "\n", self.sent[self.area]).removeprefix("\n")
            self.sent[self.area], self.area = text.replace("\n", "\r\n"), ""


def sent_from(client, address: str) -> dict[str, str]:
    fields = Fields()
    fields.feed(client.get(address).content.decode())
    return fields.sent


@pytest.fixture
def record(general_record):
    changed = {"facts": LONG, "penalty_content": "罚款\n5000元", "legal_basis": "第一条\r\n第二条"}
    DishonestyRecord.objects.filter(pk=general_record.pk).update(**changed)
    general_record.refresh_from_db()
    return general_record


def test_what_a_subject_did_not_touch_is_not_objected_to(client, record, alice):
    client.force_login(alice)
    address = reverse("records:object", args=[record.pk])
    sent = sent_from(client, address) | {"grounds": "金额不对。"}
    assert "请至少更改一项内容" in client.post(address, sent).content.decode()
    client.post(address, sent | {"fine_amount": "0.3"})
    assert [item["field"] for item in InformationObjection.objects.get().items] == ["fine_amount"]


def test_what_an_officer_did_not_touch_is_not_in_the_act(client, record, wang):
    client.force_login(wang)
    address = reverse("admin:records_dishonestyrecord_act", args=[record.pk, "change"])
    sent = sent_from(client, address)
    more = {"grounds": "登记有误。", "effective_on": "2026-11-20", "fine_amount": "0.3", "document": pdf()}
    client.post(address, sent | more)
    assert list(SourceAct.objects.get().values) == ["fine_amount"]


@pytest.mark.parametrize(
    ("who", "name"), [("alice", "records:object"), ("wang", "admin:records_dishonestyrecord_act")]
)
def test_a_number_is_shown_to_nobody_and_its_mask_is_no_change(client, record, request, who, name):
    DishonestyRecord.objects.filter(pk=record.pk).update(facts=f"周某（{PERSON}）经营。")
    record.obligations.update(name=f"赔偿周某{PERSON}")
    client.force_login(request.getfixturevalue(who))
    officer = who == "wang"
    address = reverse(name, args=[record.pk, *(["change"] if officer else [])])
    assert PERSON not in client.get(address).content.decode()
    sent = sent_from(client, address) | {"grounds": "有误。", "fine_amount": "0.3"}
    client.post(address, sent | ({"effective_on": "2026-11-20", "document": pdf()} if officer else {}))
    changed = SourceAct.objects.get().values if officer else InformationObjection.objects.get().items
    assert list(changed) == ["fine_amount"] or [item["field"] for item in changed] == ["fine_amount"]


def test_a_duty_is_fulfilled_under_the_name_that_it_has(general_record):
    general_record.obligations.update(name=f"赔偿周某{PERSON}")
    words = for_form(general_record, "obligations")
    assert PERSON not in words
    fulfilled = words[: words.index(":")] + ":2026-11-20"
    values, faults = read_changes(general_record, {"obligations": fulfilled}, TODAY)
    assert faults == {}
    assert values["obligations"] == (Duty(f"赔偿周某{PERSON}", "administrative", date(2026, 11, 20)),)


@time_machine.travel(LATER, tick=False)
def test_a_long_text_is_accepted_as_it_was_wanted(client, record, alice, zhao):
    wanted = LONG + "后来补上了。"
    objection = file(record, alice, wanted={"facts": wanted})
    client.force_login(zhao)
    address = reverse("admin:records_informationobjection_change", args=[objection.pk])
    open_evidence(objection, zhao, objection.filed_at)
    client.post(address, sent_from(client, address) | {"accept_facts": "on", "reasons": "属实。"})
    record.refresh_from_db()
    assert record.facts == wanted


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"facts": " "}, "facts", "不能为空"),
        ({"valid_until": ""}, "valid_until", "不能为空"),
        ({"permit_affected": "证" * 201}, "permit_affected", "最多 200 个字"),
        ({"facts": f"周某（{PERSON}）经营。"}, "facts", "自然人的证件号码"),
        ({"decided_on": "2026-11-25"}, "decided_on", "晚于今天"),
        ({"decided_on": "1990-01-01"}, "decided_on", "1996年10月1日"),
        ({"identified_on": "2026-04-30"}, "identified_on", "不能早于处罚决定日期"),
        # The record was identified on 1 May.
        ({"decided_on": "2026-05-02"}, "decided_on", "认定日期不能早于处罚决定日期"),
        ({"valid_until": "2026-04-30"}, "valid_until", "不能早于处罚决定日期"),
        ({"obligations": "罚款:2026-11-25"}, "obligations", "晚于今天"),
    ],
)
def test_by_hand_as_in_a_file(general_record, words, field, said):
    _values, faults = read_changes(general_record, words, TODAY)
    assert list(faults) == [field] and said in faults[field]


def test_what_may_be_blank_is_blank(general_record):
    blank = dict.fromkeys(["fine_amount", "permit_affected", "domains"], "")
    assert read_changes(general_record, blank, TODAY) == (
        {"fine_amount": None, "permit_affected": "", "domains": []}, {},
    )  # fmt: skip


def test_a_faulty_answer_is_said_beside_its_field(general_record, alice, zhao):
    objection = file(general_record, alice, wanted={"facts": "没有这回事。"})
    with pytest.raises(ValidationError) as refused:
        answer_objection(
            objection=objection, accepted={"facts": f"周某 {PERSON}"}, reasons="属实。", actor=zhao, at=LATER
        )
    assert list(refused.value.message_dict) == ["value_facts"]


@pytest.mark.parametrize("accepted", [{}, {"fine_amount": "0.3"}])
def test_reasons_reach_nobody_with_a_number(general_record, alice, zhao, accepted):
    answer_objection(
        objection=file(general_record, alice),
        accepted=accepted,
        reasons=f"当事人{PERSON}陈述属实。",
        actor=zhao,
        at=LATER,
    )
    told = [
        InformationObjection.objects.get().reasons,
        *(str(each.payload) for each in Delivery.objects.all()),
        *Message.objects.values_list("body", flat=True),
        *general_record.changes.values_list("reason", flat=True),
        *(str(each.payload) for each in Event.objects.all()),
    ]
    assert "1101**********002X" in told[0] and PERSON not in "".join(told)


def test_the_history_shows_no_number_of_an_older_text(client, general_record, wang, alice):
    DishonestyRecord.objects.filter(pk=general_record.pk).update(facts=f"周某（{PERSON}）经营。")
    write_record(
        record=general_record, values={"facts": "经营。"}, verb="record.corrected",
        at=moment("2026-11-24 10:00"), actor=wang, reason=f"删去{PERSON}。",
    )  # fmt: skip
    client.force_login(alice)
    page = client.get(reverse("records:history", args=[general_record.pk])).content.decode()
    assert page.count("1101**********002X") == 2 and PERSON not in page
