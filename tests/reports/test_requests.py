"""A credit report that is asked for: online by its holder, at the window with a mandate, and the answer (Articles 3, 17)."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.reports.models import CreditReport, ReportRequest
from applications.reports.requests import (
    ask_for_report,
    decline_request,
    grant_request,
    take_request,
    withdraw_request,
)
from applications.subjects.models import Claim, Subject
from tests.fixtures import make_record, make_user
from tests.pages import seen, text
from tests.repairs.steps import paper, pdf
from tests.reports.conftest import ISSUED, annotate

pytestmark = pytest.mark.django_db
NOBODYS_ID = "11010519491231002X"
DESK = "/admin/reports/reportrequest/"


@pytest.fixture
def ask(acme, alice, credit_bureau):
    def ask(**said) -> ReportRequest:
        usual = {"subject": acme, "organ": credit_bureau, "variant": "repair", "purpose": "申请信用修复"}
        return ask_for_report(**(usual | {"actor": alice, "at": ISSUED} | said))

    return ask


def wanted(organ, **other):
    return {"variant": "public", "purpose": "参加投标", "since": "", "organ": organ.pk} | other


def test_from_the_holders_list_to_the_report_in_it(client, acme, alice, bob, credit_bureau, qian):
    client.force_login(alice)
    page = reverse("reports:ask", args=[acme.pk])
    assert page in text(client.get("/reports/"))
    asked = client.post(page, wanted(credit_bureau, since="2025-01-01"), follow=True)
    request = ReportRequest.objects.get()
    assert "已收到申请，还没有出具" in seen(asked) and request.number == "BG-320100-2026-000001"
    assert request.number in seen(client.get("/reports/"))
    assert Message.objects.filter(recipient=qian, channel="inbox").count() == 1

    client.force_login(qian)
    assert request.number in seen(client.get(DESK))
    shown = client.get(f"{DESK}{request.pk}/change/")
    assert "只列示2025年1月1日以来作出的处罚决定" in seen(shown) and "参加投标" in seen(shown)
    client.post(f"{DESK}{request.pk}/grant/")
    report = CreditReport.objects.get()
    assert (report.purpose, report.variant, report.since) == ("参加投标", "public", date(2025, 1, 1))
    verbs = Event.objects.filter(chain=request.number).values_list("verb", flat=True)
    assert list(verbs) == ["report.requested", "report.granted"]

    client.force_login(bob)
    assert reverse("reports:report", args=[report.pk]) in text(client.get(f"/reports/requests/{request.pk}/"))
    assert report.number in seen(client.get("/reports/"))


def test_a_subject_without_any_record_asks_as_well(ask, qian):
    report = grant_request(asked=ask(), actor=qian, at=ISSUED)
    assert report.document.content["penalties"] == []


def test_a_period_leaves_out_what_was_decided_before(acme, market_bureau, ask, qian):
    make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕1号", decided_on=date(2026, 1, 5))
    make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕2号", decided_on=date(2026, 6, 5))
    asked = ask(variant="public", since=date(2026, 6, 5))
    report = grant_request(asked=asked, actor=qian, at=ISSUED)
    listed = [each["document_number"] for each in report.document.content["penalties"]]
    assert listed == ["宁市监处罚〔2026〕2号"]
    make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕3号", decided_on=date(2026, 2, 5))
    from applications.reports.selectors import has_changed_since, latest_valid

    # What lies before the period is no change of what it states, and it is no report of all to be handed in.
    assert has_changed_since(report.document) is False
    assert latest_valid(acme.pk, ISSUED.date()) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"variant": ""}, "请选择报告版本"),
        ({"variant": "secret"}, "secret"),
        ({"purpose": " "}, "请填写用途"),
        ({"purpose": "长" * 201}, "200"),
        ({"organ": ""}, "请选择出具报告"),
        ({"since": "2026-12-03"}, "不能晚于今天"),
        ({"since": "2026-01-01", "variant": "repair"}, "不能限定报告期间"),
        ({"since": "去年"}, "日期"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(client, acme, alice, credit_bureau, other, said):
    client.force_login(alice)
    page = client.post(f"/reports/ask/{acme.pk}/", wanted(credit_bureau) | other)
    assert said in seen(page) and "<title>错误：" in text(page)
    assert not ReportRequest.objects.exists()


def test_an_organ_that_issues_none_is_not_asked(ask, market_bureau):
    with pytest.raises(ValidationError):
        ask(organ=market_bureau)


def test_the_same_is_not_asked_twice_while_it_waits(client, ask, acme, alice, credit_bureau, qian):
    first = ask(variant="public")
    client.force_login(alice)
    page = client.post(f"/reports/ask/{acme.pk}/", wanted(credit_bureau))
    assert "没有重复申请" in seen(page) and ReportRequest.objects.count() == 1
    ask(variant="repair")
    grant_request(asked=first, actor=qian, at=ISSUED)
    ask(variant="public")
    assert ReportRequest.objects.count() == 3


def test_it_is_withdrawn_while_it_waits(client, ask, alice, qian):
    asked = ask()
    client.force_login(alice)
    assert "申请已经撤回" in seen(client.post(f"/reports/requests/{asked.pk}/withdraw/", follow=True))
    assert "没有再次办理" in seen(client.post(f"/reports/requests/{asked.pk}/withdraw/", follow=True))
    with pytest.raises(ValidationError, match="已撤回"):
        grant_request(asked=asked, actor=qian, at=ISSUED)
    assert not CreditReport.objects.exists()


def test_it_is_declined_with_a_reason_that_is_told(client, ask, alice, qian):
    asked = ask()
    client.force_login(qian)
    assert "请写明没有出具的理由" in seen(client.post(f"{DESK}{asked.pk}/decline/", {"reason": ""}))
    client.post(f"{DESK}{asked.pk}/decline/", {"reason": "正在合并，请以承继的主体申请。"})
    late = client.post(f"{DESK}{asked.pk}/grant/")
    assert late.status_code == 409 and "没有再次办理" in seen(late)
    client.force_login(alice)
    assert "正在合并" in seen(client.get(f"/reports/requests/{asked.pk}/"))
    assert "正在合并" in Message.objects.get(recipient=alice, channel="inbox").body


def test_two_officers_who_issue_at_once_issue_one(ask, qian):
    asked = ask()
    grant_request(asked=asked, actor=qian, at=ISSUED)
    with pytest.raises(ValidationError):
        grant_request(asked=asked, actor=qian, at=ISSUED)
    assert CreditReport.objects.count() == 1


def test_strangers_and_single_mandates_ask_for_nothing(
    client, ask, acme, charlie, credit_bureau, general_record
):
    asked = ask()
    agent = make_user("dai@example.com", "戴代理")
    Claim.objects.create(
        user=agent, subject=acme, capacity="agent", status="verified", made_at=ISSUED,
        scope_document=general_record.document_number, ends_on=date(2027, 1, 1),
    )  # fmt: skip
    for person in (charlie, agent):
        client.force_login(person)
        assert client.get(f"/reports/ask/{acme.pk}/").status_code == 404
        assert client.post(f"/reports/ask/{acme.pk}/", wanted(credit_bureau)).status_code == 404
        assert client.get(f"/reports/requests/{asked.pk}/").status_code == 404
        assert client.post(f"/reports/requests/{asked.pk}/withdraw/").status_code == 404
        with pytest.raises(PermissionDenied):
            ask(actor=person)
        with pytest.raises(PermissionDenied):
            withdraw_request(asked=asked, actor=person, at=ISSUED)


def test_an_agent_with_a_mandate_for_all_asks_until_its_last_day(ask, acme, time_machine):
    agent = make_user("dai@example.com", "戴代理")
    Claim.objects.create(
        user=agent, subject=acme, capacity="agent", status="verified", made_at=ISSUED, ends_on=ISSUED.date()
    )
    ask(actor=agent)
    time_machine.move_to("2026-12-03 09:00:00+08:00")
    with pytest.raises(PermissionDenied):
        ask(actor=agent, variant="public")


@pytest.mark.parametrize("person", ["wang", "sun", "outsider"])
def test_other_officers_answer_nothing(client, ask, person, request):
    asked = ask()
    officer = request.getfixturevalue(person)
    client.force_login(officer)
    assert asked.number not in text(client.get(DESK))
    assert client.get(f"{DESK}{asked.pk}/change/").status_code in (403, 404)
    for act in ("grant", "decline"):
        assert client.post(f"{DESK}{asked.pk}/{act}/", {"reason": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        decline_request(asked=asked, reason="x", actor=officer, at=ISSUED)


# -- At the window


def brought(**other):
    return {"came": "戴来人", "capacity": "agent", "variant": "public", "wanted_for": "融资"} | other


def test_at_the_window_a_mandate_is_handed_in_and_kept(client, acme, qian, wang):
    client.force_login(qian)
    page = f"{DESK}new/{acme.pk}/"
    assert page in text(client.post(reverse("admin:reports_choose"), {"term": acme.uscc}))
    assert "请上传扫描件" in seen(client.post(page, brought()))
    assert not ReportRequest.objects.exists()
    done = client.post(page, brought(proof=pdf("授权委托书.pdf")), follow=True)
    asked = ReportRequest.objects.get()
    assert "戴来人（受委托的代理人）" in seen(done) and asked.proof.name == "授权委托书.pdf"
    assert client.get(f"{DESK}{asked.pk}/proof/").status_code == 200
    client.post(f"{DESK}{asked.pk}/grant/")
    assert CreditReport.objects.get().purpose == "融资"
    client.force_login(wang)
    assert client.get(f"{DESK}{asked.pk}/proof/").status_code in (403, 404)
    assert client.get(page).status_code == 403 and client.post(page, brought()).status_code == 403


@pytest.mark.parametrize(
    ("said", "field"),
    [({"came": " "}, "came"), ({"capacity": ""}, "capacity"), ({"capacity": "self"}, "capacity"), ({"proof": None}, "proof")],
)  # fmt: skip
def test_what_is_missing_at_the_window_names_its_field(acme, qian, said, field):
    usual = {"came": "戴来人", "capacity": "employee", "proof": paper("介绍信.pdf")} | said
    with pytest.raises(ValidationError) as caught:
        take_request(subject=acme, variant="repair", purpose="投标", actor=qian, at=ISSUED, **usual)
    assert field in caught.value.message_dict


def test_a_representative_who_comes_in_person_needs_no_mandate(acme, qian):
    asked = take_request(
        subject=acme, variant="repair", purpose="投标", came="陈示例", capacity="representative", proof=None,
        actor=qian, at=ISSUED,
    )  # fmt: skip
    assert asked.channel == "window" and asked.proof is None


# -- In the place of an earlier one


def standing_in_list(client, report):
    """What the holder's list says of a report, first of all."""
    row = text(client.get("/reports/")).partition(report.number)[2].partition("</tr>")[0]
    return re.search(r'<span class="tag[^"]*">([^<]+)<', row)[1]


