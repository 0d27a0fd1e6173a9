"""What programs read: feeds, the map of the site, and where search engines may not go."""

from django.conf import settings
from django.contrib.sitemaps.views import sitemap as sitemap_of
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.portal.feeds import Commitments, Notices
from applications.portal.open_data.sending import TYPES
from applications.portal.open_data.sets import SETS
from applications.portal.sitemaps import SITEMAPS

# Searches, codes, people's own pages and whatever is behind a sign-in. Pages that only must not be listed say so themselves.
SHUT = [
    "/a/",
    "/accounts/",
    "/admin/",
    "/check/result",
    "/desk/",
    "/documents/",
    "/language/",
    "/messages/",
    "/objections/",
    "/oversight/",
    "/own-data/",
    "/records/",
    "/remind/",
    "/reports/",
    "/search/",
    "/sign/",
    "/subjects/",
    "/text/",
    "/to/",
    "/track/",
    "/v/",
]


@require_safe
def commitments_feed(request: HttpRequest) -> HttpResponse:
    return Commitments()(request)


@require_safe
def notices_feed(request: HttpRequest) -> HttpResponse:
    return Notices()(request, at=timezone.now())


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    return sitemap_of(request, sitemaps=SITEMAPS)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    files = [reverse("portal:set_file", args=[name, suffix]) for name in SETS for suffix in TYPES]
    lines = [
        "User-agent: *",
        *(f"Disallow: {address}" for address in (*SHUT, *files)),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('portal:sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
