"""What templates/policies/explanation.html asks of an explanation: facts and days in words."""

from datetime import date

from django import template
from django.utils.translation import gettext

from applications.language import article_in_words, day_in_words, of_both, term_in_words
from applications.policies.facts_in_words import in_words
from rules.eligibility import Assessment
from rules.explanation import Explanation, UsedFact, explain

register = template.Library()


@register.filter
def explained(assessment: Assessment) -> Explanation:
    """The tree of an assessment: ``with explanation=assessment|explained``."""
    return explain(assessment)


@register.filter
def fact(used: UsedFact) -> str:
    """One fact in words: 处罚种类：罚款."""
    return gettext("%(label)s：%(value)s") % {"label": gettext(used.label), "value": in_words(used)}


@register.filter
def day(value: date | None) -> str:
    """A day in words; nothing for none."""
    return "" if value is None else day_in_words(value)


register.filter("words", of_both)
register.filter("article", article_in_words)
register.filter("term", term_in_words)
# A label of the law, which knows no gettext.
register.filter("translated", gettext)