def test_a_new_report_takes_the_place_of_the_one_whose_state_has_changed(
    client, issue, ask, acme, alice, qian, serious_record, market_bureau
):
    old = issue()
    client.force_login(alice)
    page = f"/reports/{old.pk}/"
    assert "状态已变化" not in seen(client.get(page))
    annotate(serious_record, market_bureau)
    assert "状态已变化" in seen(client.get(page))
    asking = f"/reports/ask/{acme.pk}/?replaces={old.pk}"
    assert asking in text(client.get(page)) and old.number in seen(client.get(asking))
    client.post(asking, wanted(old.organ, variant="repair", replaces=old.pk))
    new = grant_request(asked=ReportRequest.objects.get(), actor=qian, at=ISSUED)
    assert new.document.replaces == old.document
    asked = f"/reports/requests/{ReportRequest.objects.get().pk}/"
    assert f"取代的报告{old.number}" in seen(client.get(asked))
    assert "已被新报告取代" in seen(client.get(page)) and new.number in seen(client.get(page))
    verified = seen(client.get(reverse("documents:verified", args=[old.document.verification_code])))
    assert new.number in verified and "以新文书为准" in verified
    # And so it is called wherever it is listed.
    assert standing_in_list(client, old) == "已被取代" and standing_in_list(client, new) == "有效"
    client.force_login(qian)
    assert "已被取代有效期至" in seen(client.get(reverse("admin:reports_creditreport_change", args=[old.pk])))
    listed = seen(client.get(reverse("admin:reports_creditreport_changelist"), {"q": old.number}))
    assert f"已被{new.number}取代" in listed


