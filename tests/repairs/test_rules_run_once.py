"""A page asks the rules as often as it has a question: what is the same question is not asked twice."""

import pytest
import time_machine
from django.urls import reverse

from applications.repairs.models import StoredAssessment
from rules import eligibility
from tests.fixtures import moment
from tests.repairs.steps import accepted, prepared, refused, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(monkeypatch):
    """A day for each answer that the rules gave."""
    given = []

    def in_scope(facts, policy):
        given.append(facts)
        return original(facts, policy)

    # Every assessment begins with the scope, whoever asks for it.
    original = eligibility.in_scope
    monkeypatch.setattr(eligibility, "in_scope", in_scope)
    return given


def test_the_applicants_pages(client, general_record, market_bureau, alice, answers):
    with time_machine.travel(moment("2026-11-20 10:00"), tick=False):
        case = prepared(general_record, market_bureau, alice)
        client.force_login(alice)
        del answers[:]
        page = client.get(reverse("repairs:tasks", args=[case.number]))
        assert page.status_code == 200 and len(answers) == 1
        del answers[:]
        page = client.get(reverse("repairs:check", args=[case.number]))
        assert "提交申请" in page.content.decode() and len(answers) == 1
        case.refresh_from_db()
        sent = client.post(reverse("repairs:submit", args=[case.number]), {"version": case.version})
        assert sent.url == reverse("repairs:submitted", args=[case.number]) and len(answers) == 2
        case.refresh_from_db()
        assert case.status == "submitted"


def test_the_page_of_a_decision(client, general_record, market_bureau, alice, wang, li, zhao, answers):
    with time_machine.travel(moment("2026-11-25 15:00"), tick=False):
        case = accepted(general_record, market_bureau, alice, wang)
        reviewed(case, li)
        client.force_login(zhao)
        del answers[:]
        page = client.get(reverse("admin:repairs_step", args=[case.pk, "grant"]))
        # By the review, and by what the applicant states.
        assert page.status_code == 200 and len(answers) == 2


class TestWhatWasStored:
    @pytest.fixture(autouse=True)
    def on_the_25th(self):
        with time_machine.travel(moment("2026-11-25 15:00"), tick=False):
            yield

    @pytest.fixture
    def case(self, general_record, market_bureau, alice, wang, li, zhao):
        return refused(general_record, market_bureau, alice, wang, li, zhao)

    def test_is_shown_without_asking_again(self, client, case, alice, answers, monkeypatch):
        client.force_login(alice)
        del answers[:]
        # Nor are the words made anew: what was said then is said now.
        monkeypatch.setattr("rules.findings.sentence", lambda finding, language: "别的话")
        page = client.get(reverse("repairs:status", args=[case.number])).content.decode()
        latest, first = client.get(reverse("repairs:explanations", args=[case.number])).json()
        assert answers == []
        (lacking,) = [each for each in case.assessments.last().assessment["findings"] if not each["met"]]
        assert lacking["reason"].startswith("第四条") and lacking["reason"] in page
        assert "别的话" not in page
        assert (latest["stage"], latest["outcome_en"]) == ("decision", "One may not apply yet")
        assert (first["stage"], first["outcome_en"]) == ("submission", "One may apply")

    def test_is_asked_again_where_only_the_answer_was_stored(self, client, case, alice):
        latest = case.assessments.last()
        columns = ("case_id", "stage", "on", "policy", "policy_version", "facts", "assessment", "stored_at")
        older = StoredAssessment.objects.create(**{name: getattr(latest, name) for name in columns})
        assert older.explanation is None
        client.force_login(alice)
        again, stored, _first = client.get(reverse("repairs:explanations", args=[case.number])).json()
        assert again == stored
