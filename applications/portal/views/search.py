"""The public search of what is in publicity now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from applications.portal.public_search import SearchForm, search_public


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The form is posted: a person's name or number in an address would stay in histories and logs.

    An address may still ask for a company or a document (``?q=``), for links and bookmarks; it finds nobody.
    No robot may index the answers.
    """
    posted = request.method == "POST"
    form = SearchForm(request.POST if posted else request.GET if "q" in request.GET else None)
    found = (
        search_public(form.cleaned_data["q"], form.cleaned_data["unit"], persons=posted)
        if form.is_valid()
        else None
    )
    response = render(request, "portal/search.html", {"form": form, "found": found, "posted": posted})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
