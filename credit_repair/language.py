"""The language of a page: as its reader chose, else as the browser asks, else Chinese; the officers' pages are Chinese.

Whatever is kept is Chinese in any case (applications/language.py).
"""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from applications.language import HAN

REMEMBERED_SECONDS = 365 * 24 * 3600
# Officers act in Chinese, and what they read there is not translated.
OFFICERS = ("/admin/", "/oversight/")


# Names and what stands in records and letters are Chinese on an English page too, and a screen reader has to know.
_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-zA-Z]+)")
# A number between Chinese words is read in their language.
_CHINESE = re.compile(rf"[{HAN}]+(?:[0-9]+[{HAN}]+)*")
# Inside of these there is no markup.
_PLAIN = frozenset({"option", "script", "style", "svg", "textarea", "title"})


def mark_chinese(page: str) -> str:
    """An English page whose Chinese words say that they are."""
    parts = _TAG.split(page)
    inside = ""
    for at, part in enumerate(parts):
        if at % 2:
            name = found[1].lower() if (found := _NAME.match(part)) else ""
            if inside and part.startswith("</") and name == inside:
                inside = ""
            elif not inside and name in _PLAIN and not part.startswith("</"):
                inside = name
        elif not inside and _CHINESE.search(part):
            parts[at] = _CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', part)
    return "".join(parts)


def is_officers(request: HttpRequest) -> bool:
    return request.path_info.startswith(OFFICERS)


class Language:
    """Stands around all that makes pages, and leaves the thread's language as it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = not is_officers(request)
        language = translation.get_language_from_request(request) if chosen else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        # A page may be in English for every reader: the reading copy of a letter.
        if response.headers.get("Content-Language", language) == "en" and response.headers.get(
            "Content-Type", ""
        ).startswith("text/html"):
            _mark(response)
        response.headers.setdefault("Content-Language", language)
        if chosen:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _mark(response: HttpResponseBase) -> None:
    if isinstance(response, HttpResponse):
        response.content = mark_chinese(response.content.decode(response.charset))
        if response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))


@require_safe
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the choice in a cookie and go back to the page, with its query. Changes nothing but the browser's cookie."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = reverse("portal:home")
    response = redirect(back)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=REMEMBERED_SECONDS,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def other_language(request: HttpRequest) -> dict[str, str] | None:
    """Where the page is to be had in the other language: its code, its own name, and the address of the switch. None where
    there is no other."""
    if is_officers(request):
        return None
    now = translation.get_language()
    code, name = next((each for each in settings.LANGUAGES if each[0] != now), settings.LANGUAGES[0])
    try:
        address = reverse("language", args=[code])
    except NoReverseMatch:
        return None
    return {
        "code": code,
        "name": name,
        "address": f"{address}?{urlencode({'next': request.get_full_path()})}",
    }
