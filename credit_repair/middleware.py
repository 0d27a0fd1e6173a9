"""What every request passes through besides Django's own."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from applications.files.bodies import body_limit
from credit_repair import refusals

TOUCH_AFTER_SECONDS = 60


class KeepSession:
    """Moves the end of a session that is in use, at most once a minute.

    SESSION_SAVE_EVERY_REQUEST would do it with a database write for every page that is looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        # Only what was read is in use: pages that never ask who is there set no cookie.
        if (
            session.accessed
            and not session.is_empty()
            and time.time() - session.get("seen", 0) > TOUCH_AFTER_SECONDS
        ):
            session["seen"] = int(time.time())
        return response


class BoundedBody:
    """Refuses a body larger than its view takes, before anything reads it: neither memory nor disk is spent on it.

    It stands before the check of CSRF tokens, which is the first to read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            # Sent in pieces, its end would only be known when it is there.
            return refusals.without_length(request)
        length, limit = request.META.get("CONTENT_LENGTH") or "0", body_limit(view)
        if not (length.isascii() and length.isdecimal()) or int(length[:20]) > limit:
            return refusals.too_large(request, limit=limit)
        return None
