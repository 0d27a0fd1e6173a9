from typing import Any

from django import template

from applications.accounts.typed import offered

register = template.Library()


@register.inclusion_tag("includes/typed_again.html", takes_context=True)
def typed_again(context: dict[str, Any]) -> dict[str, Any]:
    """What this person typed into a form of this page that was not taken, beside what stands there now."""
    request = context.get("request")
    return {"offers": offered(request) if request else []}
