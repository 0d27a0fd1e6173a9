"""Sentences that stand one after the other."""

from django import template
from django.utils.safestring import SafeString

from applications.language import is_english

register = template.Library()


@register.simple_block_tag
def paragraph(content: SafeString) -> SafeString:
    """What is inside, however its template breaks its lines: a space parts two sentences in English, nothing in Chinese."""
    said = " ".join(content.split())
    return SafeString(said if is_english() else said.replace("。 ", "。"))
