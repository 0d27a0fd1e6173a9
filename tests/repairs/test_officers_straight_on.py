"""From the officer's own list straight to the step that a case waits for; and in which order a list is worked off."""

import pytest
import time_machine
from django.urls import reverse

from applications.objections.steps import file_objection
from applications.repairs import steps
from applications.repairs.models import RepairCase
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.repairs.steps import accepted, refused, reviewed, submitted

pytestmark = pytest.mark.django_db

LIST = "/admin/repairs/repaircase/"


@pytest.fixture(autouse=True)
def on_the_24th():
    with time_machine.travel(moment("2026-11-24 10:00"), tick=False):
        yield


def straight(client, case, query="?queue=mine"):
    return client.get(reverse("admin:repairs_straight_on", args=[case.pk]) + query)


def step(case, action):
    return reverse("admin:repairs_step", args=[case.pk, action]) + "?queue=mine"


def test_each_officer_goes_to_the_own_step(client, general_record, market_bureau, alice, wang, li, zhao):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    link = reverse("admin:repairs_straight_on", args=[case.pk])
    assert f'href="{link}?queue=mine" aria-label="办理{case.number}"' in text(client.get(LIST))
    assert straight(client, case).url == step(case, "accept")
    # What is accepted is looked at there.
    page = text(client.get(step(case, "accept")))
    assert "履行完毕证明.pdf" in page and general_record.penalty_content in page
    client.force_login(li)
    assert (
        straight(client, case).url
        == reverse("admin:repairs_repaircase_change", args=[case.pk]) + "?queue=mine"
    )


def test_to_the_review_and_to_the_decision_that_it_leads_to(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(li)
    assert straight(client, case).url == step(case, "review")
    case = reviewed(case, li)
    client.force_login(zhao)
    assert straight(client, case).url == step(case, "grant")


def test_to_the_refusal_where_the_review_leads_there(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li, corrected="没有整改。")
    client.force_login(zhao)
    assert straight(client, case).url == step(case, "refuse")


def test_to_the_objection(client, general_record, market_bureau, alice, wang, li, zhao, second_approver):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    at = moment("2026-11-26 10:00")
    objection = file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=at)
    page = reverse("admin:objections_objection_change", args=[objection.pk])
    client.force_login(second_approver)
    assert straight(client, case).url == f"{page}?queue=mine"
    # Who decided goes no further than the case.
    client.force_login(zhao)
    assert straight(client, case, "").url == reverse("admin:repairs_repaircase_change", args=[case.pk])


def test_to_the_notice_that_was_begun(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    defects = [steps.Defect("licence", "没有公章。", "请加盖公章。")]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-24 09:30"))
    client.force_login(wang)
    assert straight(client, case).url == step(case, "request_correction")


def test_it_is_for_those_who_see_the_case(client, general_record, market_bureau, alice, outsider):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(outsider)
    assert straight(client, case).status_code == 404
    client.force_login(alice)
    assert straight(client, case).url.startswith("/admin/login/")


def test_lists_that_are_not_ones_own_lead_to_the_case(client, general_record, market_bureau, alice, wang):
    submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    for query in ({"queue": "open"}, {"queue": "all"}, {"q": "宁市监"}):
        assert "straight-on" not in text(client.get(LIST, query))


@pytest.fixture
def three(acme, market_bureau, alice):
    """Due on one day, and begun in another order than they were submitted in."""
    cases = [
        submitted(
            make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕8{n}号"),
            market_bureau,
            alice,
        )
        for n in range(3)
    ]
    for case, hour in zip(cases, (11, 9, 10), strict=True):
        RepairCase.objects.filter(pk=case.pk).update(submitted_at=moment(f"2026-11-20 {hour:02}:00"))
    return cases


def numbers(client, queue):
    return [case.number for case in client.get(LIST, {"queue": queue}).context["cl"].result_list]


def test_of_one_day_what_was_submitted_first_comes_first(client, three, wang):
    client.force_login(wang)
    first, second, third = (three[n].number for n in (1, 2, 0))
    for queue in ("mine", "open"):
        assert numbers(client, queue) == [first, second, third]
    # What is looked through and not worked off begins with the newest.
    assert numbers(client, "all") == [case.number for case in reversed(three)]


def test_the_next_case_is_the_next_of_the_list(client, three, wang):
    client.force_login(wang)
    done = client.post(step(three[1], "accept"), {"version": three[1].version, "take": ""}, follow=True)
    assert f"下一件：{three[2].number}" in text(done)
