"""Pages for requests that are larger than what their address takes."""

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views import defaults

from applications.files.bodies import MEGABYTE, WORDS


def too_large(request: HttpRequest, *, limit: int) -> HttpResponse:
    """The page names the limit in whole megabytes."""
    return render(request, "413.html", {"limit": limit // MEGABYTE, "files": limit > WORDS}, status=413)


def without_length(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=411)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse | HttpResponseBadRequest:
    """Django's handler400, which also gets what the parser of forms finds too large or too many."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return render(request, "413.html", {"too_many": True}, status=413)
    return defaults.bad_request(request, exception)
