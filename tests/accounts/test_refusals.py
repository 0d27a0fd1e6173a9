"""Each attempt against the procedure or a permission is an event that auditors see, and no chain of a case says it."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from applications.accounts import refusals
from applications.accounts.models import Role
from applications.audit.verbs import in_words
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.objections.steps import file_objection
from tests.fixtures import make_user, moment
from tests.pages import text
from tests.repairs.steps import accepted, refused, submitted

pytestmark = pytest.mark.django_db


def trace(person) -> dict:
    """What the one refused act of this person says."""
    event = Event.objects.get(chain=f"refused-{person.pk}")
    assert (event.verb, event.actor, event.organ) == ("act.refused", person, person.organ)
    return event.payload


def step(case, action: str) -> str:
    return f"/admin/repairs/repaircase/{case.pk}/step/{action}/"


@pytest.fixture
def case(general_record, market_bureau, alice):
    return submitted(general_record, market_bureau, alice)


def test_a_step_of_another_role(client, case, li):
    before = Event.objects.filter(chain=case.number).count()
    client.force_login(li)
    assert client.post(step(case, "accept"), {"version": case.version}).status_code == 404
    assert trace(li) == {
        "page": "admin:repairs_step",
        "method": "POST",
        "status": 404,
        "why": "NotAllowed",
        "act": "accept",
        "about": case.number,
        "arguments": {"case_id": case.pk, "action": "accept"},
    }
    case.refresh_from_db()
    assert case.status == "submitted" and Event.objects.filter(chain=case.number).count() == before


def test_a_step_in_a_wrong_state_though_the_page_only_leads_back(
    client, general_record, market_bureau, alice, wang
):
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(wang)
    assert client.post(step(case, "accept"), {"version": case.version}).status_code == 302
    assert (trace(wang)["why"], trace(wang)["status"]) == ("IllegalAction", 302)


def test_a_step_from_a_page_that_was_overtaken(client, case, wang):
    client.force_login(wang)
    assert client.post(step(case, "accept"), {"version": case.version - 1}).status_code == 409
    assert trace(wang)["why"] == "StaleCase"


def test_the_approver_of_the_refusal_answers_no_objection_to_it(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00"))
    client.force_login(zhao)
    page = reverse("admin:objections_objection_change", args=[case.objection.pk])
    assert client.post(page, {"outcome": "upheld"}).status_code == 302
    told = trace(zhao)
    assert (told["why"], told["act"], told["about"]) == ("NotAllowed", "handle_objection", case.number)


def test_an_answer_does_not_fail_by_its_trace(client, case, li, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("no room")

    monkeypatch.setattr(refusals, "begin", full)
    client.force_login(li)
    assert client.post(step(case, "accept"), {"version": case.version}).status_code == 404


def test_the_case_of_another_organ(client, case, outsider):
    client.force_login(outsider)
    assert client.get(f"/admin/repairs/repaircase/{case.pk}/change/").status_code == 404
    assert (trace(outsider)["why"], trace(outsider)["method"]) == ("not_found", "GET")


def test_a_page_of_another_role(client, wang):
    client.force_login(wang)
    assert client.get("/admin/ledger/event/").status_code == 403
    assert trace(wang)["why"] == "permission"


def test_a_form_that_no_page_of_ours_sent(case, wang):
    client = Client(enforce_csrf_checks=True)
    client.force_login(wang)
    assert client.post(step(case, "accept"), {"version": case.version}).status_code == 403
    assert trace(wang)["why"] == "csrf"


def test_an_applicant_at_what_is_anothers(client, case, charlie):
    client.force_login(charlie)
    assert client.get(f"/a/{case.number}/").status_code == 404
    assert trace(charlie)["arguments"] == {"number": case.number}


@pytest.mark.parametrize(
    ("address", "act"),
    [("/a/{}/submit/", "submit"), ("/a/{}/correction/", "resubmit"), ("/objections/{}/", "object")],
)
def test_an_applicant_in_a_wrong_state_though_the_page_only_leads_back(
    client, general_record, market_bureau, alice, wang, address, act
):
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(alice)
    assert client.post(address.format(case.number), {"version": case.version, "send": "1"}).status_code == 302
    assert (trace(alice)["why"], trace(alice)["act"], trace(alice)["about"]) == (
        "IllegalAction",
        act,
        case.number,
    )


def test_what_was_made_up_is_not_repeated(client, charlie):
    client.force_login(charlie)
    client.get("/a/110101199003070011/")
    assert trace(charlie)["arguments"] == {"number": "…"}


def test_whoever_has_not_signed_in_and_addresses_that_are_none_leave_none(client, case, charlie):
    client.get(f"/a/{case.number}/")
    client.force_login(charlie)
    assert client.get("/nowhere/").status_code == 404
    assert not Event.objects.filter(verb="act.refused")


def test_nobody_fills_the_archive_and_what_is_not_written_is_counted(client, charlie):
    client.force_login(charlie)
    for _ in range(refusals.LIMIT.times + 7):
        client.get("/a/XF-0/")
    events = Event.objects.filter(chain=f"refused-{charlie.pk}")
    assert events.count() == refusals.LIMIT.times
    counted = cache.get(f"refused-act-unwritten:{charlie.pk}")
    assert counted == 7
    # The hour is over.
    cache.clear()
    cache.set(f"refused-act-unwritten:{charlie.pk}", counted)
    client.get("/a/XF-0/")
    assert events.last().payload["unwritten"] == 7
    client.get("/a/XF-0/")
    assert "unwritten" not in events.last().payload


def test_what_is_allowed_leaves_none(client, case, wang):
    client.force_login(wang)
    assert client.get(step(case, "accept")).status_code == 200
    assert client.post(step(case, "accept"), {"version": case.version}).status_code == 302
    case.refresh_from_db()
    assert case.status == "accepted" and not Event.objects.filter(verb="act.refused")


def test_auditors_find_them_and_a_supervisor_those_of_the_own_organ(
    client, case, li, zhao, outsider, credit_bureau
):
    client.force_login(li)
    client.post(step(case, "accept"), {"version": case.version})
    words = in_words("act.refused")
    auditor = make_user("audit@example.com", "冯审计", credit_bureau, Role.AUDIT_ADMIN)
    for person, sees in ((auditor, True), (zhao, True), (outsider, False)):
        client.force_login(person)
        page = text(client.get("/admin/ledger/event/?kind=refused"))
        assert (f"refused-{li.pk}" in page) is sees
        assert (words in page.partition('id="result_list"')[2]) is sees
        # By what it was about, as one looks a case up.
        assert (f"refused-{li.pk}" in text(client.get(f"/admin/ledger/event/?q={case.number}"))) is sees


def test_the_archive_stays_whole(client, case, li):
    client.force_login(li)
    for _ in range(3):
        client.post(step(case, "accept"), {"version": case.version})
    assert verify_ledger(at=moment("2026-11-23 10:00")).broken is None
