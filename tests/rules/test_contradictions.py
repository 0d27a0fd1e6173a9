"""Facts that do not go together are named; an unknown one contradicts nothing."""

import pytest

from rules.contradictions import contradictions
from rules.facts import Facts


def duty(name, day, source="administrative"):
    return {"name": name, "source": source, "fulfilled_on": day}


BEFORE = {"identified_on": "2026-03-02"}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"training": {"completed_on": "2026-03-01"}}, ["培训完成于2026年3月1日，早于该失信行为的认定日期2026年3月2日。"]),
        ({"training": {"completed_on": "2026-03-02"}}, []),
        (
            {"credit_report": {"issued_on": "2026-02-28", "issuer": "credit_bureau"}},
            ["信用报告出具于2026年2月28日，早于该失信行为的认定日期2026年3月2日，报告中不会有这条信息。"],
        ),
        (
            {"obligations": [duty("罚款", "2026-03-01"), duty("没收", "2026-03-03")]},
            ["“罚款”的履行日期2026年3月1日早于处罚决定日期2026年3月2日。"],
        ),
        # The decision may be older than the identification.
        ({"decided_on": "2026-02-01", "obligations": [duty("罚款", "2026-02-20")]}, []),
        # A judgment may be older than the penalty.
        ({"obligations": [duty("赔偿", "2026-01-01", "judicial")]}, []),
        ({"training": None, "credit_report": None, "obligations": [duty("罚款", None)]}, []),
        ({"training": {}, "obligations": []}, []),
    ],
)  # fmt: skip
def test_what_was_done_before_there_was_a_reason(facts, words):
    assert [each.words for each in contradictions(Facts.from_json(BEFORE | facts))] == words


def test_an_unknown_day_contradicts_nothing():
    assert contradictions(Facts.from_json({"training": {"completed_on": "2026-03-01"}})) == []
