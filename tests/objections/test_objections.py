"""Article 13: an objection against a refusal. The refusal is of Wednesday 2026-11-25."""

import re
from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.objections import services, steps
from applications.objections.models import Objection
from applications.repairs.services import NotAllowed, NotReady, start_case
from applications.sharing.models import Delivery
from rules.procedure import IllegalAction
from tests.fixtures import moment
from tests.repairs.steps import all_confirmed, granted, pdf

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 30)


def test_five_working_days_from_receipt(bob, case, objection, alice):
    running = Deadline.objects.get(case_number=case.number, kind="objection")
    # Friday 27th: Mon 1, Tue 2, Wed 3, Thu 4, Fri 4 December 5.
    assert (running.due_on, running.article) == (date(2026, 12, 4), "十三")
    case.refresh_from_db()
    assert case.status == "objecting"
    told = Message.objects.get(recipient=bob, channel="inbox", subject__endswith="提出异议")
    assert told.body.startswith(
        "异议已提出，将由没有参与原决定的人员自收到之日起5个工作日内处理，最迟2026年12月4日（周五）。\n经办人：陈示例。\n已出具：《异议申请回执》"
    )
    assert not Message.objects.filter(recipient=alice, subject__endswith="提出异议").exists()


def test_overturning_grants_by_a_new_decision_that_replaces_the_old_one(
    case, objection, general_record, second_approver, client, alice
):
    old = case.decision_number
    steps.handle_objection(
        objection=objection,
        overturn=True,
        checklist=all_confirmed(case, ON),
        reasons="经核实，凭证金额包含滞纳金，义务已履行完毕。",
        actor=second_approver,
        at=moment("2026-11-30 10:00"),
    )
    case.refresh_from_db()
    general_record.refresh_from_db()
    assert (case.status, general_record.publicity) == ("granted", "withdrawn")
    assert case.decision_number != old
    refusal = Document.objects.get(number=old)
    assert (refusal.status, refusal.replaced_by.number) == ("valid", case.decision_number)
    grant = Document.objects.get(number=case.decision_number).content
    assert grant["instead_of"] == {"number": old, "objected_on": "2026-11-27"}
    client.force_login(alice)
    assert f"已被{case.decision_number}取代" in client.get(f"/a/{case.number}/").content.decode()
    verified = client.get(f"/v/{refusal.verification_code}/").content.decode()
    assert f"（{case.decision_number}）取代" in verified and "真实有效" not in verified
    letter = Document.objects.get(about=case.number, kind="objection_result").content
    assert (letter["outcome"], letter["new_decision"]) == ("overturned", case.decision_number)
    sent = Delivery.objects.filter(stream=case.number).order_by("position")
    assert [one.payload["decision"] for one in sent] == ["refused", "granted"]
    assert [one.payload["data_state"] for one in sent] == ["new", "update"]
    assert Deadline.objects.filter(case_number=case.number, kind="sharing").count() == 2


def test_upholding_keeps_the_refusal_and_says_why(case, objection, general_record, second_approver):
    steps.handle_objection(
        objection=objection,
        overturn=False,
        checklist=all_confirmed(case, ON, obligations_fulfilled="尚欠加处罚款300元。"),
        reasons="经核实，加处罚款没有缴纳。",
        actor=second_approver,
        at=moment("2026-12-04 17:00"),
    )
    case.refresh_from_db()
    general_record.refresh_from_db()
    assert (case.status, general_record.publicity) == ("refused", "published")
    assert Deadline.objects.get(case_number=case.number, kind="objection").met_on == date(2026, 12, 4)
    assert Objection.objects.get().outcome == "upheld"
    letter = Document.objects.get(about=case.number, kind="objection_result").content
    # What this officer found, and not what the refusal said.
    assert [finding["note"] for finding in letter["findings"]] == ["尚欠加处罚款300元。"]
    assert letter["reapply"] == "具备上述条件后，可以重新提出申请，不限次数。"


