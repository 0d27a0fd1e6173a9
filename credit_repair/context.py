"""What every page's template may use."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from applications.accounts.typed import page_of
from applications.portal.views.statements import LARGE_TEXT
from credit_repair.language import other_language


def site(request: HttpRequest) -> dict[str, object]:
    """``came_from``: the page of ours that led here; empty where there was none, or where it is the one asked for.
    ``other_language``: the switch of the header, None on officers' pages."""
    before = page_of(request)
    again = urlsplit(before).path == request.path and request.method in ("GET", "HEAD")
    return {
        "SITE_URL": settings.SITE_URL,
        "came_from": "" if again else before,
        "large_text": LARGE_TEXT in request.COOKIES,
        "other_language": other_language(request),
    }