def test_where_the_earlier_one_was_voided_meanwhile_the_new_one_stands_alone(
    client, issue, ask, acme, alice, qian
):
    from applications.reports.services import void_report

    asked = ask(replaces=issue())
    old = asked.replaces
    client.force_login(alice)
    asking, pages = f"/reports/ask/{acme.pk}/?replaces={old.pk}", [f"/reports/requests/{asked.pk}/"]
    assert f"报告 {old.number} 没有作废、也没有被取代的，由新报告取代" in text(client.get(asking))
    assert f"取代的报告{old.number}" in seen(client.get(pages[0]))
    void_report(report=old, reason="选错", actor=qian, at=ISSUED)
    # Nothing promises any more what cannot be.
    assert old.number not in text(client.get(asking))
    assert "取代的报告" not in seen(client.get(pages[0]))
    assert grant_request(asked=asked, actor=qian, at=ISSUED).document.replaces is None
    assert "取代的报告" not in seen(client.get(pages[0]))
    client.force_login(qian)
    assert "取代的报告" not in seen(client.get(f"{DESK}{asked.pk}/change/"))


def test_anothers_report_is_not_replaced(issue, ask, qian, person_report):
    with pytest.raises(PermissionDenied):
        ask(replaces=person_report)


@pytest.fixture
def person_report(issue):
    from applications.subjects.models import Subject

    other = Subject.objects.create(kind="organisation", name="另一公司", uscc="91320100000000017A")
    return issue(subject=other)


