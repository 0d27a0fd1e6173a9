"""Pages for requests that are refused, larger than what their address takes, or not to be understood."""

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from applications.accounts.access import Refusal
from applications.files.bodies import MEGABYTE, WORDS


def too_large(request: HttpRequest, *, limit: int) -> HttpResponse:
    """The page names the limit in whole megabytes."""
    return render(request, "413.html", {"limit": limit // MEGABYTE, "files": limit > WORDS}, status=413)


def without_length(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=411)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Who is refused reads why, where there is a reason to tell."""
    reason = str(exception) if isinstance(exception, Refusal) else ""
    return render(request, "403.html", {"reason": reason}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 for what the parser of forms finds too large or too many, 400 for the rest."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return render(request, "413.html", {"too_many": True}, status=413)
    return render(request, "400.html", status=400)
