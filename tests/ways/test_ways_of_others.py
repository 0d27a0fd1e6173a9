"""The ways of whoever is not the legal representative of a company: an employee, an agent, and a person with a record of its own.
It is Monday, 23 November 2026."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import PASSWORD, make_record, make_user
from tests.repairs.steps import unsigned
from tests.subjects.claims import PERSON, approved
from tests.ways.officers import case_of, granted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("credit_bureau"),
]


def on_the_telephone(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_representative_signs_by_a_link_on_another_telephone(
    visits, it_is, general_record, market_bureau, bob, wang, li, zhao
):
    he = visits()
    unsigned(general_record, market_bureau, bob)
    he.signs_in(bob)
    he.goes_on_with_a_draft()
    he.follows("签署信用修复承诺书", "信用修复承诺书")
    he.reads("承诺书应由法定代表人（负责人）陈示例签署。您的账号登记的不是这个姓名")
    he.follows("法定代表人（负责人）在自己的手机上签署", "法定代表人（负责人）在自己的手机上签署")
    he.chooses("我来转交：生成网址和二维码，用微信、短信等发给签署人，或者当面扫码")
    he.presses("生成签署链接", "法定代表人（负责人）在自己的手机上签署")
    he.reads("给陈示例的签署链接，2026年11月26日10:00以前有效，只能签署一次。")
    link = he.page.locator("code").inner_text()

    she = visits()
    she.opens(f"/sign/{link.rstrip('/').rpartition('/')[2]}/", "签署信用修复承诺书")
    she.fills({"您的姓名": "陈示例", "您的身份证件号码后六位": "01123X"})
    she.presses("下一步：查看承诺书全文", "信用修复承诺书全文")
    she.reads("签署人：陈示例。申请由鲍经办办理。", "宁市监处罚〔2026〕15号")
    she.chooses("同意公开")
    she.page.get_by_label("我已阅读承诺书全文，同意按此承诺").check()
    she.fills({"输入姓名作为签名": "陈示例"})
    she.presses("签署承诺书", "承诺书已签署")

    he.follows("信用修复承诺书", "信用修复承诺书")
    he.reads("陈示例，2026年11月23日")
    he.follows("返回申请", "填写信用修复申请")
    he.reads("已完成 5/5")
    he.follows("核对并提交", "提交前请核对")
    he.presses("提交申请", "申请已提交")
    he.reads(
        case_of(general_record).number,
        "南京市市场监督管理局正在审查材料是否齐全，最迟 2026年11月26日（周四） 24:00 前答复，还剩 3 个工作日。",
    )

    granted(general_record, wang, li, zhao)
    it_is("2026-11-25 11:00")
    he.comes_back(bob, case_of(general_record))
    he.reads("准予信用修复。该信息已经标注，并已停止公示。")


def test_an_agent_with_a_power_of_attorney(visits, it_is, general_record, qian, wang, li, zhao):
    agent = make_user("dai@example.com", "戴代理")
    she = visits()
    she.signs_in(agent)
    she.follows("认领单位或者本人", "认领信用主体")
    she.chooses("法人及非法人组织")
    she.presses("继续", "认领法人及非法人组织")
    she.chooses("受委托的代理人", "全部信用修复事项")
    she.fills({"名称": "南京示例食品有限公司", "统一社会信用代码": "91350100M000100Y43"})
    she.fills({"授权截止日期": "2026-12-31"})
    she.hands_in("营业执照和授权委托书", "营业执照或登记证书")
    she.presses("提交认领", "我的信用主体")
    she.reads("待核验", "全部事项，到2026年12月31日（周四）为止")
    approved(Claim.objects.get(), qian)

    she.follows("查看失信记录、申请修复", "我的修复")
    she.begins(general_record)
    she.fills_in("信用修复承诺书")
    she.follows("受托人代签", "受托人代签")
    she.follows("上传授权委托书", "授权委托书")
    she.uploads("授权委托书")
    she.follows("不再上传，继续", "信用修复承诺书")
    she.follows("受托人代签", "受托人代签")
    she.reads("承诺书上会写：受托人戴代理（依据授权委托书）代南京示例食品有限公司签署。", "授权委托书.pdf")
    she.page.get_by_label("已上传的授权委托书写明我可以代为签署信用修复承诺书").check()
    she.chooses("同意公开")
    she.fills({"登录密码": PASSWORD})
    she.presses("以受托人身份签署", "提交前请核对")
    she.reads("承诺书已签署。", "戴代理")
    she.presses("提交申请", "申请已提交")
    she.reads(case_of(general_record).number)

    granted(general_record, wang, li, zhao)
    it_is("2026-11-25 11:00")
    she.comes_back(agent, case_of(general_record))
    she.reads("准予信用修复。该信息已经标注，并已停止公示。")
    she.finds_nothing_public(general_record)


def test_a_person_with_a_record_of_its_own(visits, it_is, market_bureau, qian, wang, li, zhao):
    zhang = Subject.objects.create(
        kind="natural_person", name="张小明", identity_type="resident_id", identity_number=PERSON,
        identity_digest=identity_digest("resident_id", PERSON),
    )  # fmt: skip
    record = make_record(zhang, market_bureau)
    person = make_user("zhang@example.com", "张小明")
    he = visits()
    he.signs_in(person)
    he.follows("认领单位或者本人", "认领信用主体")
    he.chooses("自然人")
    he.presses("继续", "认领自然人")
    he.follows("开启两步验证", "请再次输入密码")
    he.fills({"密码": PASSWORD})
    he.presses("继续", "开启两步验证")
    secret = he.page.locator("code").inner_text()
    he.fills({"验证码": on_the_telephone(secret)})
    he.presses("开启", "备用码")
    he.follows("去认领信用主体", "认领信用主体")
    he.chooses("自然人")
    he.presses("继续", "认领自然人")
    he.chooses("本人")
    he.fills({"姓名": "张小明", "证件号码": PERSON})
    he.hands_in("身份证", "身份证件")
    he.presses("提交认领", "我的信用主体")
    he.reads("待核验", "3201**********6515")
    approved(Claim.objects.get(), qian)

    he.follows("查看失信记录、申请修复", "我的修复")
    he.begins(record)
    he.fills_in(papers=("身份证件复印件", "身份证"))
    he.signs()
    he.reads(case_of(record).number)
    # Everybody who knows the whole name finds it, and less of it than that.
    he.searches_the_public_list("张小明")
    he.reads("张*明")
    he.does_not_read(PERSON)

    granted(record, wang, li, zhao)
    it_is("2026-11-25 11:00")
    he.searches_the_public_list("张小明")
    # The commitment stays, the record is gone.
    he.reads("信用修复型", "张*明")
    he.does_not_read(record.document_number)
