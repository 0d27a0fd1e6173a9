"""How a refusal stands while it is objected to, after the objection was upheld, and once its record was repaired."""

from datetime import date

import pytest
from django.urls import reverse

from applications.objections import steps
from applications.repairs.services import NotReady
from tests.fixtures import moment
from tests.repairs.steps import all_confirmed, granted

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 30)


def test_the_page_speaks_of_the_objection_first(client, case, objection, alice):
    # Whether the refusal has reached the platform is due earlier, and is not what the objector waits for.
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).text
    assert "南京市市场监督管理局正在核实您的异议，最迟 2026年12月4日（周五） 24:00 前作出处理，还剩" in page


def test_after_it_is_upheld_the_page_sends_nobody_to_object_again(
    client, case, objection, alice, second_approver
):
    steps.handle_objection(
        objection=objection,
        overturn=False,
        checklist=all_confirmed(case, ON, corrected="未整改。"),
        reasons="未整改",
        actor=second_approver,
        at=moment("2026-11-30 10:00"),
    )
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).text
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
