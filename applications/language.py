"""In which language words are said: to its reader on a page, in Chinese wherever they are kept.

A page is in the language of whoever reads it. What is kept, sent, signed or printed is part of the procedure, and in
Chinese whoever asked for it: letters, messages and mails, names of files, reasons in the ledger. ``as_kept`` stands around
whatever puts such words together; ``refuse_other_words`` stands where they are handed over, so that a place without it
is found by the first who comes by in another language, and nothing is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.conf import settings
from django.utils import translation

from rules import day_words
from rules.articles import article_number
from rules.findings import Finding
from rules.instruments import Term
from rules.sentences import in_english, remedy, sentence

# The characters of Chinese texts, as they stand in a class of a regular expression: punctuation, full width, and all
# ideographs, with those that are rare outside of names.
HAN = r"\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"

# The reader's, while words to keep are put together.
_reader: ContextVar[str | None] = ContextVar("reader", default=None)


@contextmanager
def as_kept() -> Iterator[None]:
    """Around what puts words together that are kept, sent, signed or printed; also as a decorator."""
    token = _reader.set(_reader.get() or translation.get_language())
    try:
        with translation.override(settings.LANGUAGE_CODE):
            yield
    finally:
        _reader.reset(token)


@contextmanager
def to_reader() -> Iterator[None]:
    """Inside of it, around what is said to the reader after all: why nothing is written. Also as a decorator."""
    with translation.override(_reader.get() or translation.get_language()):
        yield


def refuse_other_words() -> None:
    """RuntimeError where the words at hand were put together in another language than that of the procedure."""
    spoken = translation.get_language()
    if spoken != settings.LANGUAGE_CODE:
        raise RuntimeError(f"what is kept is put together as_kept(), not in {spoken!r}")


def is_english() -> bool:
    """Whether words are now said in English; otherwise they are in Chinese."""
    return translation.get_language() == "en"


def of_both(said: object, name: str) -> str:
    """What has words in both languages says ``name`` in the one at hand: reason_zh or reason_en of a rules.explanation."""
    return str(getattr(said, f"{name}_{'en' if is_english() else 'zh'}"))


def reason_of(finding: Finding) -> str:
    """The sentence of a finding: Article 4: ...."""
    return sentence(finding, "en" if is_english() else "zh")


def remedy_of(finding: Finding) -> str:
    """What to do about a finding; empty where there is nothing to do. In English it begins with a space."""
    said = remedy(finding, "en" if is_english() else "zh")
    return f" {said}" if said and is_english() else said


def article_in_words(article: str) -> str:
    """The number of an article of the Notice: 十三, or 13."""
    return str(article_number(article)) if is_english() else article


def term_in_words(term: Term) -> str:
    """3个月, or 3 months."""
    return in_english(term) if is_english() else str(term)


def day_in_words(day: date) -> str:
    """2026年12月2日, or 2 December 2026."""
    return day_words.day_in_english(day) if is_english() else day_words.day_in_words(day)


def day_and_weekday(day: date) -> str:
    """2026年12月2日（周三）, or 2 December 2026 (Wed)."""
    return day_words.day_and_english_weekday(day) if is_english() else day_words.day_and_weekday(day)
