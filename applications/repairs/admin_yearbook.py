"""台账 (Article 11): the cases that an organ got in a year, as a table that is kept; the archive of one case as a ZIP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_exports import XLSX, in_turn, keys_of, rows_of
from applications.accounts.models import CASE_ROLES, User
from applications.accounts.reading import note_reading
from applications.organs import regions
from applications.organs.models import Organ
from applications.repairs import exporting
from applications.repairs.archive import stream_archive
from applications.repairs.models import RepairCase
from applications.spreadsheets import stream_xlsx

# Before the Notice there was nothing to keep.
FIRST_YEAR = 2020
ATTACHED = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}


class YearbookForm(forms.Form):
    year = forms.TypedChoiceField(label=gettext_lazy("年份"), coerce=int)
    organ = forms.ModelChoiceField(label=gettext_lazy("办理机构"), queryset=Organ.objects.none())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert user.organ is not None
        years = range(timezone.localdate().year, FIRST_YEAR - 1, -1)
        cast(forms.TypedChoiceField, self.fields["year"]).choices = [(year, str(year)) for year in years]
        organs = Organ.objects.filter(pk=user.organ.pk)
        if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
            organs = Organ.objects.filter(region__startswith=regions.prefix(user.organ.region))
        field = cast("forms.ModelChoiceField[Organ]", self.fields["organ"])
        # Those that handle applications.
        field.queryset = organs.exclude(kind=Organ.Kind.CREDIT_MANAGEMENT).order_by("region", "code")


class KeepsYearbooks(OrganScopedAdmin[RepairCase]):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("yearbook/", wrap(require_safe(self.yearbook_view)), name="repairs_yearbook"),
            path("<int:case_id>/archive/", wrap(require_safe(self.archive_view)), name="repairs_archive"),
            *super().get_urls(),
        ]

    def yearbook_view(self, request: HttpRequest) -> HttpResponseBase:
        """Asks for the organ and the year; with both, the table."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user = request.user
        assert isinstance(user, User)
        asked = bool(request.GET)
        initial = {"year": timezone.localdate().year, "organ": user.organ_id}
        form = YearbookForm(request.GET if asked else None, user=user, initial=initial)
        if not asked or not form.is_valid():
            title = _("信用修复台账")
            return self.page(
                request, "admin/repairs/yearbook.html", 400 if asked else 200, title=title, form=form
            )
        return self._yearbook(request, user, form.cleaned_data["year"], form.cleaned_data["organ"])

    @in_turn
    def _yearbook(self, request: HttpRequest, user: User, year: int, organ: Organ) -> HttpResponseBase:
        began = [timezone.make_aware(datetime(each, 1, 1)) for each in (year, year + 1)]
        cases = self.visible_to(user).filter(
            organ=organ, first_submitted_at__gte=began[0], first_submitted_at__lt=began[1]
        )
        keys = keys_of(cases.order_by("first_submitted_at", "pk"))
        note_reading(
            reader=user,
            verb="repaircase.exported",
            at=timezone.now(),
            payload={"rows": len(keys), "kind": "xlsx", "year": year, "organ": organ.code},
        )
        lines = (
            [column.value(case) for column in exporting.COLUMNS]
            for case in rows_of(keys, exporting.with_all(cases))
        )
        title = _("%(organ)s%(year)d年信用修复台账") % {"organ": organ.name, "year": year}
        headings = [str(column.heading) for column in exporting.COLUMNS]
        return _attached(
            stream_xlsx(_("%(year)d年") % {"year": year}, headings, lines), XLSX, f"{title}.xlsx"
        )

    def archive_view(self, request: HttpRequest, case_id: int) -> HttpResponseBase:
        """All that is kept of a case, for the organ that handles it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user = request.user
        assert isinstance(user, User)
        own = self.visible_to(user).filter(organ=user.organ_id)
        case = own.select_related("record__subject", "organ", "filing").filter(pk=case_id).first()
        if case is None or not self.holds(request, *CASE_ROLES):
            raise Http404
        now = timezone.now()
        note_reading(
            reader=user, verb="repaircase.archived", at=now, about=case.number, payload={"object": case.pk}
        )
        return _attached(stream_archive(case, now), "application/zip", f"{case.number}.zip")


def _attached(pieces: Any, content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        pieces,
        content_type=content_type,
        headers={"Content-Disposition": str(content_disposition_header(True, name)), **ATTACHED},
    )
