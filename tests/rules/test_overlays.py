"""Implementing rules under Article 18: stricter is laid over, looser is refused with the clause."""

from datetime import date

import pytest

from rules.eligibility import assess
from rules.errors import OverlayRefused, PolicyFileError
from rules.facts import UNKNOWN
from rules.policy import describe_overlay, get_policy, load_overlay, policy_for
from tests.rules.test_policies import facts

POLICY = get_policy("jiangsu-2020-4")
ENVIRONMENT = """
id = "environment-2027"
title = "生态环境领域信用修复实施细则"
document = "苏环规〔2027〕1号"
base = "jiangsu-2020-4"
effective_from = 2027-01-01
domains = ["environment"]

[severities.general]
conditions = ["training_completed"]
source = { article = "四" }

[severities.general.minimum]
amount = 6
unit = "months"
source = { article = "三" }

[severities.serious]
[severities.serious.max_age.credit_report_provided]
amount = 1
unit = "months"
source = { article = "五" }

[clocks.decision]
working_days = 5
source = { article = "七" }
"""


@pytest.fixture
def overlay(tmp_path):
    path = tmp_path / "environment.toml"
    path.write_text(ENVIRONMENT, encoding="utf-8")
    return load_overlay(path)


def content(**changes):
    told = {
        "id": "unit-2027",
        "title": "实施细则",
        "document": "某规〔2027〕1号",
        "base": "jiangsu-2020-4",
        "effective_from": "2027-01-01",
        "severities": {"general": {"conditions": ["training_completed"], "source": {"article": "二"}}},
        **changes,
    }
    return {key: value for key, value in told.items() if value is not None}


def minimum(amount, unit="months", article="三"):
    return {"amount": amount, "unit": unit, "source": {"article": article}}


def test_the_stricter_rule_applies_in_its_domain_only(overlay):
    policy = POLICY.overlay(overlay)
    day = date(2027, 3, 1)
    record = {"identified_on": "2026-10-15", "corrected_on": "2026-10-15", "training": None}
    inside = assess(facts(**record, domains=["environment"]), policy, day)
    outside = assess(facts(**record, domains=["food_drug"]), policy, day)
    assert outside.outcome == "eligible" and outside.finding("training_completed") is None
    assert inside.outcome == "not_yet"
    # 6 months from 2026-10-15: the last day is 2027-04-15.
    assert inside.finding("minimum_period").earliest_on == date(2027, 4, 16)
    assert inside.finding("minimum_period").article == "四"
    assert inside.finding("minimum_period").reason == (
        "第四条：自2026年10月15日起不少于6个月的期限未满，2027年4月16日起可以申请（依据苏环规〔2027〕1号第三条）。"
    )
    training = inside.finding("training_completed")
    assert (training.met, training.article) == (False, "十八")
    assert training.reason == "第十八条：尚未参加信用修复培训（依据苏环规〔2027〕1号第四条）。"
    assert training.reason_en == (
        "Article 18: Credit-repair training has not been completed (under 苏环规〔2027〕1号第四条)."
    )


def test_an_unknown_domain_leaves_the_stricter_rule_open(overlay):
    policy = POLICY.overlay(overlay)
    assessment = assess(facts(domains=UNKNOWN, training=None), policy, date(2027, 3, 1))
    assert assessment.finding("minimum_period").met is None
    assert assessment.finding("training_completed").met is None
    assert assessment.outcome == "not_yet"
    done = assess(facts(domains=UNKNOWN, training={"completed_on": "2026-06-01"}), policy, date(2027, 3, 1))
    assert done.finding("training_completed").met is True
    serious = assess(facts(severity="serious", domains=UNKNOWN), policy, date(2027, 3, 1))
    assert serious.finding("minimum_period").met is True


