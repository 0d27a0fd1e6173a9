"""Whatever a visitor answers, the self-check says exactly what the rules say of the same facts."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.eligibility import assess
from rules.facts import CONDUCTS, DOMAINS, Facts
from rules.policy import policy_for
from tests.fixtures import moment
from tests.portal.checking import json_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
days = st.dates(TODAY - timedelta(days=4 * 365), TODAY).map(date.isoformat)
some = st.lists


def optional(choice, answers, day, name):
    """A choice with the day that it asks for, as typed."""
    return {choice: answers} | ({name: day} if day else {})


@st.composite
def answered(draw):
    """(what is typed on each page, the same as a Facts object) — written down twice, independently."""
    region = draw(st.sampled_from(["320000", "320100", "321300", "310000", "unknown"]))
    identified = draw(days)
    decided = draw(st.none() | days)
    severity = draw(st.sampled_from(["general", "serious", "unknown"]))
    facts = {"identified_on": identified, "decided_on": decided}
    if region != "unknown":
        facts["region"] = region
    if severity != "unknown":
        facts["severity"] = severity
    typed = {
        "subject": {"kind": draw(st.sampled_from(["organisation", "individual_business", "natural_person"]))},
        "identification": {"region": region, "identified_on": identified, "decided_on": decided or ""},
        "severity": {"severity": severity},
    }

    corrected = draw(st.sampled_from(["yes", "no", "unknown"]))
    duties = draw(st.sampled_from(["yes", "none", "no", "unknown"]))
    corrected_on, duties_on = draw(days), draw(days)
    typed["fulfilment"] = {
        "corrected": corrected,
        "corrected_on": corrected_on,
        "duties": duties,
        "duties_on": duties_on,
    }
    if corrected != "unknown":
        facts["corrected_on"] = corrected_on if corrected == "yes" else None
    if duties != "unknown":
        duty = {
            "name": "决定书、判决书明确的义务",
            "fulfilled_on": duties_on if duties == "yes" else None,
        }
        facts["obligations"] = [] if duties == "none" else [duty]

    penalties = draw(
        some(st.sampled_from(["order_suspension", "revoke_permit", "revoke_licence"]), unique=True)
    )
    domains = draw(some(st.sampled_from(list(DOMAINS)), unique=True, max_size=2))
    conducts = draw(some(st.sampled_from(list(CONDUCTS)), unique=True, max_size=2))
    others = draw(some(st.sampled_from(["false_material", "statutory_bar"]), unique=True, max_size=1))
    chosen = penalties or domains or conducts or others
    neither = "" if chosen else draw(st.sampled_from(["none", "unknown"]))
    typed["grounds"] = {
        "penalties": penalties,
        "domains": domains,
        "conducts": conducts,
        "others": others,
        "neither": neither,
    }
    if neither != "unknown":
        facts |= {
            "penalties": penalties,
            "domains": domains,
            "conducts": conducts,
            "other_specific_serious_ground": None,
            "false_material": "false_material" in others,
            "statutory_bar": {} if "statutory_bar" in others else None,
        }

    commitment = draw(st.sampled_from(["yes", "not_public", "no"]))
    typed["commitment"] = {"commitment": commitment}
    facts["commitment"] = (
        None
        if commitment == "no"
        else {"signed_on": TODAY.isoformat(), "publication_consent": commitment == "yes"}
    )
    if severity != "general":
        training = draw(st.none() | days)
        report = draw(st.none() | days)
        issuer = draw(st.sampled_from(["credit_bureau", "credit_service_institution"]))
        typed["commitment"] |= {
            "training": "yes" if training else "no",
            "training_on": training or "",
            "report": issuer if report else "no",
            "report_on": report or "",
        }
        facts["training"] = {"completed_on": training} if training else None
        facts["credit_report"] = {"issued_on": report, "issuer": issuer} if report else None
    return typed, facts


@given(answered())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_the_answer_is_the_one_of_the_rules(case):
    typed, facts = case
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
        found = json_of(Client(), typed)
    expected = assess(Facts.from_json(facts), policy_for(TODAY), TODAY)
    assert found["assessment"] == expected.to_json()
