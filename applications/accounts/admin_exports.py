"""Taking a list of the officers' site away as a table: all of its rows, filtered and searched as it is on the page.

The rows are sent while they are read, so neither this process nor the disk grows with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.spreadsheets import MAX_ROWS, stream_csv, stream_xlsx

M = TypeVar("M", bound=Model)
ROWS_A_READ = 1_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportColumn(NamedTuple):
    heading: str | Promise
    value: Callable[[Any], object]


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

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        rows = self._listed(request)
        taken = self._taken(request, rows, rows.count(), "csv")
        return self._sent(stream_csv(self._headings(), taken), "text/csv; charset=utf-8", "csv")

    def xlsx_view(self, request: HttpRequest) -> HttpResponseBase:
        rows = self._listed(request)
        count = rows.count()
        if count >= MAX_ROWS:
            messages.error(request, _("一张工作表放不下%(n)d行。请缩小范围，或者导出 CSV。") % {"n": count})
            shown = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            return redirect(f"{shown}?{request.GET.urlencode()}")
        taken = self._taken(request, rows, count, "xlsx")
        title = str(self.opts.verbose_name_plural)
        return self._sent(stream_xlsx(title, self._headings(), taken), XLSX, "xlsx")

    def _headings(self) -> list[str]:
        return [str(column.heading) for column in self.export_columns]

    def _listed(self, request: HttpRequest) -> QuerySet[M]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return self.exported(self.get_changelist_instance(request).queryset)
        except IncorrectLookupParameters as refused:
            raise BadRequest from refused

    def _taken(
        self, request: HttpRequest, rows: QuerySet[M], count: int, kind: str
    ) -> Iterator[list[object]]:
        """What the rows say. That they are taken away is an event before the first one leaves."""
        assert isinstance(request.user, User)
        note_reading(
            reader=request.user,
            verb=f"{self.opts.model_name}.exported",
            at=timezone.now(),
            payload={"rows": count, "kind": kind, "searched": bool(request.GET.get("q"))},
        )
        columns = self.export_columns
        return ([column.value(row) for column in columns] for row in rows.iterator(chunk_size=ROWS_A_READ))

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
