"""Officers of every organ, one account a role, and the applicants of the demonstration. All at example.com."""

from random import Random
from typing import NamedTuple

from applications.sample.organs import SampleOrgan

# Known to everybody: the sample is not for a system that holds real data.
PASSWORD = "xiufu-shili-2020"
DOMAIN = "example.com"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"


class SampleOfficer(NamedTuple):
    email: str
    name: str
    organ: str
    roles: tuple[str, ...]


POSTS = {
    "identifying_unit": (
        ("intake", "受理", ("intake",)),
        ("reviewer", "审查", ("reviewer",)),
        ("approver", "审批", ("approver", "supervisor")),
    ),
    "credit_bureau": (
        ("intake", "受理", ("intake",)),
        ("reviewer", "审查", ("reviewer",)),
        ("approver", "审批", ("approver", "supervisor")),
        ("report", "报告", ("report_officer",)),
    ),
    # Two, since what one proposes (a calendar, a policy) another approves.
    "credit_management": (
        ("supervisor", "监督", ("supervisor",)),
        ("supervisor2", "复核", ("supervisor",)),
    ),
}
# Where the platform is run (Article 10), and where the demonstration has a second officer to decide objections.
PLATFORM_ORGAN = "js-xyzx"
PLATFORM_POSTS = (
    ("system", "系统", ("system_admin",)),
    ("security", "安全", ("security_admin",)),
    ("audit", "审计", ("audit_admin",)),
)
SECOND_APPROVER = ("approver2", "审批", ("approver",))


def make_officers(organs: list[SampleOrgan]) -> list[SampleOfficer]:
    random = Random(8)
    officers = []
    for organ in organs:
        posts = [*POSTS[organ.kind]]
        if organ.kind != "credit_management":
            posts.append(SECOND_APPROVER)
        if organ.code == PLATFORM_ORGAN:
            posts.extend(PLATFORM_POSTS)
        for post, word, roles in posts:
            officers.append(
                SampleOfficer(
                    f"{post}.{organ.code}@{DOMAIN}", random.choice(SURNAMES) + word, organ.code, roles
                )
            )
    return officers
