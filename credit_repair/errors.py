"""The page for what went wrong on our side."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from applications.files.storage import says_full
from credit_repair.context import site


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever was under way is undone; a full disk has a page of its own, because waiting a minute does not help."""
    if says_full(sys.exception()):
        return HttpResponse(render_to_string("507.html", site(request)), status=507)
    return HttpResponse(render_to_string("500.html", site(request)), status=500)
