"""What every request passes through besides Django's own."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

TOUCH_AFTER_SECONDS = 60
# Pages that are the same for every visitor: no person, no code, no answer, no form.
PUBLIC = frozenset({"portal:home", "portal:guide"})


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


class NoStore:
    """No browser and no proxy keeps a page, so that after signing out the back button shows nothing.

    All but the few that are the same for everybody, and those too for whoever is signed in. Static files do not
    come by here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        public = request.resolver_match is not None and request.resolver_match.view_name in PUBLIC
        if not public or settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies:
            response["Cache-Control"] = "private, no-store"
        return response
