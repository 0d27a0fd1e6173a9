"""信息异议: a subject says what a record should say, or which one is missing; the identifying unit answers.

Days are worked out by hand: 24 November 2026 is a Tuesday, no holiday follows before the new year.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.notifications.models import Message
from applications.records import views
from applications.records.history import history_of
from applications.records.models import InformationObjection
from applications.records.services.objections import object_to_information
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from applications.subjects.models import Subject
from rules.policy import policy_for
from rules.procedure import Clock
from tests.fixtures import make_record, moment
from tests.opening import answer_objection
from tests.pages import seen
from tests.repairs.steps import paper, pdf, submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-24 10:00")
LATER = moment("2026-11-25 10:00")


def file(record, actor, **more):
    common = {
        "wanted": {"fine_amount": "0.3", "severity": "一般失信"}, "grounds": "决定书写的是3000元。",
        "evidence": [paper("决定书.pdf")],
    }  # fmt: skip
    return object_to_information(
        subject=record.subject,
        record=record,
        unit=record.identifying_unit,
        actor=actor,
        at=AT,
        **common | more,
    )


def events(record):
    deliveries = Delivery.objects.filter(stream=record.reference).order_by("position")
    return [each.payload["event"] for each in deliveries]


def test_only_what_is_said_to_be_wrong_is_in_it_and_the_clock_runs(general_record, alice, zhao):
    objection = file(general_record, alice)
    assert objection.items == [{"field": "fine_amount", "stated": "0.5", "wanted": "0.3"}]
    clock = Deadline.objects.get(case_number=objection.number)
    # Wednesday 25th 1, Thursday 2, Friday 3, Monday 30th 4, Tuesday 1 December 5.
    assert (clock.kind, clock.due_on, clock.organ) == ("information", date(2026, 12, 1), objection.unit)
    assert "信息异议待处理" in Message.objects.filter(recipient=zhao, channel="inbox").latest("id").subject
    assert events(general_record) == ["objected"]


def test_it_is_marked_while_it_runs_where_the_public_looks_too(client, general_record, alice, zhao):
    address, q = reverse("portal:search"), {"q": "宁市监处罚〔2026〕15号"}
    assert "异议处理中" not in client.get(address, q).content.decode()
    objection = file(general_record, alice)
    assert "异议处理中" in client.get(address, q).content.decode()
    client.force_login(alice)
    page = client.get(reverse("records:record", args=[general_record.pk])).content.decode()
    assert "异议处理中" in page and objection.number in page
    client.logout()
    answer_objection(objection=objection, accepted={}, reasons="金额无误。", actor=zhao, at=LATER)
    assert "异议处理中" not in client.get(address, q).content.decode()


def test_what_is_accepted_is_written_through_the_one_writer(general_record, market_bureau, alice, zhao):
    case = submitted(general_record, market_bureau, alice)
    objection = answer_objection(
        objection=file(general_record, alice, wanted={"fine_amount": "0.3", "facts": "没有这回事。"}),
        accepted={"fine_amount": "0.3"}, reasons="金额有误，事实无误。", actor=zhao, at=LATER,
    )  # fmt: skip
    general_record.refresh_from_db()
    assert str(general_record.fine_amount) == "0.300000" and general_record.facts == "标签未标明生产日期。"
    assert objection.outcome == "partly"
    assert [item["accepted"] for item in objection.items if item["field"] == "facts"] == [False]
    (change,) = general_record.changes.all()
    assert change.document.name == "决定书.pdf" and objection.number in change.reason
    assert {"提出信息异议", "更正失信行为信息", "信息异议处理完毕"} <= {
        each.label for each in history_of(general_record)
    }
    assert events(general_record) == ["objected", "corrected"]
    assert Deadline.objects.get(case_number=objection.number).met_on == date(2026, 11, 25)
    # The open application hears of it as of any change.
    assert RepairCase.objects.get(pk=case.pk).version == case.version + 1
    assert "部分成立" in Message.objects.filter(recipient=alice, key__contains="answered").first().body


def test_what_is_not_accepted_stays_and_the_platform_unmarks_it(general_record, alice, zhao):
    objection = answer_objection(
        objection=file(general_record, alice), accepted={}, reasons="金额无误。", actor=zhao, at=LATER
    )
    general_record.refresh_from_db()
    assert str(general_record.fine_amount) == "0.500000"
    assert (objection.outcome, events(general_record)) == ("rejected", ["objected", "kept"])


def file_missing(acme, market_bureau, alice):
    return object_to_information(
        subject=acme, record=None, unit=market_bureau, wanted={}, grounds="宁罚〔2026〕77号没有归集。", actor=alice, at=AT
    )  # fmt: skip


def test_a_missing_record_is_answered_with_the_record_that_was_loaded(acme, market_bureau, alice, zhao):
    objection = file_missing(acme, market_bureau, alice)
    assert objection.items == []
    record = make_record(acme, market_bureau, document_number="宁罚〔2026〕77号")
    # However it is written.
    done = answer_objection(
        objection=objection, accepted={}, supplied="宁罚[2026]77号", reasons="已补报。", actor=zhao, at=LATER
    )
    assert (done.outcome, done.supplied) == ("accepted", record)
    assert (
        "宁罚〔2026〕77号" in Message.objects.filter(recipient=alice, key__contains="answered").first().body
    )
    assert [each.label for each in history_of(record)] == ["信息异议处理完毕"]


def test_a_record_of_somebody_else_supplies_nothing(acme, market_bureau, ecology_bureau, alice, zhao):
    objection = file_missing(acme, market_bureau, alice)
    other = Subject.objects.create(kind="organisation", name="南京其他有限公司", uscc="91320100MA1MHT8H5Q")
    make_record(other, market_bureau, document_number="宁罚〔2026〕77号")
    make_record(acme, ecology_bureau, document_number="宁罚〔2026〕77号")
    for number in ("宁罚〔2026〕77号", "宁罚〔2026〕78号"):
        with pytest.raises(ValidationError, match="没有这个主体、这个文号的信息"):
            answer_objection(
                objection=objection, accepted={}, supplied=number, reasons="已补报。", actor=zhao, at=LATER
            )
    done = answer_objection(objection=objection, accepted={}, reasons="没有作出决定。", actor=zhao, at=LATER)
    assert (done.outcome, done.supplied) == ("rejected", None)


@pytest.mark.parametrize("more", [{"wanted": {}}, {"wanted": {"fine_amount": "0.5"}}, {"grounds": " "}])
def test_what_says_nothing_is_not_filed(general_record, alice, more):
    with pytest.raises(ValidationError):
        file(general_record, alice, **more)
    assert not InformationObjection.objects.exists()


def test_one_at_a_time(general_record, alice, bob):
    file(general_record, alice)
    with pytest.raises(ValidationError, match="正在处理"):
        file(general_record, bob)


def test_others_neither_object_nor_answer(general_record, alice, charlie, wang, outsider, qian):
    with pytest.raises(PermissionDenied):
        file(general_record, charlie)
    objection = file(general_record, alice)
    for person in (wang, outsider, qian, alice):
        with pytest.raises(PermissionDenied):
            answer_objection(objection=objection, accepted={}, reasons="无误。", actor=person, at=LATER)


def test_it_is_answered_once(general_record, alice, zhao, second_approver):
    objection = file(general_record, alice)
    answer_objection(objection=objection, accepted={}, reasons="无误。", actor=zhao, at=LATER)
    with pytest.raises(ValidationError, match="已经处理"):
        answer_objection(objection=objection, accepted={}, reasons="无误。", actor=second_approver, at=LATER)


def test_by_the_pages(client, general_record, alice, charlie, zhao):
    client.force_login(alice)
    address = reverse("records:object", args=[general_record.pk])
    form = client.get(address).context["form"]
    posted = {name: form[name].value() or "" for name in form.fields if name != "evidence"}
    nothing = client.post(address, posted | {"grounds": "不对"}).content.decode()
    assert "请至少更改一项内容" in nothing
    posted |= {"grounds": "决定书写的是3000元。", "fine_amount": "0.3", "evidence": pdf()}
    page = client.post(address, posted, follow=True).content.decode()
    objection = InformationObjection.objects.get()
    assert objection.number in page
    client.force_login(charlie)
    assert client.get(reverse("records:objection", args=[objection.pk])).status_code == 404
    client.force_login(zhao)
    desk = reverse("admin:records_informationobjection_change", args=[objection.pk])
    opens = reverse("admin:records_informationobjection_evidence", args=[objection.pk, objection.evidence_id])
    assert client.get(opens).status_code == 200
    answer = {"accept_fine_amount": "on", "value_fine_amount": "三千元", "reasons": "属实。"}
    assert "金额的单位是万元" in client.post(desk, answer).content.decode()
    done = client.post(desk, answer | {"value_fine_amount": "0.3"}, follow=True).content.decode()
    assert "异议成立，已更正" in done and "已处理，已通知异议人，将告知共享平台。" in done
    client.force_login(alice)
    assert (
        "异议成立，已更正" in client.get(reverse("records:objection", args=[objection.pk])).content.decode()
    )


def test_a_missing_record_by_the_page(client, acme, market_bureau, alice, zhao):
    client.force_login(alice)
    posted = {"subject": acme.pk, "unit": market_bureau.pk, "grounds": "宁罚〔2026〕77号"}
    page = client.post(reverse("records:missing"), posted, follow=True).content.decode()
    assert "缺少的信息" in page
    record = make_record(acme, market_bureau, document_number="宁罚〔2026〕77号")
    client.force_login(zhao)
    objection = InformationObjection.objects.get()
    desk = reverse("admin:records_informationobjection_change", args=[objection.pk])
    wrong = client.post(desk, {"supplied": "宁罚〔2026〕7号", "reasons": "已补报。"}).content.decode()
    assert "没有这个主体、这个文号的信息" in wrong
    done = client.post(desk, {"supplied": record.document_number, "reasons": "已补报。"}, follow=True)
    # No record was objected to of which the platform could be told.
    assert "已处理，已通知异议人。" in seen(done) and "补录的信息：宁罚〔2026〕77号" in seen(done)
    client.force_login(alice)
    page = client.get(reverse("records:objection", args=[objection.pk]))
    assert "异议成立，已更正或者补录" in seen(page) and "补录的信息：宁罚〔2026〕77号" in seen(page)
    assert f'href="{reverse("records:record", args=[record.pk])}"' in page.content.decode()


@pytest.mark.parametrize(("working_days", "said"), [(7, "自收到之日起7个工作日内处理"), (None, "")])
def test_the_page_names_the_days_of_the_rules(client, general_record, alice, monkeypatch, working_days, said):
    policy = policy_for(AT.date())
    clock = replace(policy.clocks[Clock.INFORMATION], working_days=working_days)
    policy = replace(policy, clocks={**policy.clocks, Clock.INFORMATION: clock})
    monkeypatch.setattr(views, "policy_in_force", lambda *, on, unit: policy)
    client.force_login(alice)
    for address in (reverse("records:object", args=[general_record.pk]), reverse("records:missing")):
        page = client.get(address).content.decode()
        assert said in page and ("个工作日内处理" in page) == bool(said)