@pytest.mark.parametrize("who", ["zhao", "li"])
def test_nobody_handles_an_objection_to_their_own_work(case, objection, request, who):
    from applications.accounts.models import StaffRole

    officer = request.getfixturevalue(who)
    StaffRole.objects.get_or_create(user=officer, role="approver")
    with pytest.raises(NotReady, match="没有参与原决定"):
        steps.handle_objection(
            objection=objection,
            overturn=True,
            checklist=all_confirmed(case, ON),
            reasons="是",
            actor=officer,
            at=moment("2026-11-30 10:00"),
        )


def test_the_outcome_must_follow_from_what_was_verified(case, objection, second_approver):
    with pytest.raises(NotReady, match="应当撤销原决定"):
        steps.handle_objection(
            objection=objection,
            overturn=False,
            checklist=all_confirmed(case, ON),
            reasons="维持",
            actor=second_approver,
            at=moment("2026-11-30 10:00"),
        )
    case.refresh_from_db()
    assert case.status == "objecting"


def test_a_refusal_is_objected_to_once(case, objection, alice, second_approver):
    steps.handle_objection(
        objection=objection,
        overturn=False,
        checklist=all_confirmed(case, ON, corrected="未整改。"),
        reasons="未整改",
        actor=second_approver,
        at=moment("2026-11-30 10:00"),
    )
    case.refresh_from_db()
    with pytest.raises(NotReady, match="已经提出过异议"):
        steps.file_objection(
            case=case, disputed=[], grounds="再次", actor=alice, at=moment("2026-12-01 10:00")
        )


def test_a_bad_file_keeps_the_case_as_it_was(case, alice):
    with pytest.raises(ValidationError, match=r"空\.pdf"):
        services.keep_evidence(
            case=case,
            upload=SimpleUploadedFile("空.pdf", b""),
            actor=alice,
            at=moment("2026-11-27 10:00"),
        )
    case.refresh_from_db()
    assert case.status == "refused"
    assert not case.objection_evidence.exists()


def test_a_new_application_stands_in_the_way_of_an_objection(case, alice, market_bureau):
    again = start_case(
        record=case.record, organ=market_bureau, applicant=alice, at=moment("2026-11-26 10:00")
    )
    with pytest.raises(NotReady, match=again.number):
        steps.file_objection(
            case=case, disputed=[], grounds="理由", actor=alice, at=moment("2026-11-27 10:00")
        )


