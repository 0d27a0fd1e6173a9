"""What becomes of a request that is refused: a page of ours, a trace in the ledger, and what was typed is kept."""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts import while_typing
from applications.accounts.refusals import heard, record_refusal
from applications.accounts.typed import forget_typed, keep_typed, page_of, remember_sign_in

logger = logging.getLogger(__name__)

# Their bodies were not read.
UNREAD = frozenset({400, 411, 413})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that was open for too long, or while somebody signed in anew; what was typed is kept before this is said."""
    if request.resolver_match and request.resolver_match.view_name == "accounts:keep_typed":
        return while_typing.keep(request, at=timezone.now(), csrf_failed=True)
    request._csrf_failed = True  # type: ignore[attr-defined]
    kept = _kept(request)
    same = kept is not None and kept == request.user.pk
    return render(request, "403_csrf.html", {"kept": kept is not None, "same": same}, status=403)


class Refused:
    """Stands around the views, so that all of it happens after what a view began is undone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with heard() as refusals:
            response = self.get_response(request)
        if response.status_code == 405 and isinstance(response, HttpResponse) and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            response = page
        csrf_failed = hasattr(request, "_csrf_failed")
        if request.method == "POST" and response.status_code not in UNREAD and not csrf_failed:
            response = self._after_post(request, response, refused=bool(refusals))
        try:
            record_refusal(
                request=request,
                status=response.status_code,
                refusals=refusals,
                csrf_failed=csrf_failed,
                at=timezone.now(),
            )
        except Exception:
            # The answer does not fail by its trace.
            logger.exception("a refused act left no trace in the ledger")
        remember_sign_in(request, response)
        return response

    def _after_post(
        self, request: HttpRequest, response: HttpResponseBase, *, refused: bool
    ) -> HttpResponseBase:
        if _leads_to_sign_in(request, response):
            words = _("您的登录已经结束，这次提交没有办理。")
            if _kept(request) is not None:
                words += _("填写的内容已经保留7天，登录后在原来的页面上可以放回表单。")
            messages.warning(request, words)
            # To the page of the form: where it was sent to may take nothing but forms.
            return redirect_to_login(page_of(request) or request.get_full_path(), reverse("account_login"))
        landed = response.headers.get("Location", "")
        if landed and not refused and not _was_warned(request):
            forget_typed(request)
        else:
            _kept(request, landed=landed)
        return response


def _kept(request: HttpRequest, landed: str = "") -> int | None:
    """An answer that is bad news already does not become worse because this fails too."""
    try:
        return keep_typed(
            request, at=timezone.now(), landed=landed, csrf_failed=hasattr(request, "_csrf_failed")
        )
    except DatabaseError:
        logger.exception("what was typed could not be kept")
        return None


def _leads_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> bool:
    if request.user.is_authenticated or "Location" not in response.headers:
        return False
    doors = (reverse("account_login"), reverse("admin:login"))
    match = request.resolver_match
    # Pages of sign-in lead to each other.
    return urlsplit(response["Location"]).path in doors and not (
        match is None or (match.url_name or "").startswith("account") or match.app_name == "accounts"
    )


def _was_warned(request: HttpRequest) -> bool:
    """Whether the page that comes next says that something is wrong."""
    queued = getattr(messages.get_messages(request), "_queued_messages", [])
    return any(each.level >= messages.WARNING for each in queued)
