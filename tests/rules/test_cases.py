"""The hand-worked cases of tests/rules/cases, and the rules and the naive reading beside them."""

from datetime import date

import pytest

from rules.eligibility import assess
from rules.facts import CONDUCTS, DOMAINS, PENALTIES, Facts
from rules.policy import get_policy
from tests.rules.case_files import Case, read_cases
from tests.rules.naive import naive_assess

CASES = list(read_cases())
ARTICLES = {"in_scope": "二", "specific_serious": "六", "false_material": "六", "statutory_bar": "六"}
SERIOUS_ONLY = ("training_completed", "credit_report_provided")


def test_the_collection_covers_every_ground_and_penalty():
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
    pairs = {
        (ground, penalty)
        for case in CASES
        for ground in [*case.facts.get("domains", []), *case.facts.get("conducts", [])]
        for penalty in case.facts.get("penalties", [])
    }
    listed = ("order_suspension", "revoke_permit", "revoke_licence")
    assert pairs >= {(ground, penalty) for ground in [*DOMAINS, *CONDUCTS] for penalty in listed}
    assert {penalty for _, penalty in pairs} == set(PENALTIES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case):
    assessment = assess(Facts.from_json(case.facts), get_policy("jiangsu-2020-4"), case.on)
    assert assessment.outcome == case.outcome
    assert assessment.earliest_on == case.earliest_on
    assert assessment.bar_ends_on == case.bar_ends_on
    met = {finding.code: finding.met for finding in assessment.findings}
    assert {code: met[code] for code in case.met} == case.met
    severity_article = "五" if case.facts.get("severity") == "serious" else "四"
    for finding in assessment.findings:
        article = ARTICLES.get(finding.code, "五" if finding.code in SERIOUS_ONLY else severity_article)
        assert finding.article == article
        assert finding.to_json()["reason"].startswith(f"第{article}条：")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_naive_reading_agrees_with_the_hand(case: Case):
    answer = naive_assess(case.facts, case.on)
    assert (answer["outcome"], answer["earliest_on"], answer["bar_ends_on"]) == (
        case.outcome,
        case.earliest_on,
        case.bar_ends_on,
    )
    assert {code: answer["met"][code] for code in case.met} == case.met


def test_the_example_of_the_interface():
    """A general record of 2026-05-01 with everything in order by 2026-08-01: from 2026-08-02."""
    facts = Facts.from_json(
        {
            "severity": "general",
            "identified_on": "2026-05-01",
            "decided_on": None,
            "region": "320100",
            "penalties": ["fine"],
            "domains": [],
            "conducts": [],
            "other_specific_serious_ground": None,
            "corrected_on": "2026-06-01",
            "obligations": [{"name": "罚款", "source": "administrative", "fulfilled_on": "2026-06-01"}],
            "commitment": {"signed_on": "2026-08-01", "publication_consent": True},
            "training": {"completed_on": "2026-07-01"},
            "credit_report": {"issued_on": "2026-07-15", "issuer": "credit_bureau"},
            "false_material": False,
            "statutory_bar": None,
        }
    )
    answer = assess(facts, get_policy("jiangsu-2020-4"), date(2026, 11, 23)).to_json()
    findings = {finding["code"]: finding for finding in answer.pop("findings")}
    assert answer == {
        "policy": "jiangsu-2020-4",
        "on": "2026-11-23",
        "outcome": "eligible",
        "earliest_on": "2026-08-02",
        "bar_ends_on": None,
    }
    assert findings["minimum_period"] == {
        "code": "minimum_period",
        "article": "四",
        "met": True,
        "earliest_on": "2026-08-02",
        "reason": "第四条：自2026年5月1日起不少于3个月的期限已满，2026年8月2日起可以申请。",
    }
    assert {code: finding["article"] for code, finding in findings.items()} == {
        "in_scope": "二",
        "specific_serious": "六",
        "false_material": "六",
        "statutory_bar": "六",
        "minimum_period": "四",
        "corrected": "四",
        "obligations_fulfilled": "四",
        "commitment_signed": "四",
        "publication_consent": "四",
    }