@pytest.mark.parametrize(
    "on, met", [(date(2027, 2, 14), True), (date(2027, 2, 15), True), (date(2027, 2, 16), False)]
)
def test_a_paper_grows_too_old(overlay, on, met):
    """A report of 2027-01-15 that counts for one month counts through 2027-02-15."""
    policy = POLICY.overlay(overlay)
    told = {
        "severity": "serious",
        "training": {"completed_on": "2026-06-01"},
        "credit_report": {"issued_on": "2027-01-15", "issuer": "credit_bureau"},
    }
    inside = assess(facts(**told, domains=["environment"]), policy, on)
    finding = inside.finding("credit_report_provided")
    assert (finding.met, finding.earliest_on) == (met, date(2027, 1, 15) if met else None)
    if not met:
        assert finding.reason == (
            "第五条：信用报告出具于2027年1月15日，按实施细则1个月内有效，已于2027年2月15日到期。"
        )
    assert inside.outcome == ("eligible" if met else "not_yet")
    assert assess(facts(**told), policy, on).outcome == "eligible"
    unsaid = assess(facts(**told, domains=UNKNOWN), policy, on)
    assert unsaid.finding("credit_report_provided").met is (True if met else None)


def test_a_report_that_is_missing_is_missing_in_any_domain(overlay):
    told = {"severity": "serious", "training": {"completed_on": "2026-06-01"}, "credit_report": None}
    assessment = assess(facts(**told, domains=UNKNOWN), POLICY.overlay(overlay), date(2027, 3, 1))
    assert assessment.finding("credit_report_provided").met is False


def test_what_is_laid_over_carries_its_own_name_and_dates(overlay):
    policy = POLICY.overlay(overlay)
    assert policy.id == "jiangsu-2020-4+environment-2027"
    assert policy.effective_from == date(2027, 1, 1)
    assert policy.digest != POLICY.digest
    assert (policy.clocks["decision"].working_days, policy.clocks["acceptance"].working_days) == (5, 3)
    assert policy.to_json()["overlays"][0]["document"] == "苏环规〔2027〕1号"
    assert POLICY.domain_rules == () and POLICY.clocks["decision"].working_days == 7


def test_the_day_decides_whether_it_applies(overlay):
    assert policy_for(date(2026, 12, 31), overlays=[overlay]).id == "jiangsu-2020-4"
    assert policy_for(date(2027, 1, 1), overlays=[overlay]).id == "jiangsu-2020-4+environment-2027"
    ended = load_overlay(content(effective_to="2027-06-30"))
    assert policy_for(date(2027, 6, 30), overlays=[ended]).id == "jiangsu-2020-4+unit-2027"
    assert policy_for(date(2027, 7, 1), overlays=[ended]).id == "jiangsu-2020-4"
    both = policy_for(date(2027, 6, 30), overlays=[overlay, ended])
    assert both.id == "jiangsu-2020-4+environment-2027+unit-2027"
    assert both.effective_to == date(2027, 6, 30)


def test_of_two_overlays_the_stricter_counts(overlay):
    longer = load_overlay(content(severities={"general": {"minimum": minimum(1, "years")}}))
    for policy in (POLICY.overlay(overlay).overlay(longer), POLICY.overlay(longer).overlay(overlay)):
        finding = assess(facts(domains=["environment"]), policy, date(2027, 3, 1)).finding("minimum_period")
        assert finding.earliest_on == date(2027, 5, 11)
        assert "某规〔2027〕1号第三条" in finding.reason


def test_the_difference_in_words(overlay):
    assert describe_overlay(POLICY, overlay) == [
        "自2027-01-01起施行：生态环境领域的一般失信行为：最短期限由3个月（苏信用发〔2020〕4号第四条）"
        "延长为6个月（苏环规〔2027〕1号第三条）。",
        "生态环境领域的一般失信行为：增加条件“已参加信用修复培训”（苏环规〔2027〕1号第四条）。",
        "生态环境领域的严重失信行为：“已提供信用报告”的材料须在1个月以内（苏环规〔2027〕1号第五条）。",
        "作出决定的期限由7个工作日（苏信用发〔2020〕4号第九条）缩短为5个工作日（苏环规〔2027〕1号第七条）。",
    ]


