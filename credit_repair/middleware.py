"""What every request passes through besides Django's own."""

import codecs
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from whitenoise.middleware import WhiteNoiseFileResponse

from applications.accounts.access import roles_read_once
from applications.accounts.http import LARGEST_NUMBER
from applications.database import replica
from applications.files.bodies import body_limit
from applications.portal.views.statements import LARGE_TEXT
from credit_repair import refusals

TOUCH_AFTER_SECONDS = 60
# Pages that are the same for every visitor: no person, no code, no answer, no form.
PUBLIC = frozenset({"portal:home", "portal:guide"})
# Signed or never another, and the same for everybody: whoever passes them on may keep them for the seconds that they say.
SIGNED = frozenset(
    {"documents:keys", "documents:status_lists", "documents:status_list", "documents:content_schema"}
)
# Pages that may be some seconds old. Not the verification of documents, which are issued and become void at once.
FROM_REPLICA = frozenset({*PUBLIC, "portal:search", "deadlines:calculator"})
# Of a browser that has changed something. It lasts until the replica must have what was changed.
CHANGED = "changed"
CHANGED_SECONDS = 2 * (replica.LAG_SECONDS + replica.MEASURED_SECONDS)


class ReadableRequest:
    """Stops at the door what neither a browser sends nor a database takes, before anything looks at it.

    An address with a NUL or with what is no UTF-8, and a form in another encoding, get the page for bad requests;
    an id that no row can have is answered like one that no row has. Text that was typed is the forms' to judge, so
    that their page keeps it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (_is_utf8(request) and _is_text(request)):
            return render(request, "400.html", status=400)
        # Left unread rather than refused: who has a broken cookie must be able to go on.
        request.COOKIES = {
            name: value for name, value in request.COOKIES.items() if "\0" not in name and "\0" not in value
        }
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        if any(isinstance(value, int) and value > LARGEST_NUMBER for value in kwargs.values()):
            raise Http404


def _is_utf8(request: HttpRequest) -> bool:
    """Whether the form, where there is one, comes as the pages ask for it."""
    try:
        return request.encoding is None or codecs.lookup(request.encoding).name in ("utf-8", "ascii")
    except LookupError:
        return False


def _is_text(request: HttpRequest) -> bool:
    # The server hands the bytes of the query over as Latin-1.
    query = unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    try:
        return "\0" not in query.decode() + request.path
    except UnicodeDecodeError:
        return False


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


class RolesReadOnce:
    """A page that is only looked at reads each person's roles once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with roles_read_once():
            return self.get_response(request)


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
        if not (length.isascii() and length.isdecimal()) or _larger(length, limit):
            return refusals.too_large(request, limit=limit)
        return None


def _larger(digits: str, limit: int) -> bool:
    """Compared by their count first: thousands of digits are no number that anybody should work out."""
    digits, most = digits.lstrip("0"), str(limit)
    return (len(digits), digits) > (len(most), most)


class NoStore:
    """No browser and no proxy keeps a page, so that after signing out the back button shows nothing.

    All but the few that are the same for everybody, and those too for whoever is signed in or reads large text. It stands outermost, so
    that refusals and redirects are private as well; style sheets alone pass as they are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, WhiteNoiseFileResponse):
            return response
        public = request.resolver_match is not None and request.resolver_match.view_name in PUBLIC | SIGNED
        own = {settings.SESSION_COOKIE_NAME, LARGE_TEXT} & request.COOKIES.keys()
        if not public or own or response.cookies:
            response["Cache-Control"] = "private, no-store"
        return response


class ReadFromReplica:
    """Some pages of the public are read from the replica, by who has neither signed in nor just changed anything.

    When it is away, far behind or fails at one question, the primary answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not replica.exists():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            response.set_cookie(
                CHANGED,
                "1",
                max_age=CHANGED_SECONDS,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not _may_be_old(request) or not replica.may_answer():
            return None
        try:
            with replica.reading():
                return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError, ProgrammingError):
            # The last: a migration has not come there yet.
            replica.give_up()
            # Django goes on and asks the view again, now at the primary.
            return None


def _may_be_old(request: HttpRequest) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and request.resolver_match is not None
        and request.resolver_match.view_name in FROM_REPLICA
        and not {settings.SESSION_COOKIE_NAME, CHANGED} & request.COOKIES.keys()
    )
