from typing import Any

from django import template

from applications.organs.selectors import whom_to_ask

register = template.Library()

# What a page may be about, and which organ has it in hand.
ABOUT = (("case", "organ"), ("record", "identifying_unit"), ("document", "organ"))


@register.inclusion_tag("includes/help_contact.html", takes_context=True)
def help_contact(context: template.Context) -> dict[str, Any]:
    """Whom to ask about this page: the organ that has its case, record or document in hand, where the page has one."""
    for name, has_it in ABOUT:
        organ = getattr(context.get(name), has_it, None)
        if organ is not None:
            return {"organ": whom_to_ask(organ), "competent": organ}
    return {"organ": None}