def unknown(**other):
    return brought(
        kind="natural_person", name="周示安", identity_type="resident_id", code=NOBODYS_ID, compared="on",
        came="周示安", capacity="self", **other,
    )  # fmt: skip


def test_who_has_no_record_yet_is_registered_with_the_request(client, qian, wang):
    client.force_login(qian)
    page = reverse("admin:reports_reportrequest_new")
    assert page in text(client.post(reverse("admin:reports_choose"), {"term": NOBODYS_ID}))
    done = client.post(page, unknown(), follow=True)
    asked = ReportRequest.objects.get()
    assert (asked.subject.name, asked.subject.identity_number) == ("周示安", NOBODYS_ID)
    assert "申请已经登记" in seen(done) and NOBODYS_ID not in text(done)
    assert Event.objects.filter(chain=f"subject-{asked.subject_id}", verb="subject.registered").exists()
    client.post(f"{DESK}{asked.pk}/grant/")
    assert CreditReport.objects.get().document.content["penalties"] == []
    # The same again is the same subject, and waits or is answered like any other's.
    client.post(page, unknown(variant="repair"))
    assert Subject.objects.filter(name="周示安").count() == 1 and ReportRequest.objects.count() == 2
    client.force_login(wang)
    assert client.get(page).status_code == 403 and client.post(page, unknown()).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": NOBODYS_ID[:-1] + "0"}, "code"),
        ({"compared": ""}, "compared"),
        ({"identity_type": ""}, "identity_type"),
        ({"kind": "organisation"}, "identity_type"),
        ({"capacity": "employee"}, "capacity"),
        ({"capacity": "agent"}, "proof"),
    ],
)
def test_nobody_is_registered_without_a_request_that_can_be(client, qian, wrong, field):
    client.force_login(qian)
    answer = client.post(reverse("admin:reports_reportrequest_new"), unknown() | wrong)
    assert answer.context["form"].errors.keys() == {field}
    assert not ReportRequest.objects.exists() and not Subject.objects.exists()


def test_a_known_code_under_another_name_is_not_registered_anew(client, acme, qian):
    client.force_login(qian)
    said = {
        "kind": "organisation",
        "name": "别的公司",
        "identity_type": "",
        "code": acme.uscc,
        "capacity": "representative",
    }
    answer = client.post(reverse("admin:reports_reportrequest_new"), unknown() | said)
    assert "name" in answer.context["form"].errors and not ReportRequest.objects.exists()
