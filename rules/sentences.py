"""A finding in one plain sentence, and what to do about it: the words of wording.py, filled with its values."""

from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from rules.articles import article_number
from rules.day_words import day_in_words
from rules.facts import UNKNOWN
from rules.instruments import Term
from rules.periods import CACHE_SIZE
from rules.wording import WORDS

Language = Literal["zh", "en"]
ENGLISH_FACTS: Final[dict[str, str]] = {
    "identified_on": "identification",
    "decided_on": "the penalty decision",
}
CHINESE_FACTS: Final[dict[str, str]] = {"identified_on": "认定日期", "decided_on": "处罚决定日期"}


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


def in_chinese(value: Any) -> str:
    """A value of a finding in Chinese words."""
    if isinstance(value, date):
        return day_in_words(value)
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
        return f"{value.amount} {value.unit if value.amount != 1 else value.unit.removesuffix('s')}"
    if isinstance(value, tuple):
        return ", ".join("an unnamed duty" if each is UNKNOWN else each for each in value)
    if value is UNKNOWN:
        return "not stated"
    return ENGLISH_FACTS.get(value, str(value))
