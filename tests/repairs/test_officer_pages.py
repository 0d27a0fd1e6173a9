"""The officers' queue, the page of a case and the pages of the steps."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from applications.accounts.models import StaffRole
from applications.documents.models import Document
from applications.repairs import steps
from applications.repairs.steps import Defect
from applications.subjects.changing import record_subject_change
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.repairs.steps import (
    accepted,
    all_confirmed,
    granted,
    open_papers,
    paper,
    prepared,
    refused,
    resubmitted,
    reviewed,
    submitted,
)

pytestmark = pytest.mark.django_db

QUEUE = "/admin/repairs/repaircase/"


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(moment("2026-11-25 10:00"), tick=False):
        yield


def case_page(case):
    return reverse("admin:repairs_repaircase_change", args=[case.pk])


def step_page(case, action):
    return reverse("admin:repairs_step", args=[case.pk, action])


class TestQueue:
    def test_mine_is_what_my_roles_can_do_now_sorted_by_due_date(
        self, client, acme, market_bureau, alice, wang, li
    ):
        late = submitted(
            make_record(acme, market_bureau, document_number="甲1号"),
            market_bureau,
            alice,
            at="2026-11-18 10:00",
        )
        soon = submitted(make_record(acme, market_bureau, document_number="甲2号"), market_bureau, alice)
        taken = accepted(
            make_record(acme, market_bureau, document_number="甲3号"), market_bureau, alice, wang
        )
        client.force_login(wang)
        page = text(client.get(QUEUE))
        assert page.index(late.number) < page.index(soon.number)
        assert taken.number not in page
        # Due on Monday the 23rd: two working days ago. The other is due today.
        assert "已逾期2个工作日" in page
        assert "今天到期" in page
        client.force_login(li)
        page = text(client.get(QUEUE))
        assert taken.number in page
        assert soon.number not in page

    def test_the_counts_are_the_lengths_of_the_lists(self, client, acme, market_bureau, alice, wang):
        for number in ("乙1号", "乙2号"):
            submitted(make_record(acme, market_bureau, document_number=number), market_bureau, alice)
        accepted(make_record(acme, market_bureau, document_number="乙3号"), market_bureau, alice, wang)
        client.force_login(wang)
        page = text(client.get(QUEUE))
        for queue, label, length in (
            ("mine", "待我办理", 2),
            ("open", "办理中", 3),
            ("today", "今天到期", 2),
        ):
            assert f"{label} {length}" in page
            assert text(client.get(QUEUE, {"queue": queue})).count('class="field-number_and_hint"') == length

    def test_drafts_and_other_units_cases_are_not_there(
        self, client, general_record, market_bureau, alice, wang, outsider
    ):
        draft = prepared(general_record, market_bureau, alice)
        client.force_login(wang)
        assert draft.number not in text(client.get(QUEUE, {"queue": "all"}))
        steps.submit_case(case=draft, actor=alice, at=moment("2026-11-20 10:00"))
        assert draft.number in text(client.get(QUEUE, {"queue": "all"}))
        client.force_login(outsider)
        assert draft.number not in text(client.get(QUEUE, {"queue": "all"}))

    def test_search_finds_by_number_document_name_and_code(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        for term in (
            *(case.number, case.number[:14], case.number.lower()),
            *("宁市监处罚〔2026〕15号", "宁市监处罚[2026]", "宁市监处罚 （2026）１５号"),
            *("南京示例", "食品", "示例食品有限", "食 品有限"),
            *("91350100M000100Y43", "91350100m0001"),
        ):
            assert case.number in text(client.get(QUEUE, {"queue": "all", "q": term})), term
        for term in ("没有这个", "食", "品食", "%%", "__", "%", "南京%食品", "15号"):
            assert case.number not in text(client.get(QUEUE, {"queue": "all", "q": term})), term

    def test_a_case_is_found_by_the_name_that_its_subject_had(
        self, client, general_record, market_bureau, alice, wang, qian
    ):
        case = submitted(general_record, market_bureau, alice)
        record_subject_change(
            subject=general_record.subject, kind="rename", new_name="南京示例科技有限公司",
            changed_on=date(2026, 11, 20), proof=paper("变更通知书.pdf"), actor=qian,
            at=moment("2026-11-24 10:00"),
        )  # fmt: skip
        client.force_login(wang)
        assert case.number in text(client.get(QUEUE, {"q": " 南京示例食品有限公司"}))
        # A former name is found as a whole.
        assert case.number not in text(client.get(QUEUE, {"q": "示例食品"}))

    def test_a_closed_case_is_found_from_any_list(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        steps.decline_case(
            case=case, ground="elsewhere", reason="不在本省认定。", actor=wang, at=moment("2026-11-23 09:00")
        )
        client.force_login(wang)
        for queue in ("mine", "today", "overdue", "taken"):
            assert case.number not in text(client.get(QUEUE, {"queue": queue}))
            assert case.number in text(client.get(QUEUE, {"queue": queue, "q": case.number}))

    def test_another_units_case_is_not_found(self, client, general_record, market_bureau, alice, outsider):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(outsider)
        assert f"/{case.pk}/change/" not in text(client.get(QUEUE, {"q": case.number}))

    def test_as_many_queries_with_thirty_cases_as_with_three(
        self, client, acme, market_bureau, alice, wang, django_assert_max_num_queries
    ):
        for number in range(30):
            submitted(make_record(acme, market_bureau, document_number=f"丙{number}号"), market_bureau, alice)
        client.force_login(wang)
        # Three of them note the reading; each count is one that an index answers.
        with django_assert_max_num_queries(29):
            client.get(QUEUE)

    def test_applicants_and_people_without_a_role_have_no_desk(self, client, alice, wang):
        client.force_login(alice)
        assert client.get(QUEUE).status_code == 302 or client.get(QUEUE).status_code == 403
        StaffRole.objects.filter(user=wang).delete()
        client.force_login(wang)
        assert client.get(QUEUE).status_code == 403


class TestCasePage:
    def test_works(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        page = text(client.get(case_page(case)))
        for action in ("accept", "request_correction", "decline"):
            assert step_page(case, action) in page
        assert "履行完毕证明.pdf" in page
        assert "2026年11月25日（周三）" in page

    def test_only_the_decision_that_the_review_bears_out_is_offered(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
        client.force_login(zhao)
        page = text(client.get(case_page(case)))
        assert step_page(case, "grant") in page
        assert step_page(case, "refuse") not in page
        StaffRole.objects.create(user=li, role="approver")
        client.force_login(li)
        assert step_page(case, "grant") not in text(client.get(case_page(case)))

    def test_the_department_sees_and_cannot_act(self, client, general_record, market_bureau, alice, sun):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(sun)
        assert "没有需要您办理的步骤" in text(client.get(case_page(case)))
        assert client.get(step_page(case, "accept")).status_code == 404

    def test_not_yours(self, client, general_record, market_bureau, alice, outsider):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(outsider)
        assert client.get(case_page(case)).status_code == 404
        assert client.get("/admin/repairs/repaircase/zz/change/").status_code == 404


class TestSteps:
    def test_accept_says_what_follows_and_does_it(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        page = text(client.get(step_page(case, "accept")))
        assert "出具《信用修复申请受理通知书》" in page
        assert "7个工作日（第九条）" in page
        answer = client.post(step_page(case, "accept"), {"version": case.version})
        assert answer.url == case_page(case)
        case.refresh_from_db()
        assert case.status == "accepted"

    def test_not_yours(self, client, general_record, market_bureau, alice, li, outsider):
        case = submitted(general_record, market_bureau, alice)
        for person in (li, outsider):
            client.force_login(person)
            assert client.post(step_page(case, "accept"), {"version": case.version}).status_code == 404
        case.refresh_from_db()
        assert case.status == "submitted"

    def test_wrong_state_leads_back_to_the_case(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = granted(general_record, market_bureau, alice, wang, li, zhao)
        client.force_login(wang)
        page = client.post(step_page(case, "accept"), {"version": case.version}, follow=True)
        assert "“准予修复”的申请不能执行“受理”" in text(page)

    def test_an_unknown_step_does_not_exist(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        for action in ("submit", "record_receipt", "delete", "nothing"):
            assert client.post(step_page(case, action), {"version": case.version}).status_code == 404

    def test_a_case_that_another_officer_already_took(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        seen = case.version
        steps.draft_correction(
            case=case,
            defects=[Defect("other", "缺", "补")],
            actor=wang,
            at=moment("2026-11-25 09:00"),
        )
        steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-25 09:30"))
        client.force_login(wang)
        page = client.post(
            step_page(case, "decline"),
            {"version": seen, "ground": "elsewhere", "reason": "我写的很长的理由"},
            follow=True,
        )
        assert "待补正" in text(page)
        assert Document.objects.filter(kind="non_acceptance_notice").count() == 0

    def test_declining_without_a_reason(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        page = text(
            client.post(step_page(case, "decline"), {"version": case.version, "ground": "other_organ"})
        )
        assert 'href="#id_reason"' in page
        assert '<option value="other_organ" selected>' in page

    @pytest.mark.parametrize("action", ["accept", "decline"])
    def test_who_ends_the_examination_is_told_that_a_draft_is_dropped(
        self, client, general_record, market_bureau, alice, wang, action
    ):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        assert "草稿删除" not in text(client.get(step_page(case, action)))
        defects = [Defect("licence", "看不清", "重新扫描"), Defect("licence", "没有盖章", "盖章")]
        steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-24 09:00"))
        assert "没有发出的补正告知（2项）不再发出，草稿删除" in text(client.get(step_page(case, action)))

    def test_correction_items_are_kept_as_a_draft_and_sent_together(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        data = {
            "version": case.version,
            "items-TOTAL_FORMS": 3,
            "items-INITIAL_FORMS": 0,
            "items-0-material_kind": "licence",
            "items-0-defect": "没有公章",
            "items-0-requirement": "请盖章",
            "items-2-material_kind": "fulfilment",
            "items-2-defect": "看不清",
            "items-2-requirement": "请重新扫描",
        }
        answer = client.post(step_page(case, "request_correction"), data | {"draft": ""})
        assert answer.url == step_page(case, "request_correction")
        case.refresh_from_db()
        assert case.status == "submitted"
        assert "补正告知未发出" in text(client.get(QUEUE))
        assert "没有公章" in text(client.get(step_page(case, "request_correction")))
        client.post(step_page(case, "request_correction"), data | {"take": ""})
        case.refresh_from_db()
        assert case.status == "correcting"
        assert len(Document.objects.get(kind="correction_notice").content["items"]) == 2

    def test_half_an_item_is_named(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        data = {
            "version": case.version,
            "items-TOTAL_FORMS": 1,
            "items-INITIAL_FORMS": 0,
            "items-0-material_kind": "licence",
            "items-0-defect": "没有公章",
            "items-0-requirement": "",
            "take": "",
        }
        page = text(client.post(step_page(case, "request_correction"), data))
        assert "材料、问题和补正要求都要填写" in page
        assert "没有公章" in page

    def test_more_items_are_asked_for_without_saving(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        data = {
            "version": case.version,
            "items-TOTAL_FORMS": 3,
            "items-INITIAL_FORMS": 0,
            "items-0-defect": "没有公章",
            "more": "",
        }
        page = text(client.post(step_page(case, "request_correction"), data))
        assert "第 6 项" in page and "第 7 项" not in page and "没有公章" in page
        assert not case.correction_notices.exists()

    def test_answers_to_a_correction_stand_beside_the_verdicts(
        self, client, general_record, market_bureau, alice, wang, li
    ):
        case = resubmitted(general_record, market_bureau, alice, wang)
        case.correction_notices.get().items.update(answer="已重新扫描，金额以第二页为准。")
        case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-24 11:00"))
        with time_machine.travel(moment("2026-11-24 12:00"), tick=False):
            client.force_login(li)
            page = text(client.get(step_page(case, "review")))
        assert "申请人答复：已重新扫描，金额以第二页为准。" in page

    def test_review_wants_a_verdict_on_each_point(
        self, client, general_record, market_bureau, alice, wang, li
    ):
        case = accepted(general_record, market_bureau, alice, wang)
        client.force_login(li)
        page = text(client.post(step_page(case, "review"), {"version": case.version}))
        assert "请选择“属实”或者“不属实”" in page
        open_papers(case, li)
        data = {"version": case.version, "opinion": "材料齐全。"}
        for code in all_confirmed(case):
            data[f"verdict_{code}"] = "yes"
        client.post(step_page(case, "review"), data)
        case.refresh_from_db()
        assert case.status == "under_review"
        assert case.reviews.get().opinion == "材料齐全。"

    def test_grant_and_refuse_follow_the_review(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
        client.force_login(zhao)
        page = client.post(step_page(case, "refuse"), {"version": case.version})
        assert page.status_code == 409
        assert "不能不予修复" in text(page)
        client.post(step_page(case, "grant"), {"version": case.version})
        case.refresh_from_db()
        assert case.status == "granted"

    def test_returning_needs_a_reason(self, client, general_record, market_bureau, alice, wang, li, zhao):
        case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
        client.force_login(zhao)
        assert 'href="#id_reason"' in text(client.post(step_page(case, "return"), {"version": case.version}))
        client.post(step_page(case, "return"), {"version": case.version, "reason": "请核对滞纳金。"})
        case.refresh_from_db()
        assert case.status == "accepted"

    def test_an_objecting_case_points_to_the_objection(
        self, client, general_record, market_bureau, alice, wang, li, zhao, second_approver
    ):
        from applications.objections.steps import file_objection

        case = refused(general_record, market_bureau, alice, wang, li, zhao, at="2026-11-25 09:00")
        objection = file_objection(
            case=case, disputed=[], grounds="已缴清", actor=alice, at=moment("2026-11-25 09:30")
        )
        client.force_login(second_approver)
        assert reverse("admin:objections_objection_change", args=[objection.pk]) in text(
            client.get(case_page(case))
        )
