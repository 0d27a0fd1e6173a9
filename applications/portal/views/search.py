"""The public search of what is in publicity now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from applications.portal.public_search import SearchForm, search_public


@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Nothing is cached, so that what is withdrawn is gone with the next request; no robot may index it."""
    asked = "q" in request.GET
    form = SearchForm(request.GET if asked else None)
    found = (
        search_public(form.cleaned_data["q"], form.cleaned_data["unit"])
        if asked and form.is_valid()
        else None
    )
    response = render(request, "portal/search.html", {"form": form, "found": found, "asked": asked})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
