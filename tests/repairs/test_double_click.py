"""Every button of a case pressed twice, one press after the other and both at once: done once, and the page says so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.test import Client

from applications.ledger.models import Event
from applications.repairs import steps
from applications.repairs.models import CorrectionItem, CorrectionNotice, RepairCase
from applications.repairs.steps import Defect
from applications.repairs.views import progress
from tests.fixtures import make_record, moment
from tests.repairs.steps import (
    accepted,
    all_confirmed,
    open_papers,
    pdf,
    prepared,
    refused,
    reviewed,
    submitted,
)

DEFECT = Defect("licence", "印章不清。", "请重新拍照。")


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(moment("2026-11-25 10:00"), tick=False):
        yield


@pytest.fixture
def people(acme, market_bureau, alice, bob, wang, li, zhao, second_approver):
    return {
        "acme": acme,
        "organ": market_bureau,
        "alice": alice,
        "bob": bob,
        "wang": wang,
        "li": li,
        "zhao": zhao,
        "zhou": second_approver,
    }


def record_of(people):
    return make_record(people["acme"], people["organ"])


def a_submission(people):
    return submitted(record_of(people), people["organ"], people["alice"])


def an_acceptance(people):
    case = accepted(record_of(people), people["organ"], people["alice"], people["wang"])
    open_papers(case, people["li"])
    return case


def a_review(people, **rejected):
    case = accepted(record_of(people), people["organ"], people["alice"], people["wang"])
    return reviewed(case, people["li"], **rejected)


def a_refusal(people):
    return refused(record_of(people), *(people[name] for name in ("organ", "alice", "wang", "li", "zhao")))


def a_correction(people):
    case, at = a_submission(people), moment("2026-11-23 10:00")
    steps.draft_correction(case=case, defects=[DEFECT], actor=people["wang"], at=at)
    return steps.ask_for_correction(case=case, actor=people["wang"], at=at)


def an_objection(people):
    case = a_refusal(people)
    from applications.objections.steps import file_objection

    file_objection(
        case=case,
        disputed=["obligations_fulfilled"],
        grounds="金额相符。",
        actor=people["alice"],
        at=moment("2026-11-25 09:59"),
    )
    open_papers(case, people["zhou"])
    case.refresh_from_db()
    return case


def step(case, action):
    return f"/admin/repairs/repaircase/{case.pk}/step/{action}/"


def verdicts(case, on=date(2026, 11, 25)):
    return {
        f"{part}_{code}": value
        for code, verdict in all_confirmed(case, on).items()
        for part, value in (("verdict", "yes"), ("note", verdict["note"]))
    }


def notice(button):
    return lambda case: {
        "version": case.version,
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "items-0-material_kind": "licence",
        "items-0-defect": "印章不清。",
        "items-0-requirement": "请重新拍照。",
        button: "1",
    }


def with_version(**more) -> Callable[[RepairCase], dict]:
    return lambda case: {"version": case.version, **more}


def answers(button) -> Callable[[RepairCase], dict]:
    def form(case):
        item = CorrectionItem.objects.get(notice__case=case)
        return {
            f"item{item.pk}-answer": "已重新拍照。",
            f"item{item.pk}-uploads": [pdf("新照.pdf")],
            button: "1",
        }

    return form


# Who presses, in which case, where, with what; how many events of what kind there are afterwards.
BUTTONS = {
    "submit": ("alice", lambda p: prepared(record_of(p), p["organ"], p["alice"]),
               lambda c: f"/a/{c.number}/submit/", with_version(), "repair.submitted", 1),
    "accept": ("wang", a_submission, lambda c: step(c, "accept"), with_version(), "repair.accepted", 1),
    "decline": ("wang", a_submission, lambda c: step(c, "decline"), with_version(ground="elsewhere", reason="不在本省认定。"),
                "repair.declined", 1),
    "draft a notice": ("wang", a_submission, lambda c: step(c, "request_correction"), notice("draft"),
                       "repair.correction_requested", 0),
    "send a notice": ("wang", a_submission, lambda c: step(c, "request_correction"), notice("send"),
                      "repair.correction_requested", 1),
    "save an answer": ("alice", a_correction, lambda c: f"/a/{c.number}/correction/", answers("save"),
                       "repair.resubmitted", 0),
    "send the answers": ("alice", a_correction, lambda c: f"/a/{c.number}/correction/", answers("send"),
                         "repair.resubmitted", 1),
    "review": ("li", an_acceptance,
               lambda c: step(c, "review"), lambda c: {"version": c.version, **verdicts(c)}, "repair.reviewed", 1),
    "return": ("zhao", a_review, lambda c: step(c, "return"), with_version(reason="请再核对。"), "repair.returned", 1),
    "grant": ("zhao", a_review, lambda c: step(c, "grant"), with_version(), "repair.granted", 1),
    "refuse": ("zhao", lambda p: a_review(p, obligations_fulfilled="金额不符。"), lambda c: step(c, "refuse"),
               with_version(), "repair.refused", 1),
    "withdraw": ("alice", a_submission, lambda c: f"/a/{c.number}/withdraw/", lambda c: {}, "repair.withdrawn", 1),
    "object": ("alice", a_refusal, lambda c: f"/objections/{c.number}/",
               lambda c: {"disputed": "obligations_fulfilled", "grounds": "金额相符。", "uploads": [pdf("凭证.pdf")]},
               "repair.objected", 1),
    "uphold or overturn": ("zhou", an_objection,
                           lambda c: f"/admin/objections/objection/{c.objection.pk}/change/",
                           lambda c: {"version": c.version, "outcome": "overturned", "reasons": "经核实金额相符。",
                                      **verdicts(c)}, "repair.overturned", 1),
    "take charge": ("wang", a_submission, lambda c: f"/admin/repairs/repaircase/{c.pk}/officer/",
                    lambda c: {"officer": RepairCase.objects.get(pk=c.pk).organ.user_set.get(name="王受理").pk},
                    "repair.assigned", 1),
}  # fmt: skip
every_button = pytest.mark.parametrize("button", BUTTONS.values(), ids=BUTTONS)


def press(person, address, form):
    """The page that a person sees after the press, and its status."""
    client = Client()
    client.force_login(person)
    for upload in form.values():
        if isinstance(upload, list):
            for file in upload:
                file.seek(0)
    response = client.post(address, form, follow=True)
    return response.status_code, response.content.decode()


def check(case, verb, times, pages):
    case.refresh_from_db()
    for status, page in pages:
        # 409: somebody was quicker, and the page says who.
        assert status in (200, 409), status
        assert "没有这个页面" not in page
        assert "<h1" in page
    assert Event.objects.filter(chain=case.number, verb=verb).count() == times
    assert CorrectionNotice.objects.filter(case=case).count() <= 1


@every_button
@pytest.mark.django_db
def test_one_press_after_the_other(people, button):
    who, make, address, form, verb, times = button
    case = make(people)
    pressed = address(case), form(case)
    first = press(people[who], *pressed)
    assert first[0] == 200
    check(case, verb, times, [first, press(people[who], *pressed)])


@every_button
@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_both_at_once(people, button):
    who, make, address, _, verb, times = button
    case = make(people)
    place, forms = address(case), [button[3](case) for _ in range(4)]
    together = Barrier(len(forms))

    def one(form):
        try:
            together.wait(timeout=30)
            return press(people[who], place, form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        pages = list(pool.map(one, forms))
    assert any(status == 200 for status, _ in pages)
    check(case, verb, times, pages)


@pytest.mark.django_db
def test_answers_that_come_when_the_case_is_given_up_are_not_called_sent(people, client):
    case = a_correction(people)
    form = answers("send")(case)
    steps.withdraw_case(case=case, actor=people["bob"], at=moment("2026-11-25 09:00"))
    status, page = press(people["alice"], f"/a/{case.number}/correction/", form)
    assert status == 200
    assert f"申请{case.number}现为“已撤回”，这次填写的内容没有提交。" in page


@pytest.mark.django_db
def test_the_second_press_is_between_reading_and_writing_when_the_first_is_done(people, monkeypatch):
    case = a_correction(people)
    form = answers("send")(case)
    page, keep = f"/a/{case.number}/correction/", progress._keep_answer

    def first_press_meanwhile(*given):
        monkeypatch.setattr(progress, "_keep_answer", keep)
        assert press(people["bob"], page, answers("send")(case))[0] == 200
        return keep(*given)

    monkeypatch.setattr(progress, "_keep_answer", first_press_meanwhile)
    second = press(people["alice"], page, form)
    check(case, "repair.resubmitted", 1, [second])
    assert "回执" in second[1]
