"""What the portal says about itself: accessibility, privacy, large text, and whom to ask where (Articles 12 and 19)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from applications.accounts.real_name import real_name_provider
from applications.accounts.typed import page_of
from applications.notifications.models import Phone
from applications.notifications.preferences import texts_are_sent
from applications.organs import regions
from applications.organs.selectors import credit_bureaus
from rules import retention

# In the browser of whoever wants large text; it says nothing else.
LARGE_TEXT = "large_text"
YEAR = 365 * 24 * 3600


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html", {"texts": texts_are_sent()})


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    texts = texts_are_sent()
    # Numbers that were given while there was a gateway are kept until their owners delete them.
    said: dict[str, Any] = {
        "real_name": real_name_provider(),
        "texts": texts,
        "phones": texts or Phone.objects.exists(),
    }
    kinds = [
        kind for code, kind in retention.kinds().items() if code != "unconfirmed_phone" or said["phones"]
    ]
    said["kept"] = [(kind, *map(gettext, kind.words)) for kind in kinds]
    return render(request, "portal/privacy.html", said)


@require_GET
def organs(request: HttpRequest) -> HttpResponse:
    """The credit bureaus with telephone and address: of the place in ``place``, or of all."""
    place = request.GET.get("place", "").strip()[:40]
    found = [(regions.name(bureau.region), bureau) for bureau in credit_bureaus(place)]
    return render(request, "portal/organs.html", {"place": place, "found": found})


@require_GET
def text_size(request: HttpRequest, size: str) -> HttpResponse:
    """Keep the wish for large text (or end it), and go back to where it was wished."""
    response = redirect(page_of(request) or reverse("portal:home"))
    if size == "large":
        response.set_cookie(
            LARGE_TEXT, "1", max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(LARGE_TEXT, samesite="Lax")
    return response
