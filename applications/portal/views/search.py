"""The public search of what is in publicity now."""

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.accounts.limits import Limit, address_of, begin
from applications.portal.public_search import FILED, SearchForm, search_public

SEARCHES = Limit("search", times=30, seconds=60)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The form is posted: a person's name or number in an address would stay in histories and logs.

    An address may still ask for a company or a document (``?q=``), for links and bookmarks; it finds nobody.
    No robot may index the answers.
    """
    posted = request.method == "POST"
    asked = posted or "q" in request.GET
    form = SearchForm(request.POST if posted else request.GET if asked else None)
    found, wait = None, 0
    if asked and form.is_valid():
        asking = begin(SEARCHES, address_of(request))
        if asking.admitted:
            try:
                found = search_public(
                    form.cleaned_data["q"],
                    form.cleaned_data["unit"],
                    persons=posted,
                    since=form.cleaned_data["since"],
                    until=form.cleaned_data["until"],
                    page=form.cleaned_data["page"] or 1,
                )
            except Error:
                # Nothing was answered. Where the replica failed, the primary is asked the same, which counts.
                asking.take_back()
                raise
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
        {"form": form, "found": found, "posted": posted, "filed": FILED},
        status=429 if wait else 200,
    )
    if wait:
        response["Retry-After"] = str(wait)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