class TestFilingPage:
    @pytest.fixture(autouse=True)
    def on_the_27th(self):
        with time_machine.travel(moment("2026-11-27 10:00"), tick=False):
            yield

    def url(self, case):
        return reverse("objections:file", args=[case.number])

    def test_works(self, client, case, alice):
        client.force_login(alice)
        page = client.get(self.url(case)).content.decode()
        assert "缴款凭证金额与决定书不符" in page
        assert "2026年12月4日" in page
        answer = client.post(
            self.url(case),
            {"disputed": "obligations_fulfilled", "grounds": "已缴清", "uploads": pdf("回单.pdf")},
        )
        assert answer.url == reverse("repairs:status", args=[case.number])
        assert Objection.objects.get().evidence.get().file.name == "回单.pdf"

    def test_good_files_are_kept_whatever_else_is_wrong(self, client, case, alice, bob, zhao):
        client.force_login(alice)
        page = client.post(
            self.url(case),
            {"grounds": "已缴清", "uploads": [pdf("回单.pdf"), SimpleUploadedFile("坏.pdf", b"x")]},
        ).content.decode()
        assert "坏.pdf" in page and "已缴清" in page
        kept = case.objection_evidence.get()
        assert kept.file.name == "回单.pdf" and f'value="{kept.pk}"' in page
        # It is the applicant's side's alone before it is filed.
        own = reverse("objections:open_evidence", args=[case.number, kept.pk])
        for person, expected in ((zhao, 404), (bob, 200)):
            client.force_login(person)
            assert client.get(own).status_code == expected
        # A colleague goes on where alice left off.
        assert "回单.pdf" in client.get(self.url(case)).content.decode()
        answer = client.post(self.url(case), {"disputed": "obligations_fulfilled", "grounds": "已缴清"})
        assert answer.url == reverse("repairs:status", args=[case.number])
        assert Objection.objects.get().evidence.get() == kept
        client.force_login(zhao)
        assert client.get(own).status_code == 200

    def test_a_kept_file_can_be_taken_back_and_nothing_typed_is_lost(self, client, case, alice):
        client.force_login(alice)
        client.post(self.url(case), {"uploads": [pdf("回单.pdf"), pdf("错的.pdf")]})
        wrong = case.objection_evidence.get(file__name="错的.pdf")
        typed = {"disputed": "obligations_fulfilled", "grounds": "写到一半"}
        page = client.post(self.url(case), typed | {"remove": wrong.pk}).content.decode()
        assert "已删除“错的.pdf”。" in page and "写到一半" in page and "错误：" not in page
        assert re.search(r'value="obligations_fulfilled"[^>]* checked', page)
        assert [one.file.name for one in case.objection_evidence.all()] == ["回单.pdf"]
        for nonsense in (wrong.pk, "x"):
            page = client.post(self.url(case), typed | {"remove": nonsense}).content.decode()
            assert "这个文件已经删除。" in page and "写到一半" in page
        assert not Objection.objects.exists()

    def test_ten_files_are_the_limit(self, client, case, alice):
        client.force_login(alice)
        # Nobody looks into the eleventh, which is no PDF.
        uploads = [pdf(f"证据{number}.pdf") for number in range(10)]
        uploads.append(SimpleUploadedFile("证据10.pdf", b"<html>"))
        page = client.post(self.url(case), {"grounds": "见附件", "uploads": uploads}).content.decode()
        assert "证据最多10个文件，“证据10.pdf”没有保存。" in page
        assert case.objection_evidence.count() == 10

    def test_what_was_filed_cannot_be_taken_back(self, case, objection, alice, charlie):
        with pytest.raises(NotReady, match="不能再增减异议的证据"):
            services.remove_evidence(
                evidence=objection.evidence.get(), actor=alice, at=moment("2026-11-27 11:00")
            )
        with pytest.raises(NotReady, match="不能再增减异议的证据"):
            services.keep_evidence(
                case=case, upload=pdf("晚.pdf"), actor=alice, at=moment("2026-11-27 11:00")
            )

    def test_nobody_else_keeps_files(self, case, charlie, zhao):
        for person in (charlie, zhao):
            with pytest.raises(NotAllowed):
                services.keep_evidence(
                    case=case, upload=pdf("别人的.pdf"), actor=person, at=moment("2026-11-27 11:00")
                )

    def test_not_yours(self, client, case, charlie, zhao):
        for person in (charlie, zhao):
            client.force_login(person)
            assert client.get(self.url(case)).status_code == 404

    def test_wrong_state(self, client, case, objection, alice):
        client.force_login(alice)
        answer = client.get(self.url(case), follow=True)
        assert "不能提出异议" in answer.content.decode()

    def test_an_empty_form_gets_its_errors(self, client, case, alice):
        client.force_login(alice)
        page = client.post(self.url(case)).content.decode()
        assert "<title>错误：" in page and 'href="#id_grounds' in page

    def test_bad_input_keeps_what_was_typed(self, client, case, alice):
        client.force_login(alice)
        page = client.post(self.url(case), {"grounds": "我写了很多理由"}).content.decode()
        assert "<title>错误：" in page
        assert "我写了很多理由" in page
        assert 'href="#id_disputed' in page

    def test_a_text_that_is_too_long_is_counted_and_never_cut(self, client, case, alice):
        client.force_login(alice)
        # With a maxlength a browser cuts off what is pasted, and says nothing.
        (area,) = re.findall(r"<textarea[^>]*>", client.get(self.url(case)).content.decode())
        assert "maxlength" not in area
        page = client.post(self.url(case), {"grounds": "写" * 5001}).content.decode()
        assert "最多5000个字，您写了5001个字" in page
        assert "写" * 5001 in page
        # The reader's place is where the mistakes are named.
        assert re.search(r'class="error-summary"[^>]* autofocus', page)


