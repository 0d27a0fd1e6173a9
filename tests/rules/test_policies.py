"""Policies as dated data: what the shipped ones say, how one is chosen, and how a faulty file is refused."""

import copy
from datetime import date

import pytest

from rules.eligibility import assess, publicity_ends_on
from rules.errors import InputError, NoPolicyError, PolicyFileError
from rules.facts import UNKNOWN, Facts
from rules.policy import (
    check_succession,
    get_policy,
    load_policies,
    load_policy_files,
    parse_policy,
    policy_for,
)
from tests.rules.strategies import ORDERLY

RAW = get_policy("jiangsu-2020-4").raw


def facts(**changes) -> Facts:
    """A record of 2026-05-10 with everything done that day."""
    day = "2026-05-10"
    told = {
        **ORDERLY,
        "severity": "general",
        "identified_on": day,
        "corrected_on": day,
        "obligations": [],
        "commitment": {"signed_on": day, "publication_consent": True},
        **changes,
    }
    return Facts.from_json({key: value for key, value in told.items() if value is not UNKNOWN})


def test_the_numbers_of_the_notice():
    policy = get_policy("jiangsu-2020-4")
    assert {name: (clock.working_days, clock.source.article) for name, clock in policy.clocks.items()} == {
        "acceptance": (3, "八"),
        "decision": (7, "九"),
        "sharing": (2, "十一"),
        "objection": (5, "十三"),
        "withdrawal": (3, "四十八"),
        "information": (5, "十三"),
        "verification": (3, "九"),
        # The Notice has no such number.
        "claim": (3, None),
    }
    assert policy.clocks["withdrawal"].source.document == "《中华人民共和国行政处罚法》"
    general, serious = policy.severities["general"], policy.severities["serious"]
    assert (str(general.minimum), general.minimum.source.article) == ("3个月", "四")
    assert (str(serious.minimum), serious.minimum.source.article) == ("6个月", "五")
    assert (str(general.publicity), str(serious.publicity)) == ("1年", "3年")
    assert general.publicity.source.document == "发改办财金〔2019〕527号"
    assert policy.min_period_inclusive is False
    assert policy.on_missed_correction_notice == "escalate"


def test_the_adopted_policy_is_chosen_by_day():
    for day in (date(2020, 9, 26), date(2023, 5, 1), date(2026, 11, 23)):
        assert policy_for(day).id == "jiangsu-2020-4"
        assert policy_for(day, region="320500").id == "jiangsu-2020-4"
    with pytest.raises(NoPolicyError):
        policy_for(date(2020, 9, 25))
    with pytest.raises(NoPolicyError):
        policy_for(date(2026, 11, 23), region="310000")
    with pytest.raises(InputError):
        get_policy("jiangsu-1999-1")


def test_an_inclusive_policy_opens_on_the_corresponding_day():
    raw = copy.deepcopy(RAW)
    raw["parameters"]["min_period_inclusive"] = True
    inclusive = parse_policy(raw, "test")
    record = facts()
    assert assess(record, get_policy("jiangsu-2020-4"), date(2026, 8, 10)).outcome == "not_yet"
    assert assess(record, inclusive, date(2026, 8, 9)).outcome == "not_yet"
    assert assess(record, inclusive, date(2026, 8, 10)).outcome == "eligible"


def test_order_58_asks_a_year_in_some_domains():
    """3 months from the decision; 1 year for food, drugs, work safety and fire safety; no training or report."""
    policy = get_policy("ndrc-2023-58")
    day = date(2025, 6, 1)
    plain = facts(identified_on="2025-01-15", corrected_on="2025-01-15", domains=["environment"])
    strict = facts(
        identified_on="2025-01-15", corrected_on="2025-01-15", domains=["environment", "fire_safety"]
    )
    unsaid = facts(identified_on="2025-01-15", corrected_on="2025-01-15", domains=UNKNOWN)
    assert assess(plain, policy, day).finding("minimum_period").earliest_on == date(2025, 4, 16)
    assert assess(strict, policy, day).finding("minimum_period").earliest_on == date(2026, 1, 16)
    finding = assess(unsaid, policy, day).finding("minimum_period")
    assert (finding.met, finding.earliest_on) == (None, None)
    assert finding.reason == "没有写明所涉领域，而最短期限因领域而不同，无法确定。"
    serious = assess(facts(severity="serious"), policy, day)
    assert serious.finding("training_completed") is None
    assert serious.finding("credit_report_provided") is None


