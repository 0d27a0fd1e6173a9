"""The ways of whoever is not the legal representative of a company: an employee, an agent, and a person with a record of its own.
It is Monday, 23 November 2026."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import PASSWORD, make_record, make_user
from tests.subjects.claims import PERSON, approved
from tests.ways.officers import case_of, granted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("credit_bureau"),
]


def test_the_representative_signs_by_a_link_on_another_telephone(
    visits, it_is, general_record, bob, wang, li, zhao
):
    he, she = visits(), visits()
    he.signs_in(bob)
    he.begins(general_record)
    he.fills_in("信用修复承诺书")
    he.follows("法定代表人（负责人）在自己的手机上签署", "法定代表人（负责人）在自己的手机上签署")
    he.chooses("我来转交：生成网址和二维码，用微信、短信等发给签署人，或者当面扫码")
    he.presses("生成签署链接", "法定代表人（负责人）在自己的手机上签署")
    link = he.page.locator("code").inner_text()

    she.page.goto(he.site + "/sign/" + link.partition("/sign/")[2])
    she.looks_at("签署信用修复承诺书")
    she.fills({"您的姓名": "陈示例", "身份证件号码后六位": "01123X"})
    she.presses("下一步：查看承诺书全文", "信用修复承诺书全文")

    he.follows("信用修复承诺书", "信用修复承诺书")


def test_an_agent_with_a_power_of_attorney(visits, it_is, general_record, qian, wang, li, zhao):
    agent = make_user("dai@example.com", "戴代理")
    she = visits()
    she.signs_in(agent)
    she.follows("认领单位或者本人", "认领信用主体")
    she.chooses("法人及非法人组织")
    she.presses("继续", "认领法人及非法人组织")
    she.chooses("受委托的代理人", "全部信用修复事项")
    she.fills({"名称": "南京示例食品有限公司", "统一社会信用代码": "91350100M000100Y43", "授权截止日期": "2026-12-31"})
    she.hands_in("营业执照和授权委托书", "营业执照或登记证书")
    she.presses("提交认领", "我的信用主体")
    approved(Claim.objects.get(), qian)
    she.follows("查看失信记录、申请修复", "我的修复")
    she.begins(general_record)
    she.fills_in("信用修复承诺书")
    she.follows("受托人代签", "受托人代签")
    she.follows("上传授权委托书", "授权委托书")


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
    he.fills({"验证码": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    he.presses("开启", "备用码")
