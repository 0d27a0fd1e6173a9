"""核实 (Articles 3 and 7): a bureau asks the identifying unit, which answers in its own time and name; the form that it
issues is a material of Article 7."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.accounts.models import Role
from applications.calendars.selectors import calendar
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.objections.steps import file_objection
from applications.repairs import steps
from applications.repairs.assessing import items_of
from applications.repairs.models import Inquiry
from applications.repairs.services import check_queues
from applications.repairs.services.inquiries import answer_inquiry, ask_unit
from tests.fixtures import make_user, moment
from tests.pages import one_line
from tests.repairs.steps import accepted, granted, pdf, refused, reviewed, submitted

pytestmark = pytest.mark.django_db

QUESTION = "请核实罚款是否缴清。"
DAY = date(2026, 6, 2)


@pytest.fixture
def case(general_record, credit_bureau, alice, qian):
    return accepted(general_record, credit_bureau, alice, qian)


def asked(case, actor, at="2026-11-23 11:00"):
    return ask_unit(case=case, question=QUESTION, actor=actor, at=moment(at))


def answered(inquiry, actor, at="2026-11-24 09:00", note="", evidence=None, **open_items):
    done = {name: None if name in open_items else DAY for name in items_of(inquiry.case)}
    return answer_inquiry(
        inquiry=inquiry, done=done, note=note, evidence=evidence, actor=actor, at=moment(at)
    )


def test_the_units_own_clock_runs_and_the_case_is_due_as_before(case, qian, zhao, market_bureau):
    inquiry = asked(case, qian)
    clock = Deadline.objects.get(case_number=inquiry.number)
    # Asked on Monday the 23rd: Tuesday 1, Wednesday 2, Thursday 3.
    assert (clock.kind, clock.organ, clock.due_on) == ("verification", market_bureau, date(2026, 11, 26))
    case.refresh_from_db()
    assert case.due_on == date(2026, 12, 2)
    assert check_queues(at=moment("2026-11-23 12:00")) == []
    told = Message.objects.get(recipient=zhao, channel="inbox", subject__contains="请核实履行情况")
    assert f"{QUESTION}\n最迟2026年11月26日（周四）答复。" in told.body
    assert told.subject.startswith(inquiry.number)


def test_it_ends_no_later_than_the_decision_is_due(case, qian):
    """Accepted on 23 November, due on Wednesday 2 December: asked on the Tuesday, one day is left."""
    inquiry = asked(case, qian, at="2026-12-01 09:00")
    clock = Deadline.objects.get(case_number=inquiry.number)
    assert (clock.working_days, clock.due_on) == (1, date(2026, 12, 2))


def test_the_answer_is_the_units_form_and_a_material(case, qian, zhao, market_bureau):
    inquiry = answered(asked(case, qian), zhao)
    form = Document.objects.get(kind="repair_form")
    assert (form.organ, form.about, form.number) == (market_bureau, case.number, "宁市监信修表〔2026〕1号")
    assert [(item["done"], item["on"]) for item in form.content["items"]] == [(True, "2026-06-02")] * len(
        items_of(case)
    )
    assert form.content["confirms"] is True
    clock = Deadline.objects.get(case_number=inquiry.number)
    assert clock.met_on == date(2026, 11, 24)
    assert Message.objects.filter(recipient=qian, channel="inbox", subject__endswith="已答复核实").exists()
    # Without any other proof of fulfilment.
    case.materials.filter(kind="fulfilment").delete()
    [(_asked, has)] = [row for row in steps.materials_asked(case) if "fulfilment" in row[0].kinds]
    assert has


def test_a_form_that_denies_is_no_proof_and_a_new_one_replaces_it(case, qian, zhao):
    duty = items_of(case)[1]
    with pytest.raises(ValidationError, match="请说明情况"):
        answered(asked(case, qian), zhao, **{duty: True})
    answered(Inquiry.objects.get(), zhao, note="尚欠2000元。", **{duty: True})
    case.materials.filter(kind="fulfilment").delete()
    assert not all(has for _asked, has in steps.materials_asked(case))
    first = Document.objects.get(kind="repair_form")
    assert first.content["confirms"] is False and first.content["note"] == "尚欠2000元。"
    answered(asked(case, qian, at="2026-11-25 09:00"), zhao, at="2026-11-26 09:00")
    assert Document.objects.get(replaces=first).content["confirms"] is True
    assert all(has for _asked, has in steps.materials_asked(case))


def test_who_may_ask_and_who_may_answer(case, general_record, qian, zhao, wang, li, outsider, alice):
    for person in (zhao, wang, outsider, alice):
        with pytest.raises(PermissionDenied):
            asked(case, person)
    inquiry = asked(case, qian)
    for person in (qian, wang, li, outsider, alice):
        with pytest.raises(PermissionDenied):
            answered(inquiry, person)
    with pytest.raises(ValidationError, match=r"钱信用已于.*请认定单位核实.*正等待答复"):
        asked(case, qian)


def test_a_unit_asks_itself_nothing(general_record, market_bureau, alice, wang, li):
    case = submitted(general_record, market_bureau, alice)
    with pytest.raises(PermissionDenied):
        asked(case, wang)


def test_what_is_not_done_yet_cannot_be_dated_in_the_future(case, qian, zhao):
    inquiry = asked(case, qian)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        answer_inquiry(
            inquiry=inquiry,
            done=dict.fromkeys(items_of(case), date(2026, 11, 25)),
            actor=zhao,
            at=moment("2026-11-24 09:00"),
        )
    with pytest.raises(ValidationError, match="逐项"):
        answer_inquiry(inquiry=inquiry, done={}, actor=zhao, at=moment("2026-11-24 09:00"))


def test_the_end_of_the_case_calls_it_off(case, qian, zhao, alice):
    inquiry = asked(case, qian)
    steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-23 12:00"))
    inquiry.refresh_from_db()
    assert inquiry.state == "called_off"
    assert Deadline.objects.get(case_number=inquiry.number).cancelled_on == date(2026, 11, 23)
    with pytest.raises(ValidationError, match="不再需要"):
        answered(inquiry, zhao)
    # From a page that was open.
    with pytest.raises(ValidationError, match="现为“已撤回”，不再需要核实"):
        asked(case, qian, at="2026-11-23 13:00")


def test_a_decided_case_asks_nothing_more(general_record, credit_bureau, alice, qian):
    approver = make_user("lei@example.com", "雷审批", credit_bureau, Role.APPROVER)
    case = granted(general_record, credit_bureau, alice, qian, qian, approver)
    for person in (qian, approver):
        with pytest.raises(PermissionDenied):
            asked(case, person, at="2026-11-26 09:00")


@pytest.mark.parametrize("at", ["2026-12-02 09:00", "2026-12-03 09:00"])
def test_nobody_is_asked_when_no_working_day_is_left(case, qian, at):
    """The decision is due on Wednesday 2 December."""
    with pytest.raises(ValidationError, match="办理期限于2026年12月2日届满，来不及请认定单位核实"):
        asked(case, qian, at=at)
    assert not Inquiry.objects.exists()


def test_an_inquiry_on_an_objection_ends_no_later_than_the_answer_to_it(
    general_record, credit_bureau, alice, qian
):
    lei, wei = (
        make_user(f"{name}@example.com", shown, credit_bureau, Role.APPROVER)
        for name, shown in (("lei", "雷审批"), ("wei", "魏审批"))
    )
    case = refused(general_record, credit_bureau, alice, qian, qian, lei)
    file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00"))
    case.refresh_from_db()
    due = Deadline.objects.get(case_number=case.number, kind="objection").due_on
    days = calendar(credit_bureau.region)
    eve = next(day for day in (due - timedelta(n) for n in range(1, 9)) if days.count(day, due) == 1)
    inquiry = asked(case, wei, at=f"{eve} 09:00")
    clock = Deadline.objects.get(case_number=inquiry.number)
    assert (clock.working_days, clock.due_on) == (1, due)
    with pytest.raises(ValidationError, match="来不及"):
        asked(case, wei, at=f"{due} 09:00")


def test_bureau_and_unit_at_their_desks(client, case, qian, zhao, alice, outsider):
    client.force_login(qian)
    page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk]))
    address = reverse("admin:repairs_inquiry_ask", args=[case.pk])
    assert address in page.text
    assert "失信行为已经纠正" in client.get(address).text
    assert "已发给南京市市场监督管理局核实" in client.post(address, {"question": QUESTION}, follow=True).text
    inquiry = Inquiry.objects.get()
    desk = reverse("admin:repairs_inquiry_change", args=[inquiry.pk])
    assert "等待认定单位的审批人员答复" in client.get(desk).text

    client.force_login(outsider)
    assert client.get(desk).status_code == 404

    client.force_login(zhao)
    assert "待我答复的核实" in client.get(reverse("admin:index")).text
    listed = client.get(reverse("admin:repairs_inquiry_changelist"), {"queue": "mine"})
    assert inquiry.number in listed.text
    shown = one_line(client.get(desk))
    assert "最迟 2026年11月26日" in shown and QUESTION in shown
    # The case itself is the bureau's.
    assert reverse("admin:repairs_repaircase_change", args=[case.pk]) not in shown
    items = range(len(items_of(case)))
    wrong = {f"done_{n}": "yes" for n in items}
    assert "请填写完成日期" in client.post(desk, wrong).text
    right = wrong | {f"on_{n}": "2026-06-02" for n in items}
    done = client.post(desk, right | {"evidence": pdf("入库单.pdf")}, follow=True)
    assert "已出具信用修复表" in done.text
    inquiry.refresh_from_db()
    assert client.get(reverse("admin:repairs_inquiry_evidence", args=[inquiry.pk])).status_code == 200
    assert client.get(reverse("documents:download", args=[inquiry.document_id])).status_code == 202

    client.force_login(qian)
    review = one_line(client.get(reverse("admin:repairs_step", args=[case.pk, "review"])))
    assert "全部确认" in review and inquiry.document.number in review

    client.force_login(alice)
    status = client.get(reverse("repairs:status", args=[case.number])).text
    assert "请认定单位核实履行情况" in status and inquiry.document.number in status


def test_the_page_to_ask_on_is_a_reading_of_its_case(client, case, qian):
    client.force_login(qian)
    client.get(reverse("admin:repairs_inquiry_ask", args=[case.pk]))
    payload = Event.objects.get(verb="repaircase.read", actor=qian).payload
    assert payload == {"about": case.number, "page": "repairs_inquiry_ask", "object": case.pk}


def test_the_grant_of_a_reviewed_case_calls_off_what_is_open(
    general_record, credit_bureau, alice, qian, case
):
    inquiry = asked(case, qian)
    approver = make_user("lei@example.com", "雷审批", credit_bureau, Role.APPROVER)
    steps.grant_case(case=reviewed(case, qian), actor=approver, at=moment("2026-11-25 10:00"))
    inquiry.refresh_from_db()
    assert inquiry.state == "called_off"
