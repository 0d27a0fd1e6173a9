"""What the applicant's page of a case says first: how it stands, who must do what until when, and of a refusal why and what to
do."""

import re

import pytest
import time_machine
from django.urls import reverse

from applications.notifications.models import Message
from applications.repairs import steps
from applications.repairs.steps.decline import Ground
from tests.fixtures import moment
from tests.pages import text
from tests.repairs.steps import accepted, granted, refused, submitted

pytestmark = pytest.mark.django_db


def page_of(client, case, at="2026-11-26 10:00"):
    """As alice sees it at a moment."""
    with time_machine.travel(moment(at), tick=False):
        client.force_login(case.filing.applicant)
        return text(client.get(reverse("repairs:status", args=[case.number])))


def lead(page):
    found = re.search(r'<p class="lead-sentence.*?</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found[0]).split())


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-11-23 12:00", "还剩 7 个工作日。"),
        # Saturday: Monday, Tuesday and Wednesday are left.
        ("2026-11-28 12:00", "还剩 3 个工作日。"),
        ("2026-12-01 12:00", "还剩 1 个工作日。"),
        ("2026-12-02 12:00", "今天届满。"),
    ],
)
def test_it_says_who_must_do_what_until_when(client, general_record, market_bureau, alice, wang, at, end):
    case = accepted(general_record, market_bureau, alice, wang)
    assert lead(page_of(client, case, at)) == (
        f"南京市市场监督管理局正在审查您的申请，最迟 2026年12月2日（周三） 24:00 前作出决定，{end}"
    )


def test_a_refusal_says_why_and_what_to_do(client, general_record, market_bureau, alice, wang, li, zhao):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    page = page_of(client, case)
    assert lead(page).startswith("不予信用修复。") and "见决定书" not in lead(page)
    reasons = page[page.index("理由和怎样办") : page.index("办件编号")]
    words = re.sub(r"<[^>]+>", "", reasons)
    # The clause, what the officer found, what to do, what had been handed in, and how to apply again.
    assert "第四条" in words and "审查意见：缴款凭证金额与决定书不符。" in words
    assert "怎样符合：" in words and "您提交的有关材料：履行完毕证明.pdf" in words
    assert "怎样重新申请：具备上述条件后，可以重新提出申请，不限次数。" in words
    assert "行政复议和行政诉讼" in words and "60日内申请行政复议" in words
    assert page.index("理由和怎样办") < page.index("经过</h2>")
    # The same is said where it is read first.
    for message in Message.objects.filter(recipient=alice, key__contains="repair.refused"):
        assert "缴款凭证金额与决定书不符。" in message.body and "第四条" in message.body
        assert "可以重新提出申请，不限次数" in message.body and "5个工作日内处理" in message.body
    assert Message.objects.filter(recipient=alice, key__contains="repair.refused").count() == 2


def test_what_was_refused_is_history_once_it_is_repaired(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    granted(general_record, market_bureau, alice, wang, li, zhao, at="2026-11-26 10:00")
    page = page_of(client, case, "2026-11-27 10:00")
    assert "不需要再申请" in lead(page) and "理由和怎样办" not in page
    assert "不予信用修复决定书" in page


def test_what_is_not_accepted_says_where_to_go(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    steps.decline_case(
        case=case,
        ground=Ground.ELSEWHERE,
        reason="认定地为安徽省。",
        actor=wang,
        at=moment("2026-11-24 10:00"),
    )
    page = page_of(client, case)
    words = re.sub(r"<[^>]+>", "", page)
    assert lead(page) == "不予受理。理由和怎样办理见下。"
    assert "认定地为安徽省。" in words and "怎样办理：请向认定地的认定单位或者信用工作机构申请。" in words
    body = Message.objects.get(recipient=alice, channel="email", key__contains="declined").body
    assert "认定地为安徽省。" in body and "请向认定地的认定单位" in body


def test_void_and_replaced_letters_are_folded_away(client, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    from applications.documents.models import Document
    from applications.documents.services import void_document

    receipt = Document.objects.get(about=case.number, kind="receipt")
    void_document(document=receipt, reason="打印错误", actor=None, at=moment("2026-11-23 10:00"))
    page = page_of(client, case)
    head, _summary, folded = page.partition("其他文书（1份）")
    folded = folded[: folded.index("</details>")]
    assert receipt.number in folded and "已作废" in folded and receipt.number not in head
    # What holds stands before it.
    assert case.filing.commitment.document.number in head
