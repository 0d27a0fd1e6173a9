"""What an objector keeps in hand: a receipt, the words and the evidence; and the mark that the public sees meanwhile."""

import re

import pytest
from django.urls import reverse

from applications.documents.models import Document
from applications.documents.rendering import render_pdf
from applications.objections import steps
from tests.documents.test_letters import text_of
from tests.fixtures import moment
from tests.pages import text
from tests.repairs.steps import all_confirmed

pytestmark = pytest.mark.django_db

MARK = "异议处理中"


def test_the_receipt_says_what_came_and_by_when_it_is_answered(case, objection):
    receipt = Document.objects.get(about=case.number, kind="objection_receipt")
    said = text_of(render_pdf(receipt).pdf)
    assert case.decision_number in said and "".join(objection.grounds.split()) in said
    assert "5个工作日内，即最迟于2026年12月4日（周五）作出处理" in said
    for each in objection.evidence.all():
        assert each.file.sha256[:16] in said


def test_words_evidence_and_receipt_stay_on_the_page(client, case, objection, alice):
    client.force_login(alice)
    page = text(client.get(reverse("repairs:status", args=[case.number])))
    own = page[page.index("您的异议</strong>") :]
    own = own[: own.index("</details>")]
    receipt = Document.objects.get(about=case.number, kind="objection_receipt")
    assert objection.grounds in own and reverse("documents:download", args=[receipt.pk]) in own
    for each in objection.evidence.all():
        assert reverse("objections:open_evidence", args=[case.number, each.pk]) in own


def test_the_public_sees_that_it_is_disputed_as_long_as_it_is(
    client, case, objection, general_record, second_approver
):
    address = reverse("portal:search")
    found = text(client.get(address, {"q": general_record.document_number}))
    assert MARK in found and "不予修复" not in found
    steps.handle_objection(
        objection=objection,
        overturn=False,
        checklist=all_confirmed(case, moment("2026-11-30 10:00").date(), corrected="未整改。"),
        reasons="未整改",
        actor=second_approver,
        at=moment("2026-11-30 10:00"),
    )
    found = text(client.get(address, {"q": general_record.document_number}))
    assert str(general_record) in found and MARK not in found


def test_of_two_decisions_on_their_way_the_page_speaks_of_the_one_that_holds(
    client, case, objection, second_approver, alice, time_machine
):
    """The refusal of the 25th was to be shared by the 27th, the grant of Monday the 30th by Wednesday."""
    at = moment("2026-11-30 10:00")
    steps.handle_objection(
        objection=objection,
        overturn=True,
        checklist=all_confirmed(case, at.date()),
        reasons="罚款已缴清。",
        actor=second_approver,
        at=at,
    )
    time_machine.move_to(at, tick=False)
    client.force_login(alice)
    said = text(client.get(reverse("repairs:status", args=[case.number])))
    (sentence,) = re.findall(r'<p class="lead-sentence[^>]*>(.*?)</p>', said, re.DOTALL)
    assert "最迟 2026年12月2日（周三） 24:00 前完成" in sentence and "已过" not in sentence
