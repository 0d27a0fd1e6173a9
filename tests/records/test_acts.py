"""What officers register on the paper of an authority or a court: one hands it in, another puts it into effect."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.records.fields import changeable
from applications.records.history import history_of
from applications.records.models import ImportBatch, SourceAct
from applications.records.services import end_publicity, source, write_record
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered
from rules.errors import InputError
from tests.fixtures import moment
from tests.opening import approve_act
from tests.pages import one_line
from tests.repairs.steps import paper, pdf, submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-24 10:00")
RESTORABLE = {"fine_amount": 2, "penalty_content": "罚款2万元"}


def propose(record, actor, kind="revoke", at=AT, **more):
    common = {
        "grounds": "行政复议决定撤销。", "document": paper("复议决定书.pdf"),
        "document_number": "宁政复〔2026〕3号", "effective_on": date(2026, 11, 23),
    }  # fmt: skip
    return source.propose_act(record=record, kind=kind, actor=actor, at=at, **common | more)


def test_nothing_happens_before_a_second_officer_agrees(general_record, wang, zhao):
    act = propose(general_record, wang)
    general_record.refresh_from_db()
    assert general_record.publicity == "published"
    # From Monday, the day of the decision: Tuesday, Wednesday, Thursday.
    clock = Deadline.objects.get(case_number=general_record.reference)
    assert clock.due_on == date(2026, 11, 26)
    with pytest.raises(PermissionDenied):
        approve_act(act=act, actor=wang, at=AT)
    approve_act(act=act, actor=zhao, at=AT)
    general_record.refresh_from_db()
    assert (general_record.source_state, general_record.publicity) == ("revoked", "withdrawn")
    delivery = Delivery.objects.get(stream=general_record.reference)
    assert (delivery.payload["event"], delivery.payload["happened_on"]) == ("revoked", "2026-11-23")
    delivery.receipt = {"received_at": "2026-11-24T11:00:00+08:00"}
    delivered.send(sender=Delivery, deliveries=[delivery], at=moment("2026-11-24 11:00"))
    clock.refresh_from_db()
    assert clock.met_on == date(2026, 11, 24)


def receipt(delivery, at):
    delivery.receipt = {"received_at": at}
    delivered.send(sender=Delivery, deliveries=[delivery], at=moment("2026-11-30 10:00"))


def running(record):
    return [each.round for each in Deadline.objects.filter(case_number=record.reference) if each.is_open]


def test_a_receipt_stops_the_clocks_of_what_was_sent_by_then(general_record, wang, zhao):
    approve_act(act=propose(general_record, wang, kind="change", values=RESTORABLE), actor=zhao, at=AT)
    later = moment("2026-11-25 10:00")
    approve_act(act=propose(general_record, wang, at=later), actor=zhao, at=later)
    first, second = Delivery.objects.filter(stream=general_record.reference).order_by("position")
    # The platform has the correction; that the penalty is revoked it does not know yet.
    receipt(first, "2026-11-25T11:00:00+08:00")
    assert running(general_record) == [2]
    receipt(second, "2026-11-25T12:00:00+08:00")
    assert running(general_record) == []


def test_a_receipt_leaves_the_clock_of_a_file_that_came_later(general_record, market_bureau, wang, zhao):
    approve_act(act=propose(general_record, wang, kind="change", values=RESTORABLE), actor=zhao, at=AT)
    later = moment("2026-11-25 10:00")
    batch = ImportBatch.objects.create(organ=market_bureau, file_name="a.csv", sha256="0", imported_at=later)
    source.revoke_by_file(record=general_record, batch=batch, at=later, actor=None)
    first, second = Delivery.objects.filter(stream=general_record.reference).order_by("position")
    receipt(first, "2026-11-25T11:00:00+08:00")
    assert running(general_record) == [2]
    receipt(second, "2026-11-25T12:00:00+08:00")
    assert running(general_record) == []


def test_the_page_says_who_has_to_do_what_by_when(client, general_record, wang, zhao):
    act = propose(general_record, wang)
    client.force_login(zhao)
    address = reverse("admin:records_sourceact_change", args=[act.pk])
    # From Monday, the day of the decision: Tuesday, Wednesday, Thursday.
    assert "2026年11月26日（周四） 24:00 前复核并由平台签收" in one_line(client.get(address))
    approve_act(act=act, actor=zhao, at=AT)
    page = one_line(client.get(address))
    assert "本门户已生效，平台最迟 2026年11月26日（周四） 24:00 前签收" in page and "前复核" not in page


def test_the_public_reads_why_without_the_number_of_a_person(client, general_record, wang, zhao):
    act = propose(general_record, wang, grounds="周某（11010519491231002X）申请行政复议，决定撤销。")
    approve_act(act=act, actor=zhao, at=AT)
    page = client.get(reverse("portal:search"), {"q": general_record.document_number}).text
    assert (
        "已被撤销、确认违法或者确认无效" in page
        and "1101**********002X" in page
        and "11010519491231002X" not in page
    )


def test_of_what_was_not_public_nothing_is_said(client, general_record, wang, zhao):
    end_publicity(at=moment("2027-05-02 00:30"))
    approve_act(act=propose(general_record, wang), actor=zhao, at=AT)
    page = client.get(reverse("portal:search"), {"q": general_record.document_number}).text
    assert "无公示信息" in page and "已被撤销" not in page


def test_an_open_case_is_closed_by_it(general_record, market_bureau, alice, wang, zhao):
    case = submitted(general_record, market_bureau, alice)
    approve_act(act=propose(general_record, wang), actor=zhao, at=AT)
    assert RepairCase.objects.get(pk=case.pk).status == "closed"


def test_a_penalty_that_is_changed(general_record, wang, zhao):
    act = propose(
        general_record,
        wang,
        kind="change",
        grounds="法院判决变更罚款。",
        values={"severity": "serious", **RESTORABLE},
    )
    approve_act(act=act, actor=zhao, at=AT)
    general_record.refresh_from_db()
    assert (general_record.severity, general_record.fine_amount) == ("serious", 2)
    # A serious record is public for three years from 1 May 2026.
    assert general_record.publicity_until == date(2029, 5, 1)
    newest = next(entry for entry in history_of(general_record) if entry.change)
    assert newest.label == "更正失信行为信息" and newest.change.document.name == "复议决定书.pdf"
    assert Delivery.objects.get(stream=general_record.reference).payload["event"] == "corrected"


def test_restoring_is_a_new_entry(general_record, wang, zhao):
    approve_act(act=propose(general_record, wang, kind="change", values=RESTORABLE), actor=zhao, at=AT)
    write_record(record=general_record, values={"remarks": "x"}, verb="record.updated", at=AT, actor=wang)
    first = general_record.changes.first()
    act = source.restore(change=first, grounds="登记有误。", actor=wang, at=AT)
    approve_act(act=act, actor=zhao, at=AT)
    general_record.refresh_from_db()
    assert (str(general_record.fine_amount), general_record.penalty_content, general_record.remarks) == (
        "0.500000", "罚款5000元", "",
    )  # fmt: skip
    assert general_record.changes.count() == 3
    assert history_of(general_record)[0].label == "恢复失信行为信息原来的内容"


def test_turned_down_nothing_has_to_be_withdrawn(general_record, wang, zhao):
    act = propose(general_record, wang)
    with pytest.raises(InputError):
        source.reject_act(act=act, reason=" ", actor=zhao, at=AT)
    source.reject_act(act=act, reason="文书不是原件。", actor=zhao, at=AT)
    general_record.refresh_from_db()
    assert general_record.publicity == "published"
    clock = Deadline.objects.get(case_number=general_record.reference)
    # Nothing was withdrawn, so it was not met.
    assert (clock.met_on, clock.cancelled_on) == (None, date(2026, 11, 24))


@pytest.mark.parametrize(
    "missing",
    [{"document": None}, {"effective_on": None}, {"effective_on": date(2026, 11, 25)}, {"grounds": " "}],
)
def test_it_needs_its_paper_its_day_and_its_reason(general_record, wang, missing):
    with pytest.raises(ValidationError):
        propose(general_record, wang, **missing)
    assert not SourceAct.objects.exists()


def test_one_at_a_time(general_record, wang, li):
    propose(general_record, wang)
    with pytest.raises(ValidationError, match="等待复核"):
        propose(general_record, li)


@pytest.mark.parametrize("person", ["zhao", "qian", "outsider", "alice"])
def test_others_hand_nothing_in(request, general_record, person):
    with pytest.raises(PermissionDenied):
        propose(general_record, request.getfixturevalue(person))


def test_by_the_pages(client, general_record, wang, zhao):
    client.force_login(wang)
    history = client.get(reverse("admin:records_dishonestyrecord_history", args=[general_record.pk]))
    address = reverse("admin:records_dishonestyrecord_act", args=[general_record.pk, "change"])
    assert address in history.content.decode()
    form = client.get(address).context["form"]
    posted = {name: form[name].value() or "" for name in changeable()} | {
        "obligations": "罚款:2026-06-02", "grounds": "已缴清。", "effective_on": "2026-11-20", "document": pdf(),
    }  # fmt: skip
    bad = client.post(address, {**posted, "decided_on": "昨天", "document": pdf()}).content.decode()
    assert "不是日期" in bad and not SourceAct.objects.exists()
    page = client.post(address, posted, follow=True).content.decode()
    assert "2026年6月2日履行完毕" in page and "复核通过" not in page
    act = SourceAct.objects.get()
    client.force_login(zhao)
    assert "复核通过" in client.get(reverse("admin:records_sourceact_change", args=[act.pk])).content.decode()
    assert client.get(reverse("admin:records_sourceact_document", args=[act.pk])).status_code == 200
    done = client.post(reverse("admin:records_sourceact_approve", args=[act.pk]), follow=True)
    assert "已生效，将告知共享平台" in done.content.decode()
    assert general_record.obligations.get().fulfilled_on == date(2026, 6, 2)
