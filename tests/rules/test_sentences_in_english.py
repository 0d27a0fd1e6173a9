"""A sentence that a letter has kept in Chinese, said in English: as the finding itself would have said it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from rules.facts import UNKNOWN
from rules.findings import Finding
from rules.instruments import Source, Term
from rules.sentences import remedy, sentence, sentence_in_english
from rules.wording import WORDS

STATES = [pytest.param(code, state, id=f"{code}-{state}") for code, state in WORDS]
VALUES = (
    date(2026, 5, 1),
    Term(3, "months", Source("苏信用发〔2020〕4号", "四")),
    Term(1, "years", Source("苏信用发〔2020〕4号", "四")),
    ("罚款3000元", UNKNOWN, "停止侵害"),
    UNKNOWN,
    "identified_on",
    "320100",
    "《某某条例》第十三条",
)


def findings(code: str, state: str) -> list[Finding]:
    places = {*re.findall(r"\{(\d)\}", "".join(WORDS[code, state]))}
    filled = [
        tuple(VALUES[(first + place) % len(VALUES)] for place in range(len(places))) for first in range(8)
    ]
    return [
        Finding(code, article, False, None, state, values, basis)
        for values in filled
        for article, basis in (("四", ""), ("十八", "宁市监规〔2025〕3号第五条"), (None, ""))
    ]


@pytest.mark.parametrize(("code", "state"), STATES)
def test_it_says_what_the_finding_says(code, state):
    for finding in findings(code, state):
        assert sentence_in_english(sentence(finding, "zh")) == sentence(finding, "en")
        if remedy(finding, "zh"):
            assert sentence_in_english(remedy(finding, "zh")) == remedy(finding, "en")


@pytest.mark.parametrize(
    "text", ["", "罚款没有缴清。", "第四条：罚款没有缴清。", "已于2026年6月1日纠正失信行为", "没有句号"]
)
def test_a_person_s_own_words_are_nobody_s_sentence(text):
    assert sentence_in_english(text) is None
