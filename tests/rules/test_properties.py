"""What must hold for every record, day and policy."""

import json
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.eligibility import assess, publicity_ends_on
from rules.explanation import Explanation, explain
from rules.facts import Facts
from rules.findings import found_often
from rules.periods import add_months, add_years
from rules.policy import get_policy, load_policies
from rules.sentences import sentence
from tests.rules.naive import last_day_of_period, naive_assess
from tests.rules.strategies import DAYS, ON, ORDERLY, iso, records

POLICY = get_policy("jiangsu-2020-4")
# From worst to best for somebody who wants to apply.
RANK = {"barred": 0, "not_yet": 1, "eligible": 2}
ONE_DAY = timedelta(days=1)


def answer(facts: dict, on: date):
    return assess(Facts.from_json(facts), POLICY, on)


@settings(max_examples=1500)
@given(st.booleans().flatmap(records), ON)
def test_agrees_with_the_naive_reading(facts, on):
    assessment = answer(facts, on)
    naive = naive_assess(facts, on)
    assert {finding.code: finding.met for finding in assessment.findings} == naive["met"]
    assert assessment.outcome == naive["outcome"]
    assert assessment.earliest_on == naive["earliest_on"]
    assert assessment.bar_ends_on == naive["bar_ends_on"]


@given(records(gaps=False), ON, DAYS)
def test_a_fulfilled_duty_never_makes_it_worse(facts, on, fulfilled_on):
    assume(fulfilled_on <= on and facts["obligations"])
    duty = {"name": "另一项", "source": "judicial", "fulfilled_on": fulfilled_on.isoformat()}
    more = {**facts, "obligations": [*facts["obligations"], duty]}
    assert answer(more, on).outcome == answer(facts, on).outcome


@given(records(gaps=False), ON, st.data())
def test_fulfilling_an_open_duty_never_makes_it_worse(facts, on, data):
    open_duties = [index for index, duty in enumerate(facts["obligations"]) if duty["fulfilled_on"] is None]
    assume(open_duties)
    index = data.draw(st.sampled_from(open_duties))
    done = [dict(duty) for duty in facts["obligations"]]
    done[index]["fulfilled_on"] = on.isoformat()
    before, after = answer(facts, on).outcome, answer({**facts, "obligations": done}, on).outcome
    assert before == after or RANK[after] > RANK[before]


@given(records(gaps=True), ON, st.integers(0, 2000))
def test_time_never_unfulfils_a_condition(facts, on, days):
    """Once met, a condition stays met: under the province's own rules nothing grows too old."""
    before, after = answer(facts, on), answer(facts, on + timedelta(days=days))
    for finding in before.findings:
        if finding.met:
            assert after.finding(finding.code).met


@given(records(gaps=True), ON, st.data())
def test_knowing_less_never_turns_an_answer_round(facts, on, data):
    """Taking a fact away leaves a finding as it was or makes it unknown, and never opens the door."""
    # A decision date that is not given is the day of identification, which is another fact, not an unknown one.
    removable = [name for name in facts if name != "decided_on"]
    assume(removable)
    name = data.draw(st.sampled_from(removable))
    before = answer(facts, on)
    after = answer({key: value for key, value in facts.items() if key != name}, on)
    for finding in after.findings:
        earlier = before.finding(finding.code)
        assert finding.met is None or earlier is None or finding.met == earlier.met
    if after.outcome == "eligible":
        assert before.outcome == "eligible"


