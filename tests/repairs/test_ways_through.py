"""Whole ways of an application, on the applicant's own pages as a browser without JavaScript sends them, read in English."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from applications.objections.models import Objection
from applications.objections.steps import handle_objection
from applications.repairs import steps
from applications.repairs.models import RepairCase
from tests.english.pages import ENGLISH, chinese_in, filled_in, send
from tests.english.test_kept_in_chinese import filed
from tests.fixtures import PASSWORD, moment
from tests.pages import text
from tests.repairs.steps import all_confirmed, open_papers, pdf, refused_as, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    """Everything happens at the moment at which the tests' time stands still."""
    return Client(headers=ENGLISH)


def status(reader, case) -> str:
    page = text(reader.get(reverse("repairs:status", args=[case.number])))
    assert chinese_in(page) == []
    return page


def granted_on_the_25th(case, wang, li, zhao) -> None:
    case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 11:00"))
    steps.grant_case(case=reviewed(case, li), actor=zhao, at=moment("2026-11-25 10:00"))


def is_repaired(record) -> bool:
    record.refresh_from_db()
    return hasattr(record, "annotation") and record.publicity == "withdrawn"


def test_corrected_and_then_granted(
    reader, general_record, market_bureau, alice, wang, li, zhao, time_machine
):
    case = filed(reader, general_record, market_bureau)
    defects = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-23 10:00"))
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    page = reverse("repairs:correction", args=[case.number])
    (item,) = case.correction_notices.get().items.all()
    answered = filled_in(reader.get(page)) | {f"item{item.pk}-uploads": pdf("新凭证.pdf"), "send": ""}
    # Of two receipts the later one is shown.
    time_machine.move_to(moment("2026-11-23 10:20"), tick=False)
    receipt = reader.post(page, answered, follow=True)
    assert "<h1>Corrections submitted</h1>" in text(receipt)
    case.refresh_from_db()
    assert (case.status, case.round) == ("submitted", 2)
    granted_on_the_25th(case, wang, li, zhao)
    assert "Repair granted" in status(reader, case)
    assert is_repaired(general_record)


def test_refused_objected_to_and_then_granted(
    reader, general_record, market_bureau, alice, wang, li, zhao, second_approver, time_machine
):
    case = refused_as(filed(reader, general_record, market_bureau), wang, li, zhao)
    time_machine.move_to(moment("2026-11-26 10:00"), tick=False)
    # The session is over long since.
    reader.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    page = reverse("objections:file", args=[case.number])
    send(reader, page, disputed="obligations_fulfilled", grounds="罚款已缴清。", uploads=pdf("回单.pdf"))
    case.refresh_from_db()
    assert case.status == "objecting"
    objection = Objection.objects.get()
    open_papers(case, second_approver, "2026-11-27 09:00", *(each.file for each in objection.evidence.all()))
    handle_objection(
        objection=objection,
        overturn=True,
        checklist=all_confirmed(case, date(2026, 11, 27)),
        reasons="经核实，罚款已缴清。",
        actor=second_approver,
        at=moment("2026-11-27 10:00"),
    )
    assert "Repair granted" in status(reader, case)
    assert is_repaired(general_record)


def test_withdrawn_and_applied_for_again(reader, general_record, market_bureau, alice, wang, li, zhao):
    first = filed(reader, general_record, market_bureau)
    page = reverse("repairs:withdraw", args=[first.number])
    reader.post(
        page,
        {"version": first.version} | dict(html.fromstring(text(reader.get(page))).forms[-1].form_values()),
    )
    first.refresh_from_db()
    assert first.status == "withdrawn"
    assert "Withdrawn" in status(reader, first)
    # What is known is not asked for again: the papers of the first one are offered.
    send(reader, reverse("repairs:start", args=[general_record.pk]), organ=market_bureau.pk)
    again = RepairCase.objects.exclude(pk=first.pk).get()
    assert again.record == general_record and again.filing.contact_name == "陈经办"