def test_rules_that_change_nothing_say_so():
    same = load_overlay(content(severities={"general": {"minimum": minimum(3)}}))
    assert describe_overlay(POLICY, same) == [
        "某规〔2027〕1号与苏信用发〔2020〕4号的要求相同，没有增加条件。"
    ]
    serious = load_overlay(
        content(severities={"serious": {"conditions": ["training_completed"], "source": {"article": "二"}}})
    )
    assert len(describe_overlay(POLICY, serious)) == 1


LOOSENING = [
    ({"severities": {"general": {"minimum": minimum(2)}}}, "苏信用发〔2020〕4号第四条", "由3个月缩短为2个月"),
    ({"severities": {"serious": {"minimum": minimum(5)}}}, "苏信用发〔2020〕4号第五条", "由6个月缩短为5个月"),
    (
        {"severities": {"serious": {"without": ["training_completed"], "source": {"article": "二"}}}},
        "苏信用发〔2020〕4号第五条",
        "已参加信用修复培训",
    ),
    (
        {"severities": {"general": {"without": ["publication_consent"], "source": {"article": "二"}}}},
        "苏信用发〔2020〕4号第四条",
        "同意向社会公开承诺",
    ),
    (
        {"clocks": {"decision": {"working_days": 8, "source": {"article": "二"}}}},
        "苏信用发〔2020〕4号第九条",
        "8",
    ),
    (
        {"clocks": {"acceptance": {"working_days": 4, "source": {"article": "二"}}}},
        "苏信用发〔2020〕4号第八条",
        "4",
    ),
    (
        {"clocks": {"sharing": {"working_days": 3, "source": {"article": "二"}}}},
        "苏信用发〔2020〕4号第十一条",
        "3",
    ),
    (
        {"clocks": {"objection": {"working_days": 6, "source": {"article": "二"}}}},
        "苏信用发〔2020〕4号第十三条",
        "6",
    ),
    ({"parameters": {"min_period_inclusive": True}}, "第四条", "计算方法"),
    ({"exclusions": {}}, "第六条", "不予修复"),
    ({"specific_serious": {"penalties": []}}, "第六条", "特定严重"),
    ({"scope": {"region_prefix": ""}}, "第二条", "适用范围"),
    ({"severities": {"general": {"publicity": {}}}}, "公示期限", "国家规定"),
    ({"severities": {"minor": {"minimum": minimum(1)}}}, "失信等级", "minor"),
    ({"base": "ndrc-2026-36"}, "所依据的文件", "ndrc-2026-36"),
    ({"effective_from": "2019-01-01", "effective_to": "2020-01-01"}, "施行日期", "没有重合"),
]


@pytest.mark.parametrize("changes, clause, why", LOOSENING, ids=range(1, len(LOOSENING) + 1))
def test_loosening_is_refused_with_the_clause(changes, clause, why):
    with pytest.raises(OverlayRefused) as caught:
        POLICY.overlay(load_overlay(content(**changes)))
    assert clause in caught.value.clause
    assert str(caught.value).startswith("实施细则不得放宽") and why in str(caught.value)
    assert str(caught.value).count("。") == 1


def test_the_same_or_a_stricter_number_is_accepted():
    for amount, unit in [(3, "months"), (4, "months"), (1, "years")]:
        POLICY.overlay(load_overlay(content(severities={"general": {"minimum": minimum(amount, unit)}})))
    clocks = {"decision": {"working_days": 7, "source": {"article": "二"}}}
    POLICY.overlay(load_overlay(content(clocks=clocks)))


