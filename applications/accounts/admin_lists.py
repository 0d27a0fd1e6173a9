"""What the address of an officers' list may ask for: what the list itself offers, and nothing else.

Django's own list runs every look-up that an address names (``password__regex``), which reads hidden columns one
letter at a time and lets one regular expression hold a worker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.forms import CharField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

LONGEST_SEARCH = 100
# A day outside these years is no day of any row; near the ends of the calendar it cannot even be compared.
YEARS = range(1900, 3000)


def one_term(typed: str) -> str:
    """As Django's search takes it for one thing: it would look for each word by itself, of which the beginning of an English
    name has several."""
    escaped = typed.strip().replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"' if escaped else ""


def addresses_of(page: str) -> Callable[[object], str]:
    """Of a page about one row its address for each row by the row's id: among all pages it is looked for once."""
    before, after = reverse(page, args=["0"]).rsplit("/0/", 1)
    return lambda key: f"{before}/{key}/{after}"


class KeysFirst(Paginator[Any]):
    """Pages of a list in the order of an index: what lies before a page is passed over in the index alone."""

    @cached_property
    def count(self) -> int:
        """Not counted again where a filter of the list has counted it (OfferedList)."""
        known: int | None = getattr(self.object_list, "known_length", None)
        return super().count if known is None else known

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        top = min(bottom + self.per_page, self.count)
        rows = cast(QuerySet[Any], self.object_list)
        keys = list(rows.select_related(None).values_list("pk", flat=True)[bottom:top])
        shown = rows.model._default_manager.filter(pk__in=keys).order_by(*rows.query.order_by)
        related = rows.query.select_related
        if isinstance(related, dict):
            shown.query.select_related = related
        return Page(shown, number, self)


class SearchForm(ChangeListSearchForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = CharField(
            required=False,
            strip=False,
            max_length=LONGEST_SEARCH,
            error_messages={
                "max_length": _(
                    "没有搜索：搜索内容最多%(limit_value)d个字，请缩短后再试。下面是没有搜索的列表。"
                )
            },
        )


def is_search(request: HttpRequest) -> bool:
    """Whether a list is searched: what is refused (SearchForm) is not."""
    form = SearchForm(request.GET)
    return form.is_valid() and bool(form.cleaned_data[SEARCH_VAR].strip())


class QueueListFilter(SimpleListFilter):
    """A filter that is always on: its first look-up unless another is asked for. Counts, where the list shows
    them, are the lengths of the lists that the links open."""

    # Whether a search looks into all of the lists: then none of them is chosen, and each link leaves the search.
    search_spans = False
    _lengths: dict[str, int] | None = None

    def value(self) -> str:
        chosen: str = super().value() or self.lookup_choices[0][0]
        return chosen

    def choices(self, changelist: ChangeList) -> Any:
        counts = self._counted(changelist)
        searching = self.search_spans and bool(changelist.query)
        left = [SEARCH_VAR] if searching else []
        for lookup, title in self.lookup_choices:
            yield {
                "selected": self.value() == lookup and not searching,
                "query_string": changelist.get_query_string({str(self.parameter_name): lookup}, left),
                "display": f"{title} {counts[lookup]}" if lookup in counts else title,
            }

    def counts(self, changelist: ChangeList) -> dict[str, int]:
        """The lengths of lists, by look-up, where they are shown: of what nothing else narrows."""
        return {}

    def length(self, changelist: ChangeList) -> int | None:
        """Of the list that is open, where it is counted."""
        return self._counted(changelist).get(self.value())

    def _counted(self, changelist: ChangeList) -> dict[str, int]:
        if self._lengths is None:
            self._lengths = self.counts(changelist)
        return self._lengths


class OfferedList(ChangeList):
    """A list that filters by the parameters which its own filters take.

    Any other field or look-up raises DisallowedModelAdminLookup. A name that means nothing here (what an app adds
    to a link that is passed on, ``from=…``) is left aside, so that the link still works. There is no
    ``date_hierarchy``: no list has one, and its parameters would be refused.
    """

    search_form_class = SearchForm
    # What the addresses of the rows' pages say of this list.
    row_query = ""

    def get_results(self, request: HttpRequest) -> None:
        lengths = [spec.length(self) for spec in self.filter_specs if isinstance(spec, QueueListFilter)]
        self.queryset.known_length = next(iter(lengths), None)
        super().get_results(request)

    def url_for_result(self, result: Any) -> str:
        return f"{self._address(quote(getattr(result, self.pk_attname)))}{self.row_query}"

    @cached_property
    def _address(self) -> Callable[[object], str]:
        return addresses_of(f"admin:{self.opts.app_label}_{self.opts.model_name}_change")

    def get_filters_params(self, params: Any = None) -> dict[str, list[str]]:
        # A filter's links name one value; of several in an address the last counts.
        return {name: values[-1:] for name, values in super().get_filters_params(params).items()}

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, left, duplicates, active = super().get_filters(request)
        # Each filter has taken the parameters that are its own.
        for name in left:
            if self._means_a_lookup(name):
                raise DisallowedModelAdminLookup(name)
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        for spec in specs:
            if isinstance(spec, DateFieldListFilter):
                _check_days(spec)
        return specs, has_filters, {}, duplicates, active

    def _means_a_lookup(self, name: str) -> bool:
        fields = {field.name for field in self.lookup_opts.get_fields()}
        columns = {field.attname for field in self.lookup_opts.concrete_fields}
        known = fields | columns | set(self.root_queryset.query.annotations) | {"pk"}
        return LOOKUP_SEP in name or name in known


def _check_days(spec: DateFieldListFilter) -> None:
    for values in cast(dict[str, list[Any]], spec.used_parameters).values():
        for value in values:
            if isinstance(value, bool):
                continue
            try:
                day = spec.field.to_python(value)
            except ValidationError as error:
                raise IncorrectLookupParameters(error) from error
            if day is None or day.year not in YEARS:
                raise IncorrectLookupParameters(f"{value} is no day of a row")
