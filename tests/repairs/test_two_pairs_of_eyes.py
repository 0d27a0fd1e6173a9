"""The approver sees what the reviewer found; what differs is said, kept and reported; a case that came back is looked at anew."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.accounts.models import Role, StaffRole
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.repairs import steps
from applications.repairs.models import Filing, Review
from applications.repairs.services import NotReady
from tests.fixtures import make_user, moment
from tests.pages import seen, text
from tests.repairs.steps import accepted, open_papers, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(moment("2026-11-25 10:00"), tick=False):
        yield


@pytest.fixture
def case(general_record, market_bureau, alice, wang):
    return accepted(general_record, market_bureau, alice, wang)


def page_of(case, action):
    return reverse("admin:repairs_step", args=[case.pk, action])


def returned(case, li, zhao, reason="请核对滞纳金。"):
    case = reviewed(case, li, obligations_fulfilled="滞纳金没有缴。")
    steps.return_case(case=case, reason=reason, actor=zhao, at=moment("2026-11-24 15:00"))
    case.refresh_from_db()
    return case


class TestApprover:
    def test_sees_each_verdict_with_its_note_the_differing_ones_first(self, client, case, li, zhao):
        case = reviewed(case, li, obligations_fulfilled="缴款凭证金额与决定书不符。")
        Review.objects.update(opinion="建议先核实金额。")
        client.force_login(zhao)
        for action in ("refuse", "return"):
            page = seen(client.get(page_of(case, action)))
            assert "李审查：建议不予修复——建议先核实金额。" in page
            first = page.partition("建议先核实金额。")[2]
            assert first.startswith("不属实行政处理决定和司法裁判明确的法定责任和义务已经履行完毕")
            assert "缴款凭证金额与决定书不符。" in first
            assert first.index("不属实") < first.index("属实失信行为已经纠正")

    def test_sees_what_changed_since_the_review_before_and_why_that_came_back(self, client, case, li, zhao):
        case = reviewed(returned(case, li, zhao), li, at="2026-11-25 09:00")
        client.force_login(zhao)
        page = seen(client.get(page_of(case, "grant")))
        assert "已经履行完毕上次核对为不属实——滞纳金没有缴。" in page
        assert "赵审批：请核对滞纳金。" in page

    def test_the_papers_are_there_to_be_opened(self, client, case, li, zhao):
        case = reviewed(case, li)
        client.force_login(zhao)
        page = text(client.get(page_of(case, "grant")))
        assert "履行完毕证明.pdf" in page and "未打开" in page and 'name="viewer"' in page


class TestReturned:
    def test_nothing_is_preselected_and_the_last_verdicts_are_shown(self, client, case, li, zhao):
        case = returned(case, li, zhao)
        client.force_login(li)
        page = text(client.get(page_of(case, "review")))
        assert not re.search(r"<input[^>]*type=\"radio\"[^>]*checked", page)
        assert "滞纳金没有缴。</textarea>" not in page
        asked = page.partition('id="id_verdict_obligations_fulfilled"')[2].partition("</fieldset>")[0]
        assert "上次核对：不属实" in asked and "——滞纳金没有缴。" in asked
        assert "请核对滞纳金。" in page

    def test_the_reviewer_is_told_why(self, case, li, zhao):
        returned(case, li, zhao)
        (told,) = Message.objects.filter(recipient=li, channel="inbox", subject__contains="退回重新审查")
        assert told.body.startswith(
            "您的审查意见（建议不予修复）被退回，请重新审查。理由：请核对滞纳金。\n信用主体："
        )
        assert told.subject == f"{case.number} {case.record.subject.name} {case.record}：退回重新审查"


class TestDifferingDecision:
    """The reviewer found all in order; until it is decided, the report has grown too old by the unit's rules."""

    @pytest.fixture
    def differing(self, serious_record, market_bureau, alice, wang, li):
        case = reviewed(accepted(serious_record, market_bureau, alice, wang), li)
        # What a later change of rules or days does to it: a report of tomorrow is none today.
        Filing.objects.filter(pk=case.filing_id).update(report_issued_on=date(2026, 11, 30))
        case.filing.refresh_from_db()
        return case

    def test_needs_a_reason(self, client, differing, zhao):
        client.force_login(zhao)
        assert "与审查意见不同的理由" in text(client.get(page_of(differing, "refuse")))
        page = client.post(page_of(differing, "refuse"), {"version": differing.version, "reason": " "})
        assert 'href="#id_reason"' in text(page)
        with pytest.raises(NotReady, match="请写明理由"):
            steps.refuse_case(case=differing, actor=zhao, at=moment("2026-11-25 10:00"))
        differing.refresh_from_db()
        assert differing.status == "under_review"

    def test_which_is_kept_and_reported_but_stands_in_no_letter(
        self, client, differing, li, zhao, market_bureau
    ):
        head = make_user("tou@example.com", "陶负责", market_bureau, Role.SUPERVISOR)
        client.force_login(zhao)
        reason = "信用报告的出具日期晚于今天。"
        client.post(page_of(differing, "refuse"), {"version": differing.version, "reason": reason})
        differing.refresh_from_db()
        assert differing.status == "refused"
        assert Event.objects.get(verb="repair.refused").payload["reason"] == reason
        for person in (li, head):
            told = Message.objects.get(recipient=person, channel="inbox", subject__endswith="与审查意见不同")
            assert told.body.startswith(
                f"审查意见：李审查建议准予修复。决定：不予修复。理由：{reason}\n信用主体："
            )
        assert reason not in str(Document.objects.get(kind="refusal_decision").content)
        assert reason in text(client.get(reverse("admin:repairs_repaircase_change", args=[differing.pk])))

    def test_a_decision_as_proposed_needs_none(self, client, case, li, zhao):
        case = reviewed(case, li)
        client.force_login(zhao)
        assert "与审查意见不同的理由" not in text(client.get(page_of(case, "grant")))


class TestSpentRoles:
    def test_said_before_and_after_the_review(self, client, case, li, zhao):
        StaffRole.objects.create(user=li, role="approver")
        open_papers(case, li)
        client.force_login(li)
        words = "您兼任审查岗和审批岗。由您提出审查意见的，这件申请要由别人审批。可以办理的审批人员：赵审批。"
        for address in (page_of(case, "review"), reverse("admin:repairs_repaircase_change", args=[case.pk])):
            assert words in text(client.get(address))
        case = reviewed(case, li)
        page = text(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
        assert "审查意见是您提出的，您的审批岗不能再用于这件申请。可以办理的审批人员：赵审批。" in page

    def test_nobody_left_is_said(self, client, case, li, zhao):
        StaffRole.objects.create(user=li, role="approver")
        StaffRole.objects.filter(user=zhao).delete()
        client.force_login(li)
        page = text(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
        assert "本单位现在没有其他可以办理的审批人员" in page

    def test_whoever_has_one_role_reads_nothing_of_it(self, client, case, li):
        client.force_login(li)
        assert "兼任" not in text(client.get(page_of(case, "review")))

    def test_of_an_objection(self, client, case, li, zhao, second_approver, alice):
        from applications.objections.steps import file_objection

        case = reviewed(case, li, corrected="没有整改。")
        case = steps.refuse_case(case=case, actor=zhao, at=moment("2026-11-25 09:00"))
        file_objection(
            case=case, disputed=["corrected"], grounds="已整改。", actor=alice, at=moment("2026-11-25 09:30")
        )
        client.force_login(zhao)
        page = text(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
        assert "原决定是您作出的，对它的异议不能由您处理。可以办理的审批人员：" in page
        assert second_approver.name in page
