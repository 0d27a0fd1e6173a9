"""How a refusal stands while it is objected to, after the objection was upheld, and once its record was repaired."""

from datetime import date

import pytest
from django.urls import reverse

from applications.objections import steps
from applications.repairs.services import NotReady, start_case
from applications.repairs.steps import withdraw_case
from tests.fixtures import moment
from tests.repairs.steps import all_confirmed, granted

pytestmark = pytest.mark.django_db


@pytest.fixture
def upheld(case, objection, second_approver):
    """The refusal after the objection changed nothing."""
    steps.handle_objection(
        objection=objection,
        overturn=False,
        checklist=all_confirmed(case, date(2026, 11, 30), corrected="未整改。"),
        reasons="未整改",
        actor=second_approver,
        at=moment("2026-11-30 10:00"),
    )
    return case


def test_the_page_speaks_of_the_objection_first(client, case, objection, alice):
    # Whether the refusal has reached the platform is due earlier, and is not what the objector waits for.
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).text
    assert "南京市市场监督管理局正在核实您的异议，最迟 2026年12月4日（周五） 24:00 前作出处理，还剩" in page


def test_after_it_is_upheld_the_page_sends_nobody_to_object_again(client, upheld, alice):
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[upheld.number])).text
    assert "异议已处理，维持不予信用修复的决定" in page and "怎样提出异议" not in page


def test_what_was_repaired_since_is_not_objected_to(
    client, case, general_record, market_bureau, alice, wang, li, zhao
):
    granted(general_record, market_bureau, alice, wang, li, zhao)
    with pytest.raises(NotReady, match="另一件申请准予修复"):
        steps.file_objection(
            case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-27 10:00")
        )
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).text
    assert "已由后来的另一件申请准予修复，不需要再申请" in page
    assert "提出异议</a>" not in page and "重新申请</a>" not in page
    assert (
        "另一件申请准予修复" in client.get(reverse("objections:file", args=[case.number]), follow=True).text
    )


def test_beside_another_application_the_page_offers_no_objection(
    client, case, general_record, market_bureau, alice
):
    other = start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-26 10:00")
    )
    with pytest.raises(NotReady, match="请先撤回或者放弃"):
        steps.file_objection(
            case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 11:00")
        )
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).text
    assert "不同意的，可以提出异议" not in page and "提出异议</a>" not in page
    assert "这条信息已另有一件申请，它结束以前不能对这个决定提出异议；" in page and other.number in page
    # Nobody writes words that are refused then.
    filing = client.get(reverse("objections:file", args=[case.number]), follow=True).text
    assert "请先撤回或者放弃" in filing and "今天提交，最迟" not in filing
    withdraw_case(case=other, actor=alice, at=moment("2026-11-26 12:00"))
    assert "不同意的，可以提出异议" in client.get(reverse("repairs:status", args=[case.number])).text


def test_who_has_objected_once_is_not_promised_another_answer(client, upheld, alice):
    client.force_login(alice)
    filing = client.get(reverse("objections:file", args=[upheld.number]), follow=True).text
    assert "已经提出过异议" in filing and "今天提交，最迟" not in filing
