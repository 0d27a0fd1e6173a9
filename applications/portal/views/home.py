"""The start page and the guide: what anyone may know before signing in (Articles 12 and 19)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from applications.portal.selectors import answer_times
from rules.policy import policy_for


def home(request: HttpRequest) -> HttpResponse:
    """Who may apply, what it takes, how long it lasts today, and where to begin."""
    today = timezone.localdate()
    answer, decision = answer_times(today)
    context = {"policy": policy_for(today), "answer": answer, "decision": decision}
    return render(request, "portal/home.html", context)
