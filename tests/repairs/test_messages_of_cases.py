"""What an applicant is told says whose record it is about, who has it in hand, what is asked, and until when."""

import pytest

from applications.notifications.models import Message
from applications.repairs import steps
from applications.repairs.messages import tell_applicant
from applications.repairs.models import Filing, RepairCase
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from rules.procedure import find_step
from tests.fixtures import TODAY, make_record, moment
from tests.repairs.receptions import RESIDENT_ID
from tests.repairs.steps import accepted, refused, submitted

pytestmark = pytest.mark.django_db


def told(case):
    return Message.objects.filter(about=case.number, channel="email").latest("id")


def about(case):
    return f"信用主体：{case.record.subject}；决定书文号：{case.record}；办理机构：{case.organ}。"


def test_whoever_acts_for_it_too_hears_until_when_whether_it_is_complete(
    general_record, market_bureau, alice, bob
):
    # On Friday the 20th: Monday, Tuesday, Wednesday.
    case = submitted(general_record, market_bureau, alice)
    message = told(case)
    assert message.recipient == bob
    assert message.subject == f"{case.number} {general_record.subject} {general_record}：提交申请"
    assert "南京市市场监督管理局最迟2026年11月25日（周三）答复材料是否齐全。" in message.body
    assert message.body.endswith(about(case))


def test_the_one_who_was_accepted_hears_until_when_it_is_decided(general_record, market_bureau, alice, wang):
    # On Monday the 23rd; seven working days end on Wednesday of the week after.
    case = accepted(general_record, market_bureau, alice, wang)
    assert "南京市市场监督管理局最迟2026年12月2日（周三）作出决定。" in told(case).body
    assert told(case).body.endswith(about(case))


def test_the_one_who_is_asked_for_papers_hears_which(general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    items = [
        steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。"),
        steps.Defect("licence", "没有盖章。", "请盖章。"),
        steps.Defect("licence", "缺一页。", "请补上。"),
    ]
    steps.draft_correction(case=case, defects=items, actor=wang, at=moment("2026-11-23 10:00"))
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 11:00"))
    assert "需要补正材料：履行完毕证明、证照材料复印件（加盖公章）。" in told(case).body


def test_the_one_who_was_refused_hears_why(general_record, market_bureau, alice, wang, li, zhao):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    assert told(case).body.startswith("不予信用修复。\n理由1：第四条：尚有法定责任和义务没有履行完毕：罚款。")


def test_a_persons_name_is_masked_where_a_mail_may_lie_open(market_bureau, alice, bob):
    person = Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name="陈示例",
        identity_type="resident_id",
        identity_number=RESIDENT_ID,
        identity_digest=identity_digest("resident_id", RESIDENT_ID),
    )
    for user in (alice, bob):
        Claim.objects.create(user=user, subject=person, status=Claim.Status.VERIFIED, made_at=TODAY)
    case = RepairCase(
        number="XF-320100-2026-000001-0",
        record=make_record(person, market_bureau, document_number="宁市监罚〔2026〕9号"),
        organ=market_bureau,
        filing=Filing(applicant=alice),
        version=1,
    )
    step = find_step("draft", "submit")
    tell_applicant(case=case, step=step, message="申请已提交。", documents={}, actor=alice, at=TODAY)
    assert "陈示例" not in told(case).body + told(case).subject
    assert "信用主体：陈*例" in told(case).body
