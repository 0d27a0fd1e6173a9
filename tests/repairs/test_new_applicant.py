"""What somebody who files for the first time reads: pages that say what happened, and lead back to what can be changed."""

import re

import pytest
from django.urls import reverse

from applications.repairs import steps
from tests.fixtures import moment
from tests.pages import seen, text
from tests.repairs.steps import prepared, refused, resubmitted, submitted

pytestmark = pytest.mark.django_db


def test_the_answer_to_a_correction_is_not_called_a_new_application(
    client, general_record, market_bureau, alice, wang
):
    case = resubmitted(general_record, market_bureau, alice, wang)
    client.force_login(alice)
    page = text(client.get(reverse("repairs:submitted", args=[case.number])))
    assert re.search(r"<h1>(.*?)</h1>", page)[1] == "补正已提交"


def test_a_first_submission_is(client, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(alice)
    page = text(client.get(reverse("repairs:submitted", args=[case.number])))
    assert re.search(r"<h1>(.*?)</h1>", page)[1] == "申请已提交"


def test_from_the_check_each_paper_leads_to_where_it_is_changed(client, general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    page = text(client.get(reverse("repairs:check", args=[case.number])))
    for kind in ("licence", "fulfilment"):
        assert f'href="{reverse("repairs:files", args=[case.number, kind])}"' in page


def test_who_can_object_to_one_finding_only_need_not_choose_it(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    page = text(client.get(reverse("objections:file", args=[case.number])))
    assert re.search(r'<input[^>]*name="disputed"[^>]*value="obligations_fulfilled"[^>]*checked', page)


def test_a_correction_page_does_not_promise_what_its_letter_does_not(
    client, general_record, market_bureau, alice, wang
):
    case = submitted(general_record, market_bureau, alice)
    asked = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=case, defects=asked, actor=wang, at=moment("2026-11-23 09:00"))
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 09:30"))
    client.force_login(alice)
    page = seen(client.get(reverse("repairs:correction", args=[case.number])))
    assert "确需再次要求的，由办理机构负责人写明理由" in page and "不会再要求" not in page


def test_to_give_up_a_draft_is_not_called_a_withdrawal(client, general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    draft = seen(client.get(reverse("repairs:withdraw", args=[case.number])))
    assert "还没有提交，办理机构看不到" in draft and "不放弃" in draft
    assert "撤回" not in draft and "不再审查" not in draft
    steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
    filed = seen(client.get(reverse("repairs:withdraw", args=[case.number])))
    assert "撤回后不再审查" in filed and "不撤回" in filed
