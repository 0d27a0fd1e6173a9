"""Every way of a legal representative, from the first page to what became of it, in a real browser at 360 and 1280 px (Articles
7 to 13). It is Monday, 23 November 2026, 10:00."""

from datetime import date

import pytest

from applications.documents.services import render_document
from applications.objections.models import Objection
from applications.objections.steps import handle_objection
from applications.repairs import steps
from applications.reports.models import ReportRequest
from applications.reports.requests import grant_request
from applications.training.models import TrainingCertificate
from tests.documents.offline_tools import verifier
from tests.fixtures import TODAY, make_record, moment
from tests.on_paper import qr_on
from tests.repairs.steps import all_confirmed, open_papers, refused_as, unsigned
from tests.training.offering import open_course
from tests.ways.officers import accepted, case_of, decided_on_the_25th, granted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("credit_bureau"),
]


def test_granted_in_english_and_without_javascript(visits, it_is, general_record, alice, wang, li, zhao):
    she = visits(english=True, javascript=False)
    she.opens("/", "申请信用修复")
    she.signs_in(alice)
    she.begins(general_record)
    she.fills_in()
    she.signs()
    number = case_of(general_record).number
    she.reads(
        number, "Received at 23 November 2026 10:00:00", "by 24:00 on 26 November 2026 (Thu) at the latest"
    )
    she.follows("查看办理进度", "办理进度")
    she.reads(
        "is examining whether the materials are complete and answers by 24:00 on 26 November 2026 (Thu) at the"
        " latest; working days left: 3.",
        "(filed: online)",
    )
    # Until it is decided, everybody finds it.
    she.searches_the_public_list(general_record.document_number)
    she.reads("南京示例食品有限公司", "1 May 2026 to 1 May 2027")

    granted(general_record, wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(general_record)
    she.reads(
        "Repair is granted. The record has been annotated, and its publicity has ended.",
        "completes that by 24:00 on 27 November 2026 (Fri) at the latest; working days left: 2.",
        "宁市监信修准〔2026〕1号, 25 November 2026 (Wed)",
        "ended on 25 November 2026 10:00",
    )
    she.searches_the_public_list(general_record.document_number)
    she.reads("Nothing is under publicity.")


def test_refused_objected_to_and_then_granted(
    visits, it_is, general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    she = visits()
    unsigned(general_record, market_bureau, alice)
    she.signs_in(alice)
    she.goes_on_with_a_draft()
    she.follows("核对并提交", "提交前请核对")
    she.signs()
    case = refused_as(case_of(general_record), wang, li, zhao)

    it_is("2026-11-26 10:00")
    she.comes_back(alice, case_of(general_record))
    she.reads(
        "不予信用修复。不同意的，可以提出异议", "缴款凭证金额与决定书不符。", "可以重新提出申请，不限次数"
    )
    she.follows("对不予修复提出异议", "对不予修复提出异议")
    she.reads("今天提交，最迟 2026年12月3日（周四） 作出处理。")
    she.fills({"事实和理由": "罚款已于2026年6月2日缴清，凭证写明金额。"})
    she.hands_in("银行回单", "证据材料")
    she.presses("提交异议", "办理进度")
    she.reads(
        "异议已收到。", "正在核实您的异议，最迟 2026年12月3日（周四） 24:00 前作出处理，还剩 5 个工作日。"
    )

    objection = Objection.objects.get()
    open_papers(case, second_approver, "2026-11-27 09:00", *(each.file for each in objection.evidence.all()))
    handle_objection(
        objection=objection,
        overturn=True,
        checklist=all_confirmed(case_of(general_record), date(2026, 11, 27)),
        reasons="经核实，罚款已缴清。",
        actor=second_approver,
        at=moment("2026-11-27 10:00"),
    )
    it_is("2026-11-27 11:00")
    she.comes_back(alice, case_of(general_record))
    # The refusal is on its way to the platform as well, until today; what the sentence is about is the grant.
    she.reads(
        "准予信用修复。该信息已经标注，并已停止公示。",
        "最迟 2026年12月1日（周二） 24:00 前完成",
        "撤销原决定，准予修复 2026年11月27日 10:00",
    )
    she.finds_nothing_public(general_record)


def test_withdrawn_applied_for_again_corrected_and_granted(
    visits, it_is, general_record, market_bureau, alice, wang, li, zhao
):
    she = visits()
    unsigned(general_record, market_bureau, alice)
    she.signs_in(alice)
    she.goes_on_with_a_draft()
    she.follows("核对并提交", "提交前请核对")
    she.signs()
    first = case_of(general_record)
    she.follows("查看办理进度", "办理进度")
    she.follows("撤回申请", "撤回这件申请？")
    she.presses("撤回申请", "我的失信记录")
    she.reads(f"申请{first.number}已撤回。", "上一次申请：已撤回")

    # Nothing is asked for again but the signature.
    she.follows("申请修复", "开始申请信用修复", within=she.row(general_record))
    she.reads("再用以前的材料", "证照材料复印件（加盖公章）.pdf", "履行完毕证明.pdf")
    she.presses("开始申请", "提交前请核对")
    she.signs()
    second = case_of(general_record)
    assert second.number != first.number
    she.reads(second.number)

    defects = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=second, defects=defects, actor=wang, at=moment("2026-11-23 14:00"))
    steps.ask_for_correction(case=second, actor=wang, at=moment("2026-11-23 14:00"))
    it_is("2026-11-24 10:00")
    she.comes_back(alice, second)
    she.reads("请补正材料。补正没有期限；提交补正后，办理机构重新答复。")
    she.follows("补正材料", "补正材料")
    she.reads("已答复 0/1 项", "凭证不清晰。", "请重新扫描。")
    she.hands_in("新凭证", "补正材料")
    she.presses("提交补正", "补正已提交")
    she.reads(
        second.number, "正在审查材料是否齐全，最迟 2026年11月27日（周五） 24:00 前答复，还剩 3 个工作日。"
    )

    accepted(general_record, wang, "2026-11-24 10:00")
    she.follows("查看办理进度", "办理进度")
    she.reads("正在审查您的申请，最迟 2026年12月3日（周四） 24:00 前作出决定，还剩 7 个工作日。")

    decided_on_the_25th(general_record, li, zhao)
    it_is("2026-11-25 11:00")
    she.comes_back(alice, second)
    she.reads(
        "准予信用修复。该信息已经标注，并已停止公示。",
        "一次性告知补正 2026年11月23日 14:00",
        "补正已提交 2026年11月24日 10:00",
    )
    she.finds_nothing_public(general_record)


def test_three_records_in_one_sitting(visits, it_is, acme, market_bureau, alice, wang, li, zhao):
    first, second, third = records = [
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
    she.reads("南京示例食品有限公司一并申请 3 条记录。", "已完成 0/9")
    # What all share first, and then each: nothing is left out on the way.
    she.says_how_to_be_reached("证照材料复印件（加盖公章）")
    she.uploads("营业执照")
    she.follows("不再上传，继续", "纠正失信行为、履行义务的日期")
    for record, then in zip(records, ["纠正失信行为、履行义务的日期"] * 2 + ["提交前请核对"], strict=True):
        she.reads(f"关于 {record}")
        she.shows_it_was_made_good(then, f"{record}的缴款凭证")
    she.signs()
    she.reads("3 件申请", *(case_of(record).number for record in records))

    granted(first, wang, li, zhao)
    refused_as(case_of(second), wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.signs_in(alice)
    she.finds_its_case(first)
    she.reads("准予信用修复。该信息已经标注，并已停止公示。")
    # Each was decided on its own, and leads to the others.
    she.follows(case_of(second).number, "办理进度")
    she.reads("不予信用修复。", "缴款凭证金额与决定书不符。")
    she.follows(case_of(third).number, "办理进度")
    she.reads("正在审查材料是否齐全，最迟 2026年11月26日（周四） 24:00 前答复，还剩 1 个工作日。")
    she.opens(f"/search/?q={acme.name}", "查询公示")
    she.reads(second.document_number, third.document_number)
    she.does_not_read(first.document_number)


def test_serious_with_a_certificate_and_a_report_of_ours_to_paper_that_proves_itself(
    visits, it_is, serious_record, alice, qian, wang, li, zhao
):
    open_course(qian)
    she = visits()
    she.signs_in(alice)
    she.follows("我的培训", "我的培训")
    she.follows("看看有哪些课程和现场培训", "信用修复培训")
    she.follows("信用修复入门", "信用修复入门")
    she.presses("开始学习", "第1讲")
    she.presses("读完了，下一章", "第2讲")
    she.presses("读完了，去测验", "测验")
    she.chooses("6个月", "不收")
    she.presses("交卷", "测验合格")
    certificate = TrainingCertificate.objects.get()
    she.reads(f"培训证书 {certificate.number} 已经出具，参加人 陈示例，信用主体 南京示例食品有限公司。")
    # As the worker does.
    render_document(certificate.document_id, at=TODAY)

    she.follows("我的修复", "我的修复")
    she.follows("我的信用报告", "信用报告")
    she.follows("申请南京示例食品有限公司的信用报告", "申请信用报告")
    she.chooses("信用修复版：列示全部失信行为信息，已修复的附标注，用于申请信用修复")
    she.fills({"用途": "申请信用修复"})
    she.page.get_by_label("出具单位").select_option(label="南京市公共信用信息中心")
    she.presses("提交申请", "信用报告申请")
    she.reads("南京市公共信用信息中心已收到申请，还没有出具。")
    report = grant_request(asked=ReportRequest.objects.get(), actor=qian, at=TODAY)
    render_document(report.document_id, at=TODAY)

    # Both attach themselves.
    she.follows("我的修复", "我的修复")
    she.begins(serious_record)
    she.reads("已完成 3/8")
    she.fills_in()
    she.reads(f"2026年11月23日（周一） {certificate.number}", report.number)
    she.signs()
    she.reads(case_of(serious_record).number)

    granted(serious_record, wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.comes_back(alice, case_of(serious_record))
    she.reads("准予信用修复。该信息已经标注，并已停止公示。")
    she.finds_nothing_public(serious_record)

    # What was handed in says today what is no longer so; the new report comes in its place.
    she.opens("/reports/", "信用报告")
    she.follows(report.number, "信用报告")
    she.reads("所载信息在签发后有变化")
    she.follows("申请新报告取代这一份", "申请信用报告")
    she.chooses("信用修复版：列示全部失信行为信息，已修复的附标注，用于申请信用修复")
    she.fills({"用途": "投标"})
    she.page.get_by_label("出具单位").select_option(label="南京市公共信用信息中心")
    she.presses("提交申请", "信用报告申请")
    now = moment("2026-11-25 11:00")
    newer = grant_request(asked=ReportRequest.objects.latest("pk"), actor=qian, at=now)
    render_document(newer.document_id, at=now)
    she.follows("信用报告", "信用报告")
    paper = she.takes(f"下载 {newer.number}")

    # Whoever is given the paper, and has no account, points a telephone at it.
    stranger = visits()
    address = qr_on(paper)
    assert address.startswith(f"{stranger.site}/v/{newer.document.verification_code}/#")
    stranger.opens(address.removeprefix(stranger.site), "核验结果")
    stranger.reads("这份文书真实有效。", newer.number, "南京示例食品有限公司")
    stranger.page.goto(f"{stranger.site}/v/{report.document.verification_code}/")
    stranger.reads(f"（{newer.number}）取代，请以新文书为准。")
    # Or asks nobody: with what the portal published that day.
    check, keys = verifier(), stranger.keeps("/v/keys.json")
    day = date(2026, 11, 25)
    lists = [stranger.keeps(f"/v/status/{day}-1.json")]
    told = check.check_qr(address, keys, lists, day)
    assert (told["valid"], told["number"]) == (True, newer.number)
    assert told["facts"]["addressee"] == "南京示例食品有限公司"
    told = check.check_pdf(paper, keys, lists, day)
    assert (told["valid"], told["number"]) == (True, newer.number)
    certificate.document.refresh_from_db()
    with certificate.document.pdf.file.open("rb") as file:
        told = check.check_qr(qr_on(file.read()), keys, [stranger.keeps("/v/status/2026-11-23-1.json")], day)
    assert (told["valid"], told["number"]) == (True, certificate.number)
