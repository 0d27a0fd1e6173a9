"""How the organs keep their clocks, as everybody may read it (Articles 8, 9, 11, 13 and 14)."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from applications.organs import regions
from applications.organs.models import Organ
from applications.portal.models import OrganMonth, PublishedMonth
from applications.portal.performance.charts import Chart, chart_of, comparison_of
from applications.portal.performance.counting import CLOCKS, next_month
from applications.portal.performance.publishing import FEWEST, YearOfClock, years_of
from rules.procedure import CLOCK_LABELS, Clock

ORGANS_A_PAGE = 50


def label_of(clock: str) -> str:
    return gettext(CLOCK_LABELS[Clock(clock)])


class PerformanceForm(forms.Form):
    """Which clock, in which year or month, and where. What is not said is the decision, in the latest year, everywhere."""

    clock = forms.ChoiceField(label=gettext_lazy("期限"), required=False)
    period = forms.ChoiceField(label=gettext_lazy("年份或者月份"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("地区"), required=False)

    def __init__(self, *args: Any, months: list[PublishedMonth], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [each.month for each in months]
        years = sorted({day.year for day in days}, reverse=True)
        # In the way in which a figure names its period.
        periods = [(f"{year}", gettext("%(year)d年") % {"year": year}) for year in years]
        periods += [(f"{day:%Y-%m}", _month(day.year, day.month)) for day in days]
        places = [("", gettext("全省")), *((code, regions.name(code)) for code in regions.cities())]
        for name, choices in (
            ("clock", [(clock, label_of(clock)) for clock in CLOCKS]),
            ("period", periods),
            ("place", places),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.initial = {"clock": Clock.DECISION.value, "period": periods[0][0]}

    def asked(self, name: str) -> str:
        said: str = self.cleaned_data[name] if self.is_bound else ""
        return said or self.initial.get(name, "")


def _month(year: int, month: int) -> str:
    return gettext("%(year)d年%(month)d月") % {"year": year, "month": month}


@require_safe
def performance(request: HttpRequest) -> HttpResponse:
    """All organs side by side, in a drawing and a table: one clock in one year or month."""
    months = list(PublishedMonth.objects.all())
    if not months:
        return render(
            request, "portal/performance.html", {"form": None, "next_month": next_month(localdate())}
        )
    # The number of the page is no question of the form.
    form = PerformanceForm(request.GET if request.GET.keys() - {"page"} else None, months=months)
    context: dict[str, Any] = {
        "form": form,
        "counted_at": months[0].counted_at,
        "fewest": FEWEST,
        "next_month": next_month(localdate()),
    }
    if not form.is_bound or form.is_valid():
        clock, period, place = (form.asked(name) for name in ("clock", "period", "place"))
        year, _dash, month = period.partition("-")
        rows = OrganMonth.objects.filter(clock=clock, month__month__year=int(year))
        organs = Organ.objects.filter(pk__in=rows.values("organ")).order_by("region", "code")
        if place:
            organs = organs.filter(region__startswith=regions.prefix(place))
        page = Paginator(organs, ORGANS_A_PAGE).get_page(request.GET.get("page"))
        found = years_of(rows.filter(organ__in=list(page)).select_related("organ"), months[0].month)
        by_organ = {each.organ.pk: each.line(int(month) if month else None) for each in found}
        lines = [(organ, by_organ[organ.pk]) for organ in page]
        asked = request.GET.copy()
        asked.pop("page", None)
        context |= {
            "clock": label_of(clock),
            "period": _month(int(year), int(month)) if month else gettext("%(year)d年") % {"year": int(year)},
            "through": months[0].month if int(year) == months[0].month.year and not month else None,
            "lines": lines,
            "chart": comparison_of(lines),
            "page": page,
            "asked": asked.urlencode(),
        }
    return render(request, "portal/performance.html", context)


@require_safe
def organ_performance(request: HttpRequest, code: str) -> HttpResponse:
    """One organ: each of its clocks by month, in a drawing and a table."""
    organ = get_object_or_404(Organ, code=code)
    last = PublishedMonth.objects.first()
    rows = OrganMonth.objects.filter(organ=organ).select_related("organ").order_by("month")
    years = sorted({day.year for day in rows.values_list("month", flat=True).distinct()}, reverse=True)
    asked = request.GET.get("year", "")
    year = int(asked) if asked in map(str, years) else years[0] if years else None
    tables: list[tuple[str, YearOfClock, Chart | None]] = []
    if last and year:
        found = {each.clock: each for each in years_of(rows.filter(month__month__year=year), last.month)}
        tables = [
            (label_of(clock), found[clock], chart_of(found[clock].months))
            for clock in CLOCKS
            if clock in found
        ]
    context = {
        "organ": organ,
        "year": year,
        "years": years,
        "tables": tables,
        "through": last.month if last and last.month.year == year else None,
        "counted_at": last.counted_at if last else None,
        "fewest": FEWEST,
        "next_month": next_month(localdate()),
    }
    return render(request, "portal/organ_performance.html", context)
