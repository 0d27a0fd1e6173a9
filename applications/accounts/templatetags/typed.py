from typing import Any

from django import template

from applications.accounts.typed import keeps, offered, sittings_of

register = template.Library()


@register.inclusion_tag("includes/typed_again.html", takes_context=True)
def typed_again(context: dict[str, Any]) -> dict[str, Any]:
    """What this person typed into a form of this page that was not taken, beside what stands there now; and what the page
    needs to keep what is typed into it from now on. A page that answers a form that was not taken goes on with its sitting."""
    request = context.get("request")
    if not request:
        return {"offers": []}
    kept = keeps(request)
    return {
        "offers": offered(request),
        "keeps": kept,
        "sittings": sittings_of(request) if kept and request.method == "POST" else [],
    }
