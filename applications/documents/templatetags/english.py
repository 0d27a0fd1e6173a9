"""The reading copy of a letter in English: where it is to be had, and its words.

A copy says what the letter says. Words of a person are not translated, and neither is what nobody knows the English of: it stands as
it was written, and says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from applications.documents.english import in_english
from applications.documents.models import READING_COPIES, Document
from applications.documents.templatetags.dates import zh_date
from applications.documents.templatetags.letters import named
from applications.language import article_in_words, is_english

register = template.Library()


@register.inclusion_tag("documents/parts/english_copy.html")
def english_copy(document: Document) -> dict[str, Any]:
    """The link to the reading copy of a document; nothing where there is none."""
    return {"document": document, "has_copy": document.kind in READING_COPIES}


@register.filter
def say(value: str | Iterable[str] | None) -> SafeString | str:
    """Words that the portal put into a letter, in the reader's language; what has no English is marked as Chinese."""
    text = named(value) if value else ""
    if not text or not is_english():
        return text
    said = in_english(text)
    return original(text) if said is None else said


@register.filter
def quote(value: str) -> str:
    """Words of a letter that may be the portal's own or a person's, on a page that says whose they are: the former in the reader's language."""
    return (in_english(value) if value and is_english() else None) or value


@register.filter
def article(number: str) -> str:
    """十三 → Article 13"""
    return f"Article {article_in_words(number)}"


@register.filter
def original(text: str) -> SafeString | str:
    """A person's own words, as they were written."""
    if not text:
        return ""
    return format_html(
        '<span class="keep-lines" lang="zh-CN">{}</span> <span class="hint">(in Chinese in the original)</span>',
        text,
    )


@register.filter
def due_day(due: Mapping[str, Any]) -> str:
    """{"date", "provisional", "awaits"} → 3 December 2026 (Thu), with a remark as in the letter."""
    awaits = due.get("awaits") or "that year"
    remark = (
        f" (the holidays of {awaits} are not published yet; the day may change)"
        if due.get("provisional")
        else ""
    )
    return zh_date(due["date"]) + remark
