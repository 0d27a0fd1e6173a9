"""The start page and the guide: what anyone may know before signing in (Articles 12 and 19)."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications.policies.selectors import policy_in_force
from applications.portal.guidance import (
    bar_guide,
    other_rules,
    publicity_source,
    rules_in_force,
    severity_guides,
)
from applications.portal.selectors import answer_times
from rules.explanation import FACT_LABELS

RULES_A_PAGE = 50


def home(request: HttpRequest) -> HttpResponse:
    """Who may apply, what it takes, how long it lasts today, and where to begin."""
    today = timezone.localdate()
    answer, decision = answer_times(today)
    context = {"policy": policy_in_force(on=today), "answer": answer, "decision": decision}
    return render(request, "portal/home.html", context)


def guide(request: HttpRequest) -> HttpResponse:
    """Conditions, materials, procedure and channels in plain words, for reading and for printing."""
    today = timezone.localdate()
    policy = policy_in_force(on=today)
    context = {
        "policy": policy,
        "today": today,
        "severities": severity_guides(policy),
        "bar": bar_guide(policy),
        "publicity_source": publicity_source(policy),
        "publicity_from": _(FACT_LABELS[policy.publicity_from]),
        "clocks": policy.clocks,
        "others": other_rules(policy, today),
    }
    return render(request, "portal/guide.html", context)


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The implementing rules of units that apply today, each with what it asks for beyond the province's rule (Article 18)."""
    today = timezone.localdate()
    page = Paginator(rules_in_force(today), RULES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/rules.html", {"page": page, "policy": policy_in_force(on=today)})
