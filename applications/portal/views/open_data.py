"""The public lists as data: the page that says what there is, and the files (Articles 12 and 15)."""

from datetime import datetime

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.accounts.limits import Limit, address_of, begin
from applications.accounts.under_way import SOON, UntilSent, places_for
from applications.language import as_kept
from applications.organs import regions
from applications.organs.selectors import all_bureaus
from applications.portal.models import MeasuredSet
from applications.portal.open_data.fields import RECORD
from applications.portal.open_data.sending import TERMS, TYPES, data_set_file, file_of
from applications.portal.open_data.sets import SETS, DataSet, record_row
from applications.portal.public_search import FILED, SearchForm, search_for_file
from applications.portal.views.search import SEARCHES

# A whole set is the work of a thousand pages.
DOWNLOADS = Limit("open-data", times=20, seconds=3600)
# And it keeps a thread for as long as it lasts: so many at a time, of a network and in all, and none for longer than this
# (seconds), however slowly it is read.
LONGEST = 900
OF_A_NETWORK = Limit("open-data-of-a-network", times=2, seconds=LONGEST)
UNDER_WAY = Limit("open-data-under-way", times=3, seconds=LONGEST)


@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """Each set: what it is, its fields, how large it was last night, under which terms, and who answers for it."""
    measured = MeasuredSet.objects.in_bulk()
    with as_kept():
        # As they stand in the files, in whatever language the page is read.
        columns = {
            data.name: [(str(field.heading), field) for field in data.fields] for data in SETS.values()
        }
    context = {
        "sets": [(data, columns[data.name], measured.get(data.name)) for data in SETS.values()],
        "terms": TERMS,
        "limit": DOWNLOADS.times,
        "minutes": LONGEST // 60,
        "filed": FILED,
        "answers": all_bureaus().filter(region=regions.PROVINCE).first(),
    }
    return render(request, "portal/open_data.html", context)


def _set(name: str) -> DataSet:
    if name not in SETS:
        raise Http404
    return SETS[name]


@require_safe
def set_file(request: HttpRequest, name: str, suffix: str) -> HttpResponseBase:
    """A whole set, read from the database while it is sent: it holds what is public then, and nothing that is repaired."""
    data, at = _set(name), timezone.localtime()
    if request.method == "HEAD":
        return _attached(HttpResponse(content_type=TYPES[suffix]), data.name, suffix, at)
    network = address_of(request)
    asking = begin(DOWNLOADS, network)
    if not asking.admitted:
        return _too_often(request, asking.wait)
    places = places_for((OF_A_NETWORK, network), (UNDER_WAY, "all"))
    if places is None:
        asking.take_back()
        return _too_often(request, SOON)
    address = settings.SITE_URL + request.path
    pieces = data_set_file(data, suffix, address=address, at=at.isoformat(timespec="seconds"))
    sent = StreamingHttpResponse(UntilSent(pieces, places, LONGEST), content_type=TYPES[suffix])
    return _attached(sent, data.name, suffix, at)


@require_safe
def set_schema(request: HttpRequest, name: str) -> HttpResponse:
    """JSON Schema of the rows of a set."""
    with as_kept():
        return JsonResponse(_set(name).schema(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_http_methods(["GET", "HEAD", "POST"])
def search_file(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The records of organisations that a search finds, FILED a file. It may be posted, as the search is: what was looked for then
    stays out of the address. What cannot be looked for leads to the page of the search, which says why."""
    form, at = SearchForm(request.POST if request.method == "POST" else request.GET), timezone.localtime()
    if not form.is_valid():
        return render(request, "portal/search.html", {"form": form, "found": None}, status=400)
    asking = begin(SEARCHES, address_of(request))
    if not asking.admitted:
        return _too_often(request, asking.wait)
    said = form.cleaned_data
    page, more = search_for_file(
        said["q"], said["unit"], since=said["since"], until=said["until"], page=said["page"] or 1
    )
    envelope = {
        "set": "search",
        "made_at": at.isoformat(timespec="seconds"),
        "asked": {name: said[name] or None for name in ("q", "unit", "since", "until")},
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "more": more,
    }
    with as_kept():
        rows = [record_row(record) for record in page]
    pieces = b"".join(file_of(RECORD, [rows], suffix, envelope))
    response = _attached(HttpResponse(pieces, content_type=TYPES[suffix]), "search", suffix, at)
    if request.method != "POST" and page.has_next():
        asked = request.GET.copy()
        asked["page"] = str(page.next_page_number())
        next_page = f"{settings.SITE_URL}{reverse('portal:search_file', args=[suffix])}?{asked.urlencode()}"
        response["Link"] = f'<{next_page}>; rel="next"'
    return response


def _attached(response: HttpResponseBase, name: str, suffix: str, at: datetime) -> HttpResponseBase:
    file_name = f"{name}-{at:%Y%m%d-%H%M}.{suffix}"
    response["Content-Disposition"] = str(content_disposition_header(True, file_name))
    # A search engine would keep what is repaired.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _too_often(request: HttpRequest, wait: int) -> HttpResponse:
    said = _("下载过于频繁，请在%(wait)d秒后再试。") % {"wait": wait}
    response = render(request, "portal/too_often.html", {"said": said}, status=429)
    response["Retry-After"] = str(wait)
    return response