def test_order_36_knows_a_third_severity():
    policy = get_policy("ndrc-2026-36")
    minor = assess(facts(severity="minor"), policy, date(2026, 5, 10))
    assert (minor.outcome, minor.earliest_on) == ("eligible", date(2026, 5, 10))
    assert minor.finding("minimum_period") is None
    assert publicity_ends_on(facts(severity="minor"), policy) == date(2026, 8, 10)
    assert assess(facts(severity="serious"), policy, date(2026, 6, 1)).earliest_on == date(2027, 5, 11)
    # From the decision, not from the identification.
    earlier = facts(decided_on="2026-04-20")
    assert assess(earlier, policy, date(2026, 6, 1)).finding("minimum_period").earliest_on == date(
        2026, 7, 21
    )
    assert (policy.clocks["decision"].working_days, policy.clocks["decision"].extension) == (7, 10)
    assert policy.clocks["objection"].working_days is None
    # What the order makes of false material has not been verified, so nothing is guessed.
    untrue = assess(facts(false_material=True), policy, date(2026, 9, 1))
    assert untrue.finding("false_material").met is None and untrue.outcome == "not_yet"
    assert untrue.finding("false_material").reason == (
        "提交了虚假材料，国家发展改革委令第36号对此的规定尚未核实，无法判断。"
    )
    assert untrue.finding("false_material").earliest_on is None


def test_a_severity_of_another_policy_is_an_error():
    with pytest.raises(InputError, match="severity"):
        assess(facts(severity="minor"), get_policy("jiangsu-2020-4"), date(2026, 6, 1))
    with pytest.raises(InputError, match="severity"):
        publicity_ends_on(facts(severity="minor"), get_policy("jiangsu-2020-4"))


def test_an_unknown_number_makes_the_finding_unknown():
    raw = copy.deepcopy(RAW)
    raw["severities"]["general"]["minimum"] = {"unit": "months", "source": {"note": "条号和数字未核实"}}
    raw["specific_serious"]["publicity"] = {"unit": "years", "source": {"note": "未核实"}}
    policy = parse_policy(raw, "test")
    assessment = assess(facts(), policy, date(2026, 9, 1))
    assert assessment.finding("minimum_period").met is None
    assert (assessment.outcome, assessment.earliest_on) == ("not_yet", None)
    grave = assess(facts(domains=["food_drug"], penalties=["revoke_licence"]), policy, date(2026, 9, 1))
    assert grave.finding("specific_serious").met is None
    unsure = assess(facts(domains=UNKNOWN, penalties=["revoke_licence"]), policy, date(2027, 9, 1))
    assert (unsure.finding("specific_serious").met, unsure.outcome) == (None, "not_yet")


def test_an_unknown_publicity_ends_nothing():
    raw = copy.deepcopy(RAW)
    raw["severities"]["general"]["publicity"] = {"unit": "years", "source": {"note": "未核实"}}
    policy = parse_policy(raw, "test")
    assert publicity_ends_on(facts(), policy) is None
    assert assess(facts(), policy, date(2040, 1, 1)).outcome == "eligible"
    assert assess(facts(severity=UNKNOWN), policy, date(2040, 1, 1)).outcome == "not_yet"


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, date(2027, 5, 10)),
        ({"severity": "serious"}, date(2029, 5, 10)),
        ({"decided_on": "2026-04-30"}, date(2027, 4, 30)),
        ({"domains": ["environment"], "penalties": ["order_suspension"]}, date(2029, 5, 10)),
        ({"domains": UNKNOWN, "penalties": ["order_suspension"]}, None),
        ({"severity": UNKNOWN}, None),
        (
            {"severity": UNKNOWN, "domains": ["environment"], "penalties": ["order_suspension"]},
            date(2029, 5, 10),
        ),
        ({"identified_on": UNKNOWN}, None),
    ],
)
def test_publicity_ends(changes, expected):
    assert publicity_ends_on(facts(**changes), get_policy("jiangsu-2020-4")) == expected


def test_the_same_content_has_the_same_digest():
    policy = get_policy("jiangsu-2020-4")
    again = parse_policy({key: RAW[key] for key in reversed(RAW)}, "stored")
    assert again.digest == policy.digest
    changed = copy.deepcopy(RAW)
    changed["clocks"]["decision"]["working_days"] = 8
    assert parse_policy(changed, "stored").digest != policy.digest


def delete(*path):
    def change(raw):
        for key in path[:-1]:
            raw = raw[key]
        del raw[path[-1]]

    return change


def put(*path, value):
    def change(raw):
        for key in path[:-1]:
            raw = raw[key]
        raw[path[-1]] = value

    return change