class TestOfficersPage:
    @pytest.fixture(autouse=True)
    def on_the_30th(self):
        with time_machine.travel(moment("2026-11-30 10:00"), tick=False):
            yield

    def url(self, objection):
        return reverse("admin:objections_objection_change", args=[objection.pk])

    def post(self, case, **changed):
        data = {"version": case.version, "outcome": "overturned", "reasons": "经核实已履行。"}
        for code in all_confirmed(case, ON):
            data |= {f"verdict_{code}": "yes", f"note_{code}": ""}
        return data | changed

    def test_works(self, client, case, objection, second_approver):
        client.force_login(second_approver)
        case.refresh_from_db()
        assert "罚款已于6月2日全额缴清" in client.get(self.url(objection)).content.decode()
        answer = client.post(self.url(objection), self.post(case))
        assert answer.status_code == 302
        case.refresh_from_db()
        assert case.status == "granted"

    def test_not_yours(self, client, objection, outsider, wang, alice):
        client.force_login(outsider)
        assert client.get(self.url(objection)).status_code == 404
        client.force_login(wang)
        assert client.get(self.url(objection)).status_code == 403
        client.force_login(alice)
        assert client.get(self.url(objection)).status_code == 302

    def test_who_took_part_may_only_look(self, client, case, objection, zhao):
        client.force_login(zhao)
        page = client.get(self.url(objection)).content.decode()
        assert "您只能查看" in page
        assert "作出处理并通知申请人" not in page
        page = client.post(self.url(objection), self.post(case), follow=True).content.decode()
        assert "没有参与原决定的人员处理" in page
        case.refresh_from_db()
        assert case.status == "objecting"

    def test_stale_tab(self, client, case, objection, second_approver):
        client.force_login(second_approver)
        answer = client.post(self.url(objection), self.post(case, version=1))
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "没有执行，请刷新页面" in page
        assert "经核实已履行。" in page

    def test_wrong_state(self, client, case, objection, second_approver):
        client.force_login(second_approver)
        case.refresh_from_db()
        client.post(self.url(objection), self.post(case))
        answer = client.post(self.url(objection), self.post(case), follow=True)
        assert "没有待处理的异议" in answer.content.decode()

    def test_bad_input(self, client, case, objection, second_approver):
        client.force_login(second_approver)
        case.refresh_from_db()
        page = client.post(
            self.url(objection), self.post(case, reasons="", verdict_corrected="no")
        ).content.decode()
        assert "处理理由" in page
        assert "请写明查明的事实和理由" in page


def test_evidence_opens_for_those_who_see_the_case(
    client, case, objection, alice, bob, charlie, zhao, outsider
):
    url = reverse("objections:open_evidence", args=[case.number, objection.evidence.get().pk])
    for person, expected in ((alice, 200), (bob, 200), (zhao, 200), (charlie, 404), (outsider, 404)):
        client.force_login(person)
        assert client.get(url).status_code == expected


def test_granted_cases_cannot_be_objected_to(general_record, market_bureau, alice, wang, li, zhao):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    with pytest.raises(IllegalAction):
        steps.file_objection(
            case=case, disputed=[], grounds="理由", actor=alice, at=moment("2026-11-27 10:00")
        )


def test_the_letters_are_seen_before_they_are_sent(client, case, objection, second_approver):
    with time_machine.travel(moment("2026-11-30 10:00"), tick=False):
        client.force_login(second_approver)
        case.refresh_from_db()
        data = {"version": case.version, "outcome": "overturned", "reasons": "经核实已履行。", "letter": ""}
        data |= {f"verdict_{code}": "yes" for code in all_confirmed(case, ON)}
        address = reverse("admin:objections_objection_change", args=[objection.pk])
        page = client.post(address, data).content.decode()
        assert "《准予信用修复决定书》第1页" in page and "《异议处理结果告知书》第1页" in page
        lacking = client.post(address, data | {"outcome": "upheld"})
        assert lacking.status_code == 200 and "应当撤销原决定" in lacking.content.decode()
    assert not Event.objects.filter(verb="act.refused").exists()
    case.refresh_from_db()
    assert case.status == "objecting"
    assert not Document.objects.filter(about=case.number, kind="objection_result").exists()
