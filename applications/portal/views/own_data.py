"""A person asks for a copy of all that is held about the account, or about a subject that he or she acts for."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from applications.accounts.http import SignedInRequest
from applications.accounts.limits import Limit, begin
from applications.portal.own_copy import copy_for, name_of_package
from applications.subjects.access import subjects_of
from applications.subjects.models import Subject

# A copy of a subject with many applications is some hundred megabytes.
COPIES = Limit("own_copies", times=10, seconds=3600)


@never_cache
@login_required
@require_safe
@reauthentication_required(app="applications.portal")  # type: ignore[untyped-decorator]  # django-allauth has no types
def own_data(request: SignedInRequest) -> HttpResponse:
    """Only for who has just shown the password again: a browser that was left open gives nothing away."""
    return _page(request)


@login_required
@require_POST
@reauthentication_required(app="applications.portal")  # type: ignore[untyped-decorator]  # django-allauth has no types
def take_copy(request: SignedInRequest, subject_id: int | None = None) -> HttpResponseBase:
    """The ZIP; as with the page, the password is asked for again where that was some minutes ago."""
    subject: Subject | None = None
    if subject_id is not None:
        subject = get_object_or_404(subjects_of(request.user), pk=subject_id)
    asking = begin(COPIES, str(request.user.pk))
    if not asking.admitted:
        return _page(request, wait=-(-asking.wait // 60), status=429)
    at = timezone.now()
    name = name_of_package(subject, timezone.localtime(at))
    return StreamingHttpResponse(
        copy_for(person=request.user, subject=subject, at=at),
        content_type="application/zip",
        headers={"Content-Disposition": str(content_disposition_header(True, name))},
    )


def _page(request: HttpRequest, *, wait: int = 0, status: int = 200) -> HttpResponse:
    subjects = subjects_of(request.user).order_by("name", "pk")
    response = render(request, "portal/own_data.html", {"subjects": subjects, "wait": wait}, status=status)
    if wait:
        response["Retry-After"] = str(wait * 60)
    return response