FAULTS = [
    (delete("title"), "title"),
    (put("titel", value="x"), "titel"),
    (put("id", value="Jiangsu 4"), "id"),
    (put("adopted", value="yes"), "adopted"),
    (put("effective_from", value="2020-09-31"), "effective_from"),
    (put("effective_to", value="2020-09-25"), "effective_to"),
    (put("scope", value=3), "scope"),
    (put("scope", "region_prefix", value="3x"), "scope.region_prefix"),
    (delete("scope", "source"), "scope.source"),
    (put("scope", "source", "article", value="4"), "scope.source.article"),
    (delete("scope", "source", "article"), "scope.source.article"),
    (put("parameters", "minimum_from", value="today"), "parameters.minimum_from"),
    (put("parameters", "min_period_inclusive", value=0), "parameters.min_period_inclusive"),
    (
        put("parameters", "on_missed_correction_notice", value="ignore"),
        "parameters.on_missed_correction_notice",
    ),
    (put("severities", value={}), "severities"),
    (put("severities", "grave", value={}), "severities.grave"),
    (put("severities", "general", "minimum", "amount", value=0), "severities.general.minimum.amount"),
    (put("severities", "general", "minimum", "amount", value=True), "severities.general.minimum.amount"),
    (put("severities", "general", "minimum", "unit", value="weeks"), "severities.general.minimum.unit"),
    (delete("severities", "general", "minimum", "amount"), "severities.general.minimum.amount"),
    (delete("severities", "general", "minimum"), "severities.general.minimum"),
    (delete("severities", "general", "publicity"), "severities.general.publicity"),
    (put("severities", "general", "conditions", value=["corected"]), "severities.general.conditions"),
    (put("severities", "general", "conditions", value=["corrected"] * 2), "severities.general.conditions"),
    (put("severities", "general", "conditions", value="corrected"), "severities.general.conditions"),
    (put("exclusions", "bad_mood", value={}), "exclusions.bad_mood"),
    (delete("exclusions", "specific_serious"), "specific_serious"),
    (
        put("exclusions", "false_material", "effect_unknown", value=True),
        "exclusions.false_material.effect_unknown",
    ),
    (delete("specific_serious"), "specific_serious"),
    (put("specific_serious", "penalties", value=[]), "specific_serious.penalties"),
    (put("specific_serious", "conducts", value=["theft"]), "specific_serious.conducts"),
    (delete("clocks", "sharing"), "clocks.sharing"),
    (delete("clocks", "sharing", "working_days"), "clocks.sharing.working_days"),
    (put("clocks", "sharing", "days", value=2), "clocks.sharing.days"),
    (put("clocks", "appeal", value={}), "clocks.appeal"),
    (put("domain_rules", value={}), "domain_rules"),
    (put("domain_rules", value=[{"severity": "minor"}]), "domain_rules[0].severity"),
    (put("domain_rules", value=[{"severity": "general", "domains": []}]), "domain_rules[0].domains"),
]


@pytest.mark.parametrize(
    "change, key", FAULTS, ids=[f"{index} {key}" for index, (_, key) in enumerate(FAULTS)]
)
def test_a_fault_is_named_by_file_and_key(change, key):
    raw = copy.deepcopy(RAW)
    change(raw)
    with pytest.raises(PolicyFileError) as caught:
        parse_policy(raw, "jiangsu.toml")
    assert caught.value.key == key
    assert str(caught.value).startswith(f"jiangsu.toml：{key}：")


def test_a_broken_file_is_named_with_its_line(tmp_path):
    (tmp_path / "broken.toml").write_text('id = "broken"\ntitle = \n')
    with pytest.raises(PolicyFileError, match=r"broken\.toml.*第2行"):
        load_policy_files(tmp_path)
    (tmp_path / "broken.toml").write_bytes(b"id = '\xff'")
    with pytest.raises(PolicyFileError, match="UTF-8"):
        load_policy_files(tmp_path)


def test_adopted_policies_neither_overlap_nor_leave_a_gap():
    def named(policy_id, start, end):
        raw = {**copy.deepcopy(RAW), "id": policy_id, "effective_from": start}
        return parse_policy({**raw, "effective_to": end} if end else raw, policy_id)

    first = named("first", "2020-09-26", "2024-12-31")
    check_succession([named("second", "2025-01-01", None), first])
    with pytest.raises(PolicyFileError, match="重叠"):
        check_succession([first, named("second", "2024-12-31", None)])
    with pytest.raises(PolicyFileError, match="空档"):
        check_succession([first, named("second", "2025-01-02", None)])
    with pytest.raises(PolicyFileError, match="重叠"):
        check_succession([get_policy("jiangsu-2020-4"), named("second", "2030-01-01", None)])


def test_every_number_of_the_shipped_policies_names_its_source():
    for policy in load_policies():
        terms = [
            term for rule in policy.severities.values() for term in (rule.minimum, rule.publicity) if term
        ]
        sources = [each.source for each in (*terms, *policy.clocks.values(), *policy.exclusions)]
        assert all(source.document and (source.article or source.note) for source in sources)


def test_periods_run_from_the_day_that_the_policy_names():
    raw = copy.deepcopy(RAW)
    raw["parameters"] |= {"minimum_from": "decided_on", "publicity_from": "identified_on"}
    policy = parse_policy(raw, "test")
    record = facts(decided_on="2026-04-20", domains=["food_drug"], penalties=["revoke_licence"])
    assessment = assess(record, policy, date(2026, 9, 1))
    assert assessment.finding("minimum_period").earliest_on == date(2026, 7, 21)
    assert assessment.bar_ends_on == date(2029, 5, 10)
    assert publicity_ends_on(facts(decided_on="2026-04-20"), policy) == date(2027, 5, 10)


def test_a_ground_whose_effect_is_unknown_still_names_its_article():
    raw = copy.deepcopy(RAW)
    raw["exclusions"]["false_material"] = {
        "source": {"article": "六", "note": "效果未核实"},
        "effect_unknown": True,
    }
    finding = assess(facts(false_material=True), parse_policy(raw, "test"), date(2026, 9, 1)).finding(
        "false_material"
    )
    assert (finding.met, finding.article) == (None, "六")
