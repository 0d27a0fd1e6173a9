"""How the state of a case looks."""

from django import template

from rules.procedure import STATES, State

register = template.Library()

_LOOKS = {"": "", "good": "tag-good", "bad": "tag-bad", "attention": "tag-warn"}


@register.filter
def tag_of_state(status: str) -> str:
    """The CSS class of a state's label, beside ``tag``."""
    return _LOOKS[STATES[State(status)].means]