@pytest.mark.parametrize(
    "changes, key",
    [
        ({"id": "Unit"}, "id"),
        ({"title": None}, "title"),
        ({"base": None}, "base"),
        ({"efective_to": "2028-01-01"}, "efective_to"),
        ({"effective_from": None}, "effective_from"),
        ({"effective_to": "2026-12-31"}, "effective_to"),
        ({"domains": []}, "domains"),
        ({"domains": ["mining"]}, "domains"),
        ({"severities": None}, "severities"),
        ({"severities": {"grave": {}}}, "severities.grave"),
        ({"severities": {"general": {"conditions": ["training_completed"]}}}, "severities.general.source"),
        (
            {"severities": {"general": {"conditions": ["minimum_period"], "source": {"article": "二"}}}},
            "severities.general.minimum",
        ),
        (
            {"severities": {"general": {"max_age": {"corrected": minimum(1)}}}},
            "severities.general.max_age.corrected",
        ),
        (
            {"severities": {"general": {"minimum": {"unit": "months", "source": {"note": "不明"}}}}},
            "severities.general.minimum.amount",
        ),
        ({"clocks": {"decision": {"source": {"note": "不明"}}}}, "clocks.decision.working_days"),
    ],
)
def test_a_faulty_file_is_named_by_key(changes, key):
    with pytest.raises(PolicyFileError) as caught:
        load_overlay(content(**changes))
    assert caught.value.key == key


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PolicyFileError, match=r"absent\.toml"):
        load_overlay(tmp_path / "absent.toml")


def test_rules_without_domains_apply_to_every_record_of_the_unit():
    overlay = load_overlay(content(severities={"general": {"minimum": minimum(4)}}))
    policy = POLICY.overlay(overlay)
    for domains in ([], ["work_safety"], UNKNOWN):
        finding = assess(facts(domains=domains), policy, date(2027, 3, 1)).finding("minimum_period")
        assert finding.earliest_on == date(2026, 9, 11)
    assert describe_overlay(POLICY, overlay) == [
        "自2027-01-01起施行：本单位认定的一般失信行为：最短期限由3个月（苏信用发〔2020〕4号第四条）"
        "延长为4个月（某规〔2027〕1号第三条）。"
    ]


def test_of_two_overlays_the_shorter_clock_counts(overlay):
    six = load_overlay(content(clocks={"decision": {"working_days": 6, "source": {"article": "二"}}}))
    for policy in (POLICY.overlay(overlay).overlay(six), POLICY.overlay(six).overlay(overlay)):
        assert policy.clocks["decision"].working_days == 5
        assert policy.clocks["decision"].source.document == "苏环规〔2027〕1号"


def test_a_clock_that_the_policy_leaves_open_can_be_set():
    told = content(
        base="ndrc-2026-36",
        severities=None,
        clocks={"objection": {"working_days": 5, "source": {"article": "二"}}},
    )
    base, overlay = get_policy("ndrc-2026-36"), load_overlay(told)
    assert base.overlay(overlay).clocks["objection"].working_days == 5
    assert describe_overlay(base, overlay) == [
        "自2027-01-01起施行：处理异议的期限定为5个工作日（某规〔2027〕1号第二条）。"
    ]


def test_a_class_without_a_minimum_period_can_get_one():
    base = get_policy("ndrc-2026-36")
    overlay = load_overlay(content(base="ndrc-2026-36", severities={"minor": {"minimum": minimum(1)}}))
    finding = assess(facts(severity="minor"), base.overlay(overlay), date(2027, 3, 1)).finding(
        "minimum_period"
    )
    assert (finding.article, finding.earliest_on) == ("十八", date(2026, 6, 11))
    assert describe_overlay(base, overlay) == [
        "自2027-01-01起施行：本单位认定的轻微失信信息：增加最短期限1个月（某规〔2027〕1号第三条）。"
    ]


def test_training_grows_too_old_as_well():
    """Training of 2026-06-01 that counts for one year counts through 2027-06-01."""
    overlay = load_overlay(
        content(severities={"serious": {"max_age": {"training_completed": minimum(1, "years")}}})
    )
    policy = POLICY.overlay(overlay)
    told = facts(severity="serious", training={"completed_on": "2026-06-01"})
    assert assess(told, policy, date(2027, 6, 1)).finding("training_completed").met is True
    assert assess(told, policy, date(2027, 6, 2)).finding("training_completed").met is False
    assert assess(told, policy, date(2026, 5, 31)).finding("training_completed").earliest_on == date(
        2026, 6, 1
    )
