"""`python -m rules`, as a person at a terminal meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACTS = {
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
    "training": None,
    "credit_report": None,
    "false_material": False,
    "statutory_bar": None,
}


def run(*arguments: str, given: str | bytes = "") -> subprocess.CompletedProcess:
    data = given.encode() if isinstance(given, str) else given
    return subprocess.run(
        [sys.executable, "-m", "rules", *arguments], input=data, capture_output=True, cwd=ROOT
    )


def assess(facts, *options: str) -> subprocess.CompletedProcess:
    return run("assess", "-", "--on", "2026-11-23", *options, given=json.dumps(facts))


def refusal(result: subprocess.CompletedProcess) -> str:
    """The one sentence of a refusal: exit 2, nothing on standard output."""
    assert result.returncode == 2
    assert result.stdout == b""
    sentence = result.stderr.decode()
    assert sentence.endswith("。\n") and sentence.count("\n") == 1
    return sentence


def test_assess_one_record():
    result = assess(FACTS)
    assert result.returncode == 0 and result.stderr == b""
    answer = json.loads(result.stdout)
    assert list(answer) == ["policy", "on", "outcome", "earliest_on", "bar_ends_on", "findings"]
    assert (answer["policy"], answer["outcome"], answer["earliest_on"]) == (
        "jiangsu-2020-4",
        "eligible",
        "2026-08-02",
    )
    assert all(
        list(finding) == ["code", "article", "met", "earliest_on", "reason"] for finding in answer["findings"]
    )


def test_assess_a_list_gives_a_list(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps([FACTS, {**FACTS, "region": "310000"}]), encoding="utf-8-sig")
    answers = json.loads(run("assess", str(path), "--on", "2026-11-23").stdout)
    assert [answer["outcome"] for answer in answers] == ["eligible", "out_of_scope"]
    assert json.loads(assess([]).stdout) == []


def test_assess_without_a_day_uses_today():
    answer = json.loads(run("assess", "-", given=json.dumps(FACTS)).stdout)
    assert answer["outcome"] in ("eligible", "not_needed")


def test_assess_under_a_named_policy():
    facts = {**FACTS, "severity": "serious", "identified_on": "2026-04-10"}
    assert json.loads(assess(facts, "--policy", "ndrc-2026-36").stdout)["earliest_on"] == "2027-04-11"
    assert json.loads(assess(facts, "--policy", "jiangsu-2020-4").stdout)["earliest_on"] == "2026-10-11"


def test_assess_explained():
    tree = json.loads(assess({**FACTS, "corrected_on": None}, "--explain").stdout)
    reasons = {reason["code"]: reason for clause in tree["clauses"] for reason in clause["reasons"]}
    assert reasons["corrected"]["reason_zh"] == "第四条：失信行为尚未纠正。"
    assert reasons["corrected"]["reason_en"] == "Article 4: The conduct has not been corrected."
    assert reasons["corrected"]["remedy_zh"] == "请先纠正失信行为。"


BAD_FACTS = [
    ({"severity": "grave"}, "severity", "general"),
    ({"severity": None}, "severity", "serious"),
    ({"severity": "minor"}, "severity", "general、serious"),
    ({"identified_on": "2026-02-30"}, "identified_on", "并不存在"),
    ({"identified_on": "20260501"}, "identified_on", "YYYY-MM-DD"),
    ({"identified_on": "2026-W18-5"}, "identified_on", "YYYY-MM-DD"),
    ({"identified_on": "２０２６-05-01"}, "identified_on", "YYYY-MM-DD"),
    ({"identified_on": 20260501}, "identified_on", "YYYY-MM-DD"),
    ({"identified_on": "9999-12-31"}, "identified_on", "2999"),
    ({"identified_on": None}, "identified_on", "YYYY-MM-DD"),
    ({"decided_on": "yesterday"}, "decided_on", "YYYY-MM-DD"),
    ({"region": "3201"}, "region", "GB/T 2260"),
    ({"region": "990000"}, "region", "GB/T 2260"),
    ({"region": 320100}, "region", "GB/T 2260"),
    ({"penalties": "fine"}, "penalties", "数组"),
    ({"penalties": ["fine", "罚款"]}, "penalties[1]", "confiscate_gains"),
    ({"domains": ["mining"]}, "domains[0]", "food_drug"),
    ({"conducts": [["bribery"]]}, "conducts[0]", "bribery"),
    ({"other_specific_serious_ground": "  "}, "other_specific_serious_ground", "非空"),
    ({"other_specific_serious_ground": "a\ud800"}, "other_specific_serious_ground", "文字"),
    ({"corrected_on": False}, "corrected_on", "YYYY-MM-DD"),
    ({"obligations": {}}, "obligations", "数组"),
    ({"obligations": [None]}, "obligations[0]", "对象"),
    (
        {"obligations": [{"name": "罚款"}, {"fulfilled_on": "2026-13-01"}]},
        "obligations[1].fulfilled_on",
        "YYYY-MM-DD",
    ),
    ({"obligations": [{"source": "court"}]}, "obligations[0].source", "judicial"),
    ({"obligations": [{"paid": True}]}, "obligations[0].paid", "没有这一项"),
    ({"commitment": {"signed_on": None}}, "commitment.signed_on", "YYYY-MM-DD"),
    ({"commitment": {"publication_consent": 1}}, "commitment.publication_consent", "true"),
    ({"commitment": "2026-08-01"}, "commitment", "对象"),
    ({"training": {"completed_on": "2026-7-1"}}, "training.completed_on", "YYYY-MM-DD"),
    ({"credit_report": {"issuer": "bank"}}, "credit_report.issuer", "credit_bureau"),
    ({"false_material": 0}, "false_material", "true"),
    ({"false_material": None}, "false_material", "true"),
    ({"statutory_bar": {"basis": ""}}, "statutory_bar.basis", "非空"),
    ({"statutory_bar": True}, "statutory_bar", "对象"),
    ({"comment": "x"}, "comment", "没有这一项"),
]


@pytest.mark.parametrize(
    "change, path, expected", BAD_FACTS, ids=[str(change)[:50] for change, _, _ in BAD_FACTS]
)
def test_a_wrong_fact_is_named(change, path, expected):
    sentence = refusal(assess({**FACTS, **change}))
    assert sentence.startswith(f"{path}：") and expected in sentence


def test_in_a_list_the_place_is_named_and_nothing_is_answered():
    sentence = refusal(assess([FACTS, {**FACTS, "commitment": {"signed_on": "x"}}]))
    assert sentence.startswith("[1].commitment.signed_on：")
    assert refusal(assess([FACTS, 5])).startswith("[1]：")
    assert refusal(assess([{**FACTS, "severity": "minor"}])).startswith("[0].severity：")


@pytest.mark.parametrize(
    "given, expected",
    [
        ("", "JSON"),
        ("{", "第 1 行"),
        ('{"severity": "general",\n "severity": "serious"}', "severity：同一对象中重复出现"),
        (b"\xff\xfe", "UTF-8"),
        ("[" * 100_000, "嵌套过深"),
        ("3", "对象"),
        ('{"severity": NaN}', "severity"),
    ],
)
def test_what_is_not_facts_is_refused(given, expected):
    assert expected in refusal(run("assess", "-", "--on", "2026-11-23", given=given))


def test_a_missing_file_is_named(tmp_path):
    assert "nowhere.json" in refusal(run("assess", str(tmp_path / "nowhere.json")))
    assert str(tmp_path) in refusal(run("assess", str(tmp_path)))


@pytest.mark.parametrize(
    "options, path, expected",
    [
        (["--on", "2026-02-30"], "on", "并不存在"),
        (["--on", "2020-09-25"], "on", "jiangsu-2020-4 自 2020-09-26"),
        (["--on", "2020-09-25", "--policy", "jiangsu-2020-4"], "on", "2020-09-26"),
        (["--on", "2026-04-01", "--policy", "ndrc-2023-58"], "on", "2026-03-31"),
        (["--on", "2026-11-23", "--policy", "jiangsu-2099"], "policy", "jiangsu-2020-4"),
    ],
)
def test_a_day_or_policy_that_does_not_fit_is_named(options, path, expected):
    sentence = refusal(run("assess", "-", *options, given=json.dumps(FACTS)))
    assert sentence.startswith(f"{path}：") and expected in sentence


def test_the_first_and_last_day_of_a_policy_are_covered():
    for day, policy in [("2020-09-26", "jiangsu-2020-4"), ("2026-03-31", "ndrc-2023-58")]:
        result = run("assess", "-", "--on", day, "--policy", policy, given=json.dumps(FACTS))
        assert json.loads(result.stdout)["policy"] == policy


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["asses"],
        ["assess"],
        ["assess", "-", "--when", "today"],
        ["due", "2026-11-20"],
        ["procedure", "--format", "x"],
    ],
)
def test_wrong_usage_is_one_sentence(arguments):
    assert "--help" in refusal(run(*arguments))


@pytest.mark.parametrize(
    "start, number, path",
    [
        ("2026-02-30", "3", "start"),
        ("soon", "3", "start"),
        ("2026-11-20", "three", "working_days"),
        ("2026-11-20", "1.5", "working_days"),
        ("2026-11-20", "1000000", "working_days"),
    ],
)
def test_due_names_what_is_wrong(start, number, path):
    assert refusal(run("due", start, number)).startswith(f"{path}：")


@pytest.mark.parametrize("number", ["0", "-1", "10001"])
def test_due_names_one_range_whatever_lies_outside_of_it(number):
    sentence = refusal(run("due", "2026-11-20", number))
    assert sentence == f"working_days：应为 1 至 10000 的整数，而不是“{number}”。\n"


def test_due_counts_working_days():
    answer = json.loads(run("due", "2026-11-20", "7").stdout)
    assert (answer["start"], answer["working_days"], answer["due_on"]) == ("2026-11-20", 7, "2026-12-01")


def test_policies_are_listed():
    policies = {policy["id"]: policy for policy in json.loads(run("policies").stdout)}
    assert policies["jiangsu-2020-4"] == {
        "id": "jiangsu-2020-4",
        "title": "关于完善信用修复机制保障信用主体权益的通知",
        "document": "苏信用发〔2020〕4号",
        "effective_from": "2020-09-26",
        "effective_to": None,
        "adopted": True,
    }
    assert [policy["adopted"] for policy in policies.values()].count(True) == 1
    assert policies["ndrc-2023-58"]["effective_to"] == "2026-03-31"
    assert policies["ndrc-2026-36"]["effective_from"] == "2026-04-01"


@pytest.mark.parametrize("form", ["table", "dot", "json"])
def test_the_procedure_is_printed(form):
    result = run("procedure", "--format", form)
    assert result.returncode == 0 and result.stdout.strip()


def test_a_reader_that_stops_early_is_no_error():
    """As in `python -m rules procedure | head -1`: the other end of the pipe is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        result = subprocess.run(
            [sys.executable, "-m", "rules", "procedure"],
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (result.returncode, result.stderr) == (0, b"")
