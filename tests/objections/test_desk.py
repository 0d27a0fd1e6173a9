"""The desk of whoever handles an objection: what it is about, what was found before, and which ones wait."""

import re

import pytest
import time_machine
from django.urls import reverse

from tests.fixtures import moment
from tests.pages import seen, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_30th():
    with time_machine.travel(moment("2026-11-30 10:00"), tick=False):
        yield


@pytest.fixture
def page_of(client, case, objection, second_approver):
    client.force_login(second_approver)
    case.refresh_from_db()
    return reverse("admin:objections_objection_change", args=[objection.pk])


def chosen(page):
    return dict(re.findall(r'name="verdict_(\w+)" value="(\w+)"[^>]* checked', page))


def test_whose_record_it_is_and_what_the_reviewer_found_stand_there(client, case, page_of):
    page = seen(client.get(page_of))
    record = case.record
    assert f"{record.subject}（{record.subject.masked_code}），{record}，异议处理中" in page
    assert f"处罚{'、'.join(record.penalty_labels)}" in page
    found = case.reviews.last().checklist["obligations_fulfilled"]
    assert "上次核对：不属实" in page and found["note"] in page


def test_what_is_not_disputed_is_marked_at_once_and_nothing_is_sent(client, case, page_of):
    asked = {"version": case.version, "reasons": "经核对回单，罚款已缴清。", "rest": ""}
    page = text(client.post(page_of, asked))
    marked = chosen(page)
    # What is disputed is for whoever handles it to say, one by one.
    assert "obligations_fulfilled" not in marked
    assert set(marked.values()) == {"yes"} and "corrected" in marked and "statutory_bar" in marked
    assert "还没有提交" in page and "没有执行，请看以下说明" not in page
    assert "经核对回单，罚款已缴清。" in page
    case.refresh_from_db()
    assert case.status == "objecting"


def test_a_verdict_that_was_given_stays(client, case, page_of):
    given = {"verdict_corrected": "no", "note_corrected": "尚未整改。"}
    marked = chosen(text(client.post(page_of, {"version": case.version, "rest": "", **given})))
    assert marked["corrected"] == "no"


def test_those_that_wait_are_found_among_all(client, objection, second_approver):
    client.force_login(second_approver)
    rows = reverse("admin:objections_objection_changelist")
    assert "待处理" in seen(client.get(rows))
    assert objection.case.number in text(client.get(rows, {"outcome": "waiting"}))
    assert objection.case.number not in text(client.get(rows, {"outcome": "upheld"}))
