"""Pages that somebody opens again later say what is so then."""

import pytest
import time_machine
from django.urls import reverse

from applications.repairs import steps
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.repairs.sitting import sat
from tests.repairs.steps import accepted, granted, submitted

pytestmark = pytest.mark.django_db


def receipt_page(client, case, at):
    with time_machine.travel(moment(at), tick=False):
        client.force_login(case.filing.applicant)
        return text(client.get(reverse("repairs:submitted", args=[case.number])))


def test_the_page_of_the_receipt_promises_no_answer_that_was_given(
    client, general_record, market_bureau, alice, wang
):
    case = accepted(general_record, market_bureau, alice, wang)
    page = receipt_page(client, case, "2026-11-24 10:00")
    assert "申请已提交" in page and "材料是否齐全" not in page
    # Seven working days from Monday, 23 November.
    assert "正在审查您的申请，最迟 2026年12月2日（周三） 24:00 前作出决定，还剩 6 个工作日。" in page


def test_nor_one_that_is_late_or_not_owed(client, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    # Three working days from Friday, 20 November: the 25th.
    page = receipt_page(client, case, "2026-11-27 10:00")
    assert "法定期限 2026年11月25日（周三） 已过，已逾期2个工作日。" in page and "最迟" not in page
    steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-27 11:00"))
    assert "申请已撤回。需要时可以重新申请。" in receipt_page(client, case, "2026-11-27 12:00")


def test_nor_an_answer_where_the_decision_is_on_its_way(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    page = receipt_page(client, case, "2026-11-25 12:00")
    assert "准予信用修复。" in page and "材料是否齐全" not in page


def test_what_was_given_up_does_not_go_on(client, general_record, market_bureau, alice):
    """The page that asks before one of a sitting is withdrawn speaks of those alone that are before officers."""
    other = make_record(general_record.subject, market_bureau, document_number="宁市监处罚〔2026〕16号")
    first, second = sat(alice, [(general_record, market_bureau), (other, market_bureau)])
    steps.submit_filing(
        filing=first.filing,
        versions={each.number: each.version for each in (first, second)},
        actor=alice,
        at=moment("2026-11-20 10:00"),
    )
    client.force_login(alice)
    asked = reverse("repairs:withdraw", args=[first.number])
    assert "与它一并申请的其他各件照常办理" in text(client.get(asked))
    second.refresh_from_db()
    steps.withdraw_case(case=second, actor=alice, at=moment("2026-11-20 11:00"))
    assert "照常办理" not in text(client.get(asked))
