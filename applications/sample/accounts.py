"""The accounts of the sample that a person needs to try everything."""

from applications.sample.people import DOMAIN, PASSWORD
from applications.sample.province import APPLICANT, COLLEAGUE, DEMO_UNIT, NEWCOMER, PRIVATE_PERSON

SHOWN = (
    (APPLICANT, "申请人：南京云帆示例食品有限公司"),
    (COLLEAGUE, "同一公司的另一名经办人"),
    (PRIVATE_PERSON, "申请人：自然人"),
    (NEWCOMER, "已注册、尚未认领主体的用户"),
    (f"intake.{DEMO_UNIT}@{DOMAIN}", "认定单位（南京市市场监督管理局）受理岗，也导入记录"),
    (f"reviewer.{DEMO_UNIT}@{DOMAIN}", "认定单位 审查岗"),
    (f"approver.{DEMO_UNIT}@{DOMAIN}", "认定单位 审批岗、负责人"),
    (f"approver2.{DEMO_UNIT}@{DOMAIN}", "认定单位 另一名审批岗，办理异议"),
    (f"intake.nj-xyzx@{DOMAIN}", "公共信用信息工作机构（南京）受理岗"),
    (f"reviewer.nj-xyzx@{DOMAIN}", "公共信用信息工作机构 审查岗"),
    (f"approver.nj-xyzx@{DOMAIN}", "公共信用信息工作机构 审批岗、负责人"),
    (f"report.nj-xyzx@{DOMAIN}", "公共信用信息工作机构 报告岗"),
    (f"supervisor.nj-fgw@{DOMAIN}", "社会信用管理部门（南京）负责人"),
    (f"supervisor.js-fgw@{DOMAIN}", "社会信用管理部门（全省）负责人"),
    (f"supervisor2.js-fgw@{DOMAIN}", "社会信用管理部门（全省）另一名负责人，批准提议"),
    (f"system.js-xyzx@{DOMAIN}", "系统管理员"),
    (f"security.js-xyzx@{DOMAIN}", "安全管理员"),
    (f"audit.js-xyzx@{DOMAIN}", "审计管理员"),
)


def account_table() -> list[tuple[str, ...]]:
    """Headings, then e-mail, password and who it is. Officers of other organs: post.organ@example.com."""
    return [("账号 account", "密码 password", "身份 who"), *((email, PASSWORD, who) for email, who in SHOWN)]
