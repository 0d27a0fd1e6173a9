"""The tree that pages and letters render: clause, sentence, fact used, what to do, from which day."""

import re
from datetime import date
from pathlib import Path

from rules import conditions, exclusions
from rules.articles import article_number
from rules.eligibility import assess
from rules.explanation import FACT_LABELS, FACTS_USED, explain
from rules.facts import UNKNOWN, Facts
from rules.findings import Finding
from rules.instruments import CONDITIONS, EXCLUSIONS
from rules.policy import get_policy
from rules.wording import WORDS
from tests.rules.test_policies import facts

POLICY = get_policy("jiangsu-2020-4")


def test_a_record_that_must_wait():
    """General, 2026-05-10: three months end on 2026-08-10, so 2026-08-11; the fine is not paid."""
    fine = [{"name": "罚款", "source": "administrative", "fulfilled_on": None}]
    tree = explain(assess(facts(obligations=fine), POLICY, date(2026, 7, 1)))
    assert (tree.outcome_zh, tree.outcome_en) == ("尚不能申请", "One may not apply yet")
    assert tree.document == "苏信用发〔2020〕4号"
    assert tree.earliest_on == date(2026, 8, 11)
    assert [(clause.label_zh, clause.label_en, clause.met) for clause in tree.clauses] == [
        ("第二条", "Article 2", True),
        ("第六条", "Article 6", True),
        ("第四条", "Article 4", False),
    ]
    reasons = {reason.code: reason for reason in tree.clauses[2].reasons}
    waiting = reasons["minimum_period"]
    assert waiting.reason_zh == "第四条：自2026年5月10日起不少于3个月的期限未满，2026年8月11日起可以申请。"
    assert waiting.reason_en == (
        "Article 4: The minimum period of 3 months from 2026-05-10 has not passed; one may apply from 2026-08-11."
    )
    assert waiting.remedy_zh == "请在2026年8月11日或者以后申请。"
    assert waiting.remedy_en == "Apply on or after 2026-08-11."
    assert waiting.earliest_on == date(2026, 8, 11)
    assert [(fact.label, fact.value) for fact in waiting.facts] == [
        ("失信严重程度", "general"),
        ("认定日期", "2026-05-10"),
    ]
    unpaid = reasons["obligations_fulfilled"]
    assert unpaid.reason_zh == "第四条：尚有法定责任和义务没有履行完毕：罚款。"
    assert unpaid.remedy_zh == "请先履行完毕下列义务，再提供履行完毕的材料：罚款。"
    assert unpaid.remedy_en == "Fulfil 罚款 and provide proof."
    assert reasons["corrected"].remedy_zh == "" and reasons["corrected"].remedy_en == ""


def test_what_is_not_known_is_shown_as_not_known():
    tree = explain(assess(Facts(), POLICY, date(2026, 7, 1)))
    assert tree.outcome == "not_yet" and tree.earliest_on is None
    assert all(clause.met is None for clause in tree.clauses)
    used = [fact for clause in tree.clauses for reason in clause.reasons for fact in reason.facts]
    assert {fact.name for fact in used if fact.known} == set()
    assert {fact.name for fact in used} <= set(FACT_LABELS)


def test_duties_without_a_name_are_still_counted():
    duties = [{"source": "judicial"}, {"name": "整改", "source": "administrative"}]
    finding = assess(facts(obligations=duties), POLICY, date(2026, 9, 1)).finding("obligations_fulfilled")
    assert finding.reason == "第四条：没有写明下列义务是否已经履行：未写明名称的义务、整改。"
    assert finding.reason_en.endswith("fulfilled: an unnamed duty, 整改.")


def test_a_bar_names_its_basis_even_where_it_is_not_said():
    bar = assess(facts(statutory_bar={"basis": "某法第十条"}), POLICY, date(2026, 9, 1)).finding(
        "statutory_bar"
    )
    assert bar.reason == "第六条：法律、法规、规章明确规定不予修复（依据：某法第十条）。"
    unsaid = assess(facts(statutory_bar={}), POLICY, date(2026, 9, 1))
    assert unsaid.outcome == "barred"
    assert (
        unsaid.finding("statutory_bar").reason == "第六条：法律、法规、规章明确规定不予修复（依据：未写明）。"
    )


def test_the_decision_date_of_the_bar_is_shown():
    told = {"decided_on": "2026-04-20", "domains": ["food_drug"], "penalties": ["revoke_licence"]}
    tree = explain(assess(facts(**told), POLICY, date(2026, 7, 1)))
    assert tree.bar_ends_on == date(2029, 4, 20)
    bar = tree.clauses[1].reasons[0]
    assert (
        bar.reason_zh == "第六条：属于特定严重失信行为，最长公示期限至2029年4月20日届满，期满前不予信用修复。"
    )
    assert {fact.name: fact.value for fact in bar.facts}["decided_on"] == "2026-04-20"
    unstated = explain(assess(facts(**{**told, "decided_on": None}), POLICY, date(2026, 7, 1)))
    assert {fact.name: fact.value for fact in unstated.clauses[1].reasons[0].facts}[
        "decided_on"
    ] == "2026-05-10"


