"""Where a person lands after signing in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.accounts.models import User
from applications.notifications.selectors import unread_count
from applications.portal.selectors import unfinished_cases
from applications.subjects.access import subjects_of
from applications.subjects.models import Claim
from applications.subjects.selectors import standing_claims, without_capacity


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Officers go to their queues; applicants see whom they act for, what is under way and what is unread."""
    assert isinstance(request.user, User)
    if request.user.is_staff:
        return redirect("admin:index")
    today = timezone.localdate()
    subjects, claims = subjects_of(request.user).order_by("name"), standing_claims(request.user, today)
    single = [claim for claim in claims if claim.status == Claim.Status.VERIFIED and claim.scope_document]
    context = {
        "subjects": subjects,
        "single": single,
        "waiting_claims": [claim for claim in claims if claim.status == Claim.Status.PENDING],
        "to_state": without_capacity(claims),
        "may_act": bool(subjects or single),
        "standings": unfinished_cases(request.user, today),
        "unread": unread_count(request.user),
    }
    return render(request, "portal/desk.html", context)