@given(DAYS, st.sampled_from(["general", "serious"]), st.lists(st.integers(0, 200), min_size=5, max_size=5))
def test_the_earliest_day_is_the_first_eligible_day(identified_on, severity, offsets):
    days = [(identified_on + timedelta(days=offset)).isoformat() for offset in offsets]
    facts = {
        **ORDERLY,
        "severity": severity,
        "identified_on": identified_on.isoformat(),
        "corrected_on": days[0],
        "obligations": [{"name": "罚款", "source": "administrative", "fulfilled_on": days[1]}],
        "commitment": {"signed_on": days[2], "publication_consent": True},
        "training": {"completed_on": days[3]},
        "credit_report": {"issued_on": days[4], "issuer": "credit_bureau"},
    }
    earliest = answer(facts, identified_on).earliest_on
    assert answer(facts, earliest).outcome == "eligible"
    assert answer(facts, earliest - ONE_DAY).outcome == "not_yet"
    public_until = publicity_ends_on(Facts.from_json(facts), POLICY)
    assert answer(facts, public_until).outcome == "eligible"
    assert answer(facts, public_until + ONE_DAY).outcome == "not_needed"


@given(records(gaps=True), ON, records(gaps=True), ON)
def test_depends_on_nothing_but_facts_policy_and_day(facts, on, other_facts, other_on):
    """Not on earlier questions, on what is remembered between them, nor on the order of lists and keys."""
    first = json.dumps(answer(facts, on).to_json(), ensure_ascii=False)
    answer(other_facts, other_on).to_json()
    for memory in (found_often, sentence, add_months):
        memory.cache_clear()
    turned = {
        key: value[::-1] if key in ("penalties", "domains", "conducts") else value
        for key, value in reversed(facts.items())
    }
    assert json.dumps(answer(turned, on).to_json(), ensure_ascii=False) == first


@given(records(gaps=True))
def test_facts_survive_the_round_trip(facts):
    read = Facts.from_json(facts)
    written = read.to_json()
    assert Facts.from_json(json.loads(json.dumps(written))) == read
    assert Facts.from_json(written).to_json() == written
    assert written.keys() == facts.keys() | {"decided_on"}


@given(records(gaps=True), ON, st.sampled_from(["jiangsu-2020-4", "ndrc-2023-58", "ndrc-2026-36"]))
def test_every_finding_has_words_in_both_languages(facts, on, policy_id):
    tree = explain(assess(Facts.from_json(facts), get_policy(policy_id), on))
    reasons = [reason for clause in tree.clauses for reason in clause.reasons]
    for reason in reasons:
        assert reason.reason_zh.endswith("。") and "{" not in reason.reason_zh
        assert reason.reason_en.endswith(".") and "{" not in reason.reason_en
        if reason.article:
            assert reason.reason_zh.startswith(f"第{reason.article}条：")
        if reason.met is not True:
            assert reason.remedy_zh.endswith("。") and reason.remedy_en.endswith(".")
    json.dumps(tree.to_json())


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_periods_agree_with_walking_the_calendar(start, months):
    end = add_months(start, months)
    assert end == last_day_of_period(start, months)
    assert end.day == start.day or (end + ONE_DAY).day == 1


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 20))
def test_a_year_is_twelve_months(start, years):
    assert add_years(start, years) == add_months(start, 12 * years)


@given(iso(DAYS), ON)
def test_a_minor_record_needs_no_waiting_under_the_rules_of_2026(identified_on, on):
    facts = {
        **ORDERLY,
        "severity": "minor",
        "identified_on": identified_on,
        "corrected_on": identified_on,
        "obligations": [],
        "commitment": {"signed_on": identified_on, "publication_consent": True},
    }
    rules_of_2026 = next(policy for policy in load_policies() if policy.id == "ndrc-2026-36")
    outcome = assess(Facts.from_json(facts), rules_of_2026, on).outcome
    start = date.fromisoformat(identified_on)
    if on < start:
        assert outcome == "not_yet"
    elif on <= last_day_of_period(start, 3):
        assert outcome == "eligible"
    else:
        assert outcome == "not_needed"


@given(st.booleans().flatmap(records), ON)
def test_an_explanation_is_read_back_as_it_was_written(facts, on):
    tree = explain(answer(facts, on))
    assert Explanation.from_json(json.loads(json.dumps(tree.to_json()))) == tree