def test_the_tree_as_json():
    tree = explain(assess(facts(corrected_on=UNKNOWN), POLICY, date(2026, 9, 1))).to_json()
    assert tree["on"] == "2026-09-01" and tree["earliest_on"] == "2026-08-11"
    corrected = next(
        reason for clause in tree["clauses"] for reason in clause["reasons"] if reason["code"] == "corrected"
    )
    assert corrected == {
        "code": "corrected",
        "article": "四",
        "met": None,
        "reason_zh": "第四条：没有写明失信行为是否已经纠正。",
        "reason_en": "Article 4: It is not stated whether the conduct has been corrected.",
        "facts": [{"name": "corrected_on", "label": "纠正日期", "known": False, "value": None}],
        "remedy_zh": "请写明纠正的日期，并提供已纠正失信行为的材料。",
        "remedy_en": "State the day of the correction and provide proof of it.",
        "earliest_on": None,
    }


def test_every_state_has_words_and_no_words_are_idle():
    """The words cover the states that the checks can reach, and what they fill in is there."""
    codes = {"in_scope", *CONDITIONS, *EXCLUSIONS}
    assert codes == set(FACTS_USED)
    assert {code for code, _ in WORDS} == codes
    source = "".join(Path(module.__file__).read_text() for module in (conditions, exclusions))
    written = set(re.findall(r'"([a-z_]+)"', source)) | {
        "unknown_severity",
        "unknown_domains",
        "unknown_number",
        "uncertain",
    }
    assert {state for _, state in WORDS} <= written
    for (code, state), words in WORDS.items():
        blanks = [set(re.findall(r"\{(\d)\}", text)) for text in words]
        assert blanks[0] == blanks[1] and blanks[2] == blanks[3]
        assert bool(words.do_zh) == bool(words.do_en)
        finding = Finding(
            code, "四", None, None, state, (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3))
        )
        assert finding.reason and finding.reason_en


def test_articles_are_numbered():
    numerals = {"一": 1, "四": 4, "九": 9, "十": 10, "十一": 11, "十八": 18, "二十": 20, "三十五": 35}
    assert {numeral: article_number(numeral) for numeral in numerals} == numerals


def reason(code, on=date(2026, 9, 1), **changes):
    return assess(facts(**changes), POLICY, on).finding(code).reason


GRAVE = {"domains": ["food_drug"], "penalties": ["revoke_licence"]}


def test_the_sentences_of_the_grounds():
    assert reason("in_scope", region="310000") == (
        "第二条：失信行为不是在本省行政区域内认定（行政区划代码310000），不适用本规定。"
    )
    assert reason("false_material", false_material=True) == "第六条：提交虚假材料等不实申请，不予信用修复。"
    assert reason("specific_serious", domains=UNKNOWN, penalties=["revoke_licence"]) == (
        "第六条：处罚种类、领域或者行为没有全部写明，无法判断是否属于特定严重失信行为。"
    )
    undated = reason("specific_serious", identified_on=UNKNOWN, **GRAVE)
    assert undated == "第六条：属于特定严重失信行为，但没有写明处罚决定日期，无法判断最长公示期限是否届满。"
    unsure = reason("specific_serious", identified_on=UNKNOWN, **{**GRAVE, "domains": UNKNOWN})
    assert unsure.startswith("第六条：处罚种类、领域或者行为没有全部写明")
    assert reason("minimum_period", identified_on=UNKNOWN) == "第四条：没有写明认定日期，无法计算最短期限。"


def test_the_bar_names_its_first_free_day():
    """Decided on 2026-05-10: three years end on 2029-05-10, so the first free day is 2029-05-11."""
    barred = assess(facts(**GRAVE), POLICY, date(2029, 5, 10)).finding("specific_serious")
    assert (barred.met, barred.earliest_on) == (False, date(2029, 5, 11))
    over = assess(facts(**GRAVE), POLICY, date(2029, 5, 11)).finding("specific_serious")
    assert (over.met, over.earliest_on) == (True, date(2029, 5, 11))
    assert over.reason == "第六条：属于或者可能属于特定严重失信行为，但最长公示期限已于2029年5月10日届满。"


def test_each_finding_names_its_own_first_day():
    future = {"signed_on": "2026-10-05", "publication_consent": True}
    for on in (date(2026, 9, 1), date(2026, 11, 1)):
        assessment = assess(facts(commitment=future), POLICY, on)
        for code in ("commitment_signed", "publication_consent"):
            assert assessment.finding(code).earliest_on == date(2026, 10, 5)


def test_an_unsaid_duty_leaves_no_day_on_which_all_are_fulfilled():
    duties = [{"name": "罚款", "fulfilled_on": "2026-10-05"}, {"name": "整改"}]
    finding = assess(facts(obligations=duties), POLICY, date(2026, 9, 1)).finding("obligations_fulfilled")
    assert (finding.met, finding.earliest_on) == (False, None)
