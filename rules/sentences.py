"""A finding in one plain sentence, and what to do about it: the words of wording.py, filled with its values."""

import re
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final, Literal, Protocol

from rules.articles import article_number
from rules.day_words import day_in_words
from rules.facts import UNKNOWN
from rules.instruments import UNIT_LABELS, Source, Term
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


# A value as it stands in a Chinese sentence.
_DAY: Final = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_TERM: Final = re.compile(r"(\d+)(个月|年|日)")
_PLACE: Final = re.compile(r"\\\{(\d)\\\}")
_FRAME: Final = re.compile(
    r"(?:第(?P<article>[一二三四五六七八九十]+)条：)?(?P<words>.+?)(?:（依据(?P<basis>[^：].*)）)?。",
    re.DOTALL,
)
_UNITS: Final = {**{label: unit for unit, label in UNIT_LABELS.items()}, "日": "days"}


def pattern_of(words: str) -> re.Pattern[str]:
    """What finds the values again in a sentence that was made of Chinese ``words`` with places {0}, {1} …"""
    seen: set[str] = set()

    def group(place: re.Match[str]) -> str:
        known = place[1] in seen
        seen.add(place[1])
        return f"(?P=v{place[1]})" if known else f"(?P<v{place[1]}>.+?)"

    return re.compile(_PLACE.sub(group, re.escape(words)), re.DOTALL)


def english_of(found: re.Match[str], words: str) -> str:
    """The English ``words`` of a sentence that was found, with its values."""
    values = {int(name[1:]): value_in_english(value) for name, value in found.groupdict().items()}
    return words.format(*[values.get(place, "") for place in range(max(values, default=-1) + 1)])


def value_in_english(value: str) -> str:
    """A value that ``in_chinese`` made, as ``in_english`` says it; names that people gave stay as they are."""
    if day := _DAY.fullmatch(value):
        return date(*map(int, day.groups())).isoformat()
    if term := _TERM.fullmatch(value):
        return in_english(Term(int(term[1]), _UNITS[term[2]], Source("")))
    known = {chinese: ENGLISH_FACTS[name] for name, chinese in CHINESE_FACTS.items()}
    known |= {"未写明": in_english(UNKNOWN), "未写明名称的义务": in_english((UNKNOWN,))}
    return ", ".join(known.get(each, each) for each in value.split("、"))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    pairs = [pair for each in WORDS.values() for pair in ((each.zh, each.en), (each.do_zh, each.do_en))]
    # Of two that fit the one with more words of its own is meant.
    pairs.sort(key=lambda pair: -len(re.sub(r"\{\d\}", "", pair[0])))
    return tuple((pattern_of(zh), en) for zh, en in pairs if zh)


def sentence_in_english(text: str) -> str | None:
    """A sentence or a remedy of a finding, kept in Chinese, as ``sentence`` and ``remedy`` say it in English. None where it is
    none: an officer's own words, or those of an earlier release."""
    frame = _FRAME.fullmatch(text)
    if frame is None:
        return None
    for pattern, english in _patterns():
        if found := pattern.fullmatch(frame["words"]):
            clause = f"Article {article_number(frame['article'])}: " if frame["article"] else ""
            basis = f" (under {frame['basis']})" if frame["basis"] else ""
            return f"{clause}{english_of(found, english)}{basis}."
    return None
