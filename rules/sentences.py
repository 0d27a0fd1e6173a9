"""The sentences of the findings: the words of wording.py, filled with the values of a finding."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from rules.facts import UNKNOWN
from rules.instruments import Term
from rules.periods import CACHE_SIZE
from rules.wording import WORDS

Language = Literal["zh", "en"]
ENGLISH_UNITS: Final[dict[str, str]] = {"months": "month", "years": "year"}
ENGLISH_FACTS: Final[dict[str, str]] = {
    "identified_on": "identification",
    "decided_on": "the penalty decision",
}
CHINESE_FACTS: Final[dict[str, str]] = {"identified_on": "认定日期", "decided_on": "处罚决定日期"}
NUMERALS: Final = "一二三四五六七八九"


class Said(Protocol):
    """What there is to say about: a findings.Finding."""

    @property
    def code(self) -> str: ...
    @property
    def article(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def values(self) -> tuple[Any, ...]: ...
    @property
    def basis(self) -> str: ...


@lru_cache(maxsize=CACHE_SIZE)
def sentence(finding: Said, language: Language) -> str:
    """The clause and one plain sentence: "第四条：…。" or "Article 4: …."."""
    words = WORDS[finding.code, finding.state]
    article = finding.article
    if language == "zh":
        clause = f"第{article}条：" if article else ""
        basis = f"（依据{finding.basis}）" if finding.basis else ""
        return f"{clause}{words.zh.format(*[in_chinese(value) for value in finding.values])}{basis}。"
    clause = f"Article {article_number(article)}: " if article else ""
    basis = f" (under {finding.basis})" if finding.basis else ""
    return f"{clause}{words.en.format(*[in_english(value) for value in finding.values])}{basis}."


def remedy(finding: Said, language: Language) -> str:
    """What to do about a finding that stands in the way; empty where there is nothing to do."""
    words = WORDS[finding.code, finding.state]
    if language == "zh":
        return words.do_zh and f"{words.do_zh.format(*[in_chinese(value) for value in finding.values])}。"
    return words.do_en and f"{words.do_en.format(*[in_english(value) for value in finding.values])}."


def article_number(numeral: str) -> int:
    """The number of a Chinese numeral below 100: "四" is 4, "十八" is 18. Raises ValueError for another."""
    tens, ten, units = numeral.rpartition("十")
    digits = NUMERALS.index(units) + 1 if units else 0
    if not ten:
        return digits
    return 10 * (NUMERALS.index(tens) + 1 if tens else 1) + digits


@lru_cache(maxsize=CACHE_SIZE)
def _chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def in_chinese(value: Any) -> str:
    """A value of a finding in Chinese words."""
    if isinstance(value, date):
        return _chinese_day(value)
    if isinstance(value, Term):
        return str(value)
    if isinstance(value, tuple):
        return "、".join("未写明名称的义务" if each is UNKNOWN else each for each in value)
    if value is UNKNOWN:
        return "未写明"
    return CHINESE_FACTS.get(value, str(value))


def in_english(value: Any) -> str:
    """A value of a finding in English words; names that people gave stay as they are."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Term):
        return f"{value.amount} {ENGLISH_UNITS[value.unit]}{'' if value.amount == 1 else 's'}"
    if isinstance(value, tuple):
        return ", ".join("an unnamed duty" if each is UNKNOWN else each for each in value)
    if value is UNKNOWN:
        return "not stated"
    return ENGLISH_FACTS.get(value, str(value))
