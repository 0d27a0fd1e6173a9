"""The public search of what is in publicity now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applications.accounts.limits import Limit, address_of, begin
from applications.portal.public_search import SearchForm, search_public

SEARCHES = Limit("search", times=30, seconds=60)


@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Nothing is cached, so that what is withdrawn is gone with the next request; no robot may index it."""
    asked = "q" in request.GET
    form = SearchForm(request.GET if asked else None)
    found, wait = None, 0
    if asked and form.is_valid():
        asking = begin(SEARCHES, address_of(request))
        if asking.admitted:
            found = search_public(form.cleaned_data["q"], form.cleaned_data["unit"])
        else:
            wait = asking.wait
            form.add_error(
                None,
                _("查询过于频繁：同一网络每分钟最多查询%(times)d次。请在%(wait)d秒后再点“查询”。")
                % {"times": SEARCHES.times, "wait": wait},
            )
    response = render(
        request,
        "portal/search.html",
        {"form": form, "found": found, "asked": asked},
        status=429 if wait else 200,
    )
    if wait:
        response["Retry-After"] = str(wait)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
