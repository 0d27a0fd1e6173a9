"""Every way an applicant can go, from the first page to what became of it, in a real browser at 360 and 1280 px (Articles 7 to
13). It is Monday, 23 November 2026."""

from datetime import date

import pytest

from applications.documents.services import render_document
from applications.objections.models import Objection
from applications.objections.steps import handle_objection
from applications.reports.models import ReportRequest
from applications.reports.requests import grant_request
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.training.models import TrainingCertificate
from tests.fixtures import make_record, moment
from tests.repairs.steps import all_confirmed, open_papers, refused_as
from tests.training.offering import open_course
from tests.ways.officers import accepted, case_of, granted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("credit_bureau"),
]


def test_granted_in_english_and_without_javascript(visits, it_is, general_record, alice, wang, li, zhao):
    she = visits(english=True, javascript=False)
    she.signs_in(alice)
    she.begins(general_record)
    she.fills_in()
    she.signs()
    case = case_of(general_record)
    she.reads(case.number)
    she.follows("查看办理进度", "办理进度")
    she.searches_the_public_list(general_record.document_number)
    she.reads("南京示例食品有限公司")
    granted(case, wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(general_record)
    she.searches_the_public_list(general_record.document_number)
    she.reads(she.says("无公示信息。"))


def test_corrected_and_then_granted(visits, it_is, general_record, alice, wang, li, zhao):
    she = visits()
    she.signs_in(alice)
    she.begins(general_record)
    she.fills_in()
    she.signs()
    case = case_of(general_record)
    defects = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-23 14:00"))
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 14:00"))
    it_is("2026-11-23 15:00")
    she.signs_in(alice)
    she.follows("补正材料", "补正材料")
    she.reads("凭证不清晰。", "请重新扫描。", "已答复 0/1 项")
    she.hands_in("新凭证", "补正材料")
    she.presses("提交补正", "补正已提交")
    she.follows("查看办理进度", "办理进度")
    granted(RepairCase.objects.get(), wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(general_record)
    she.searches_the_public_list(general_record.document_number)
    she.reads("无公示信息。")


def test_refused_objected_to_and_then_granted(
    visits, it_is, general_record, alice, wang, li, zhao, second_approver
):
    she = visits()
    she.signs_in(alice)
    she.begins(general_record)
    she.fills_in()
    she.signs()
    case = refused_as(case_of(general_record), wang, li, zhao)
    it_is("2026-11-26 10:00")
    she.signs_in(alice)
    she.finds_its_case(general_record)
    she.follows("对不予修复提出异议", "对不予修复提出异议")
    she.fills({"事实和理由": "罚款已于2026年6月2日缴清，凭证写明金额。"})
    she.hands_in("银行回单", "证据材料")
    she.presses("提交异议", "办理进度")
    objection = Objection.objects.get()
    open_papers(case, second_approver, "2026-11-27 09:00", *(each.file for each in objection.evidence.all()))
    handle_objection(
        objection=objection,
        overturn=True,
        checklist=all_confirmed(RepairCase.objects.get(), date(2026, 11, 27)),
        reasons="经核实，罚款已缴清。",
        actor=second_approver,
        at=moment("2026-11-27 10:00"),
    )
    it_is("2026-11-27 11:00")
    she.signs_in(alice)
    she.finds_its_case(general_record)
    she.searches_the_public_list(general_record.document_number)
    she.reads("无公示信息。")


def test_withdrawn_and_applied_for_again(visits, it_is, general_record, alice, wang, li, zhao):
    she = visits()
    she.signs_in(alice)
    she.begins(general_record)
    she.fills_in()
    she.signs()
    first = case_of(general_record)
    she.follows("查看办理进度", "办理进度")
    she.follows("撤回申请", "撤回这件申请？")
    she.presses("撤回申请", "我的失信记录")
    she.follows("申请修复", "开始申请信用修复", within=she.row(general_record))
    she.presses("开始申请", "提交前请核对")
    she.signs()
    case = case_of(general_record)
    assert case != first
    she.follows("查看办理进度", "办理进度")
    granted(case, wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(general_record)


def test_three_records_in_one_sitting(visits, it_is, acme, market_bureau, alice, wang, li, zhao):
    records = [
        make_record(
            acme, market_bureau, document_number=f"宁市监处罚〔2026〕{n}号", decided_on=date(2026, 5, n)
        )
        for n in (15, 16, 17)
    ]
    she = visits()
    she.signs_in(alice)
    she.follows("我的失信记录", "我的失信记录")
    she.chooses(*(f"一并申请：{record}" for record in records))
    she.presses("一并申请勾选的记录", "一并申请信用修复")
    she.presses("开始一并申请", "填写一并申请")
    she.says_how_to_be_reached("证照材料复印件（加盖公章）")
    she.uploads("营业执照")
    she.follows("不再上传，继续", "纠正失信行为、履行义务的日期")
    she.shows_it_was_made_good("纠正失信行为、履行义务的日期", "第一张缴款凭证")
    she.shows_it_was_made_good("纠正失信行为、履行义务的日期", "第二张缴款凭证")
    she.shows_it_was_made_good("提交前请核对", "第三张缴款凭证")
    she.signs()
    first, second, third = (case_of(record) for record in records)
    granted(first, wang, li, zhao)
    refused_as(second, wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(records[0])
    she.follows("我的修复", "我的修复")
    she.finds_its_case(records[1])
    she.follows(third.number, "办理进度")


def test_serious_with_a_certificate_and_a_report_of_ours(
    visits, it_is, serious_record, alice, qian, wang, li, zhao
):
    open_course(qian)
    she = visits()
    she.signs_in(alice)
    she.opens("/", "申请信用修复")
    she.follows("信用修复培训", "信用修复培训")
    she.follows("信用修复入门", "信用修复入门")
    she.presses("开始学习", "第1讲")
    she.presses("读完了，下一章", "第2讲")
    she.presses("读完了，去测验", "测验")
    she.chooses("12个月")
    she.chooses("收")
    she.presses("交卷", "测验没有合格")
    she.follows("再考一次", "测验")
    she.chooses("6个月", "不收")
    she.presses("交卷", "测验合格")
    certificate = TrainingCertificate.objects.get()
    render_document(certificate.document_id, at=moment("2026-11-23 10:00"))
    she.follows("我的修复", "我的修复")
    she.follows("我的信用报告", "信用报告")
    she.follows("申请南京示例食品有限公司的信用报告", "申请信用报告")
    she.chooses("信用修复版：列示全部失信行为信息，已修复的附标注，用于申请信用修复")
    she.fills({"用途": "申请信用修复"})
    she.page.get_by_label("出具单位").select_option(label="南京市公共信用信息中心")
    she.presses("提交申请", "信用报告申请")
    report = grant_request(asked=ReportRequest.objects.get(), actor=qian, at=moment("2026-11-23 10:00"))
    render_document(report.document_id, at=moment("2026-11-23 10:00"))
    she.follows("信用报告", "信用报告")
    she.follows(report.number, "信用报告")
    she.follows("我的修复", "我的修复")
    she.begins(serious_record)
    she.fills_in()
    she.signs()
    granted(case_of(serious_record), wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(serious_record)
