"""Filters of officers' lists: days from one to another, and the filterings that a person keeps under a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_lists import YEARS
from applications.accounts.http import whole_number
from applications.accounts.models import SavedFilter, User

MOST_SAVED = 20
# Where one is in a list is no part of how it is filtered; what was searched may be somebody's number.
NOT_KEPT = {SEARCH_VAR, PAGE_VAR, ORDER_VAR}


class DayRangeFilter(admin.FieldListFilter):
    """From one day to another, both included; either may be left open. For a field of days or of moments."""

    template = "admin/filters/day_range.html"

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: admin.ModelAdmin[Any],
        field_path: str,
    ) -> None:
        self.since, self.until = f"{field_path}__gte", f"{field_path}__lte"
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self) -> list[str | None]:
        return [self.since, self.until]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since, until = self._day(self.since), self._day(self.until)
        if isinstance(self.field, DateTimeField):
            if since:
                queryset = queryset.filter(**{self.since: _midnight(since)})
            if until:
                queryset = queryset.filter(**{f"{self.field_path}__lt": _midnight(until + timedelta(days=1))})
            return queryset
        return queryset.filter(
            **{name: day for name, day in ((self.since, since), (self.until, until)) if day}
        )

    def _typed(self, name: str) -> str:
        values: Any = self.used_parameters.get(name) or [""]
        return str(values[-1] if isinstance(values, list) else values)

    def _day(self, name: str) -> date | None:
        typed = self._typed(name)
        try:
            day = date.fromisoformat(typed) if typed else None
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error
        if day and day.year not in YEARS:
            raise IncorrectLookupParameters(f"{day} is no day of a row")
        return day

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        others = changelist.get_query_string(remove=[self.since, self.until, PAGE_VAR])
        fields = [
            (self.since, _("从"), self._typed(self.since)),
            (self.until, _("至"), self._typed(self.until)),
        ]
        yield {
            "selected": any(value for _name, _label, value in fields),
            "query_string": others,
            "display": _("不限"),
            "fields": fields,
            "others": parse_qsl(others.removeprefix("?")),
        }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class SavedFilters(admin.ListFilter):
    """Not a filter but those that the person has kept; the list's admin is a SavesFilters."""

    title = gettext_lazy("常用筛选")
    template = "admin/filters/saved.html"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: admin.ModelAdmin[Any],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        assert isinstance(model_admin, SavesFilters)
        self.request, self.model_admin = request, model_admin

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        now = kept(changelist.get_query_string())
        form = {"address": reverse(self.model_admin.filters_page), "csrf": get_token(self.request)}
        for saved in saved_filters(self.request.user, self.model_admin.page_name):
            query = f"?{saved.query}"
            shown = {"selected": saved.query == now, "query_string": query, "display": saved.name}
            yield form | shown | {"saved": saved}
        # Last, what is needed to keep this one; by itself it leads where the list begins.
        yield form | {"selected": False, "query_string": "?", "keep": now}


def saved_filters(user: Any, page: str) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(user=user, page=page).order_by("pk")


def kept(query: str) -> str:
    """Of a list's address what a saved filter keeps."""
    pairs = [
        (name, value) for name, value in parse_qsl(query.removeprefix("?")) if value and name not in NOT_KEPT
    ]
    return urlencode(sorted(pairs))


class SavesFilters(OrganScopedAdmin[Any]):
    """A list whose readers keep filterings under a name: ``SavedFilters`` stands in its ``list_filter``."""

    @property
    def page_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    @property
    def filters_page(self) -> str:
        return f"admin:{self.page_name}_filters"

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "filters/", self.admin_site.admin_view(self.filters_view), name=f"{self.page_name}_filters"
        )
        return [own, *super().get_urls()]

    @method_decorator(require_POST)
    def filters_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the filtering that the list has now, under a name; or drop one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        assert isinstance(request.user, User)
        own = saved_filters(request.user, self.page_name)
        query = kept(request.POST.get("query", ""))
        if "drop" in request.POST:
            dropped = whole_number(request.POST["drop"])
            own.filter(pk__in=[] if dropped is None else [dropped]).delete()
        else:
            self._keep(request.user, request, request.POST.get("name", "").strip(), query)
        back = reverse(f"admin:{self.page_name}_changelist")
        return redirect(f"{back}?{query}" if query else back)

    def _keep(self, user: User, request: HttpRequest, name: str, query: str) -> None:
        own = saved_filters(user, self.page_name)
        longest = SavedFilter._meta.get_field("name").max_length or 0
        if not 1 <= len(name) <= longest:
            messages.error(request, _("没有保存：请给这组筛选起一个%(n)d个字以内的名称。") % {"n": longest})
        elif len(query) > (SavedFilter._meta.get_field("query").max_length or 0):
            messages.error(request, _("没有保存：筛选条件太长，请减少后再保存。"))
        else:
            with transaction.atomic():
                # Two windows of one person: one after the other.
                User.objects.select_for_update().get(pk=user.pk)
                if own.exclude(name=name).count() >= MOST_SAVED:
                    messages.error(
                        request, _("没有保存：最多保存%(n)d组，请先删除不用的。") % {"n": MOST_SAVED}
                    )
                    return
                SavedFilter.objects.update_or_create(
                    user=user, page=self.page_name, name=name, defaults={"query": query}
                )
            messages.success(request, _("筛选“%(name)s”已保存。") % {"name": name})
