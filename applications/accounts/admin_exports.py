"""Taking a list of the officers' site away as a table: all of its rows, filtered and searched as it is on the page.

Its keys are read first, in the order of the list, and a thousand rows by their keys at a time while they are sent: this process
grows by eight bytes a row (of letters, whose keys are UUIDs, by a hundred), and what PostgreSQL may have to sort on its disk are
keys. No read stays open while somebody receives.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import IntegerField, Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.limits import Limit
from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.accounts.under_way import SOON, UntilSent, give_back, places_for
from applications.spreadsheets import MAX_ROWS, stream_csv, stream_xlsx

M = TypeVar("M", bound=Model)
A = TypeVar("A", bound=OrganScopedAdmin[Any])
P = ParamSpec("P")
ROWS_A_READ = 1_000
# Minutes of computing, for which a table keeps one of the portal's few threads. In seconds: a million rows take seven minutes.
LONGEST = 1_800
OF_A_PERSON = Limit("export-of-a-person", times=1, seconds=LONGEST)
UNDER_WAY = Limit("exports-under-way", times=3, seconds=LONGEST)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportColumn(NamedTuple):
    heading: str | Promise
    value: Callable[[Any], object]


def in_turn(
    view: Callable[Concatenate[A, HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[A, HttpRequest, P], HttpResponseBase]:
    """Around a page that sends a table: one at a time for each person, and few in all; others are told to come again."""

    @wraps(view)
    def page(own: A, request: HttpRequest, /, *args: P.args, **arguments: P.kwargs) -> HttpResponseBase:
        places = places_for((OF_A_PERSON, str(request.user.pk)), (UNDER_WAY, "all"))
        if places is None:
            busy = own.page(request, "admin/exports_under_way.html", 429, title=_("暂时不能导出"))
            busy["Retry-After"] = str(SOON)
            return busy
        try:
            response = view(own, request, *args, **arguments)
        except BaseException:
            give_back(places)
            raise
        if isinstance(response, StreamingHttpResponse):
            pieces = cast("Iterator[bytes]", response.streaming_content)
            response.streaming_content = UntilSent(pieces, places, LONGEST)
        else:
            give_back(places)
        return response

    return page


def keys_of(rows: QuerySet[Any]) -> Sequence[Any]:
    """The keys of a list, in its order."""
    # Outside of a transaction PostgreSQL keeps a cursor by writing all that it finds to its disk before the first row.
    with transaction.atomic():
        keys = rows.values_list("pk", flat=True).iterator(chunk_size=10 * ROWS_A_READ)
        return array("q", keys) if isinstance(rows.model._meta.pk, IntegerField) else list(keys)


def rows_of(keys: Sequence[Any], rows: QuerySet[M]) -> Iterator[M]:
    """The rows of these keys, in their order; what has left the list meanwhile is left out."""
    for start in range(0, len(keys), ROWS_A_READ):
        read = keys[start : start + ROWS_A_READ]
        found = rows.in_bulk(read)
        yield from (found[key] for key in read if key in found)


class ExportsList(OrganScopedAdmin[M]):
    """``export_columns``: what a row says. ``exported(queryset)``: with all that they need."""

    change_list_template = "admin/exported_list.html"
    export_columns: Sequence[ExportColumn] = ()
    exported: Callable[[QuerySet[Any]], QuerySet[Any]]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [
            path("export/csv/", wrap(self.csv_view), name=f"{name}_csv"),
            path("export/xlsx/", wrap(self.xlsx_view), name=f"{name}_xlsx"),
            *super().get_urls(),
        ]

    @in_turn
    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        rows = self._listed(request)
        taken = self._taken(request, rows, keys_of(rows), "csv")
        return self._sent(stream_csv(self._headings(), taken), "text/csv; charset=utf-8", "csv")

    @in_turn
    def xlsx_view(self, request: HttpRequest) -> HttpResponseBase:
        rows = self._listed(request)
        keys = keys_of(rows)
        if len(keys) >= MAX_ROWS:
            messages.error(
                request, _("一张工作表放不下%(n)d行。请缩小范围，或者导出 CSV。") % {"n": len(keys)}
            )
            shown = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            return redirect(f"{shown}?{request.GET.urlencode()}")
        taken = self._taken(request, rows, keys, "xlsx")
        title = str(self.opts.verbose_name_plural)
        return self._sent(stream_xlsx(title, self._headings(), taken), XLSX, "xlsx")

    def _headings(self) -> list[str]:
        return [str(column.heading) for column in self.export_columns]

    def _listed(self, request: HttpRequest) -> QuerySet[M]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            listed: QuerySet[M] = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as refused:
            raise BadRequest from refused
        return listed

    def _taken(
        self, request: HttpRequest, rows: QuerySet[M], keys: Sequence[Any], kind: str
    ) -> Iterator[list[object]]:
        """What the rows say. That they are taken away is an event before the first one leaves."""
        assert isinstance(request.user, User)
        note_reading(
            reader=request.user,
            verb=f"{self.opts.model_name}.exported",
            at=timezone.now(),
            payload={"rows": len(keys), "kind": kind, "searched": bool(request.GET.get("q"))},
        )
        columns = self.export_columns
        return ([column.value(row) for column in columns] for row in rows_of(keys, self.exported(rows)))

    def _sent(self, pieces: Iterator[bytes], content_type: str, suffix: str) -> StreamingHttpResponse:
        name = f"{self.opts.verbose_name_plural}-{timezone.localdate().isoformat()}.{suffix}"
        return StreamingHttpResponse(
            pieces,
            content_type=content_type,
            headers={
                "Content-Disposition": str(content_disposition_header(True, name)),
                "X-Content-Type-Options": "nosniff",
            },
        )
