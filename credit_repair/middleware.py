"""What every request passes through besides Django's own."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
