"""How the organs kept the four clocks of Articles 8, 9, 11 and 13, month by month, counted from the clocks themselves.

A clock belongs to the month in which it was met; one whose last day is over and that is not met, to the month of that day. So
whoever never answers does not look better than who answers late. What was cancelled belongs nowhere.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from applications.deadlines.models import RUNNING, Deadline
from applications.deadlines.spans import working_days_between
from rules.procedure import LATER_CLOCKS, Clock

# In the order of the procedure. The other clocks are no step of a repair.
CLOCKS: Final = tuple(clock.value for clock in Clock if clock not in LATER_CLOCKS)

# Key of the organ, clock, first day of the month.
Key = tuple[int, str, date]


@dataclass
class Work:
    """``spans``: how many were met after so many working days; ``late`` of them after their last day; ``unmet``: not met yet
    and overdue."""

    spans: Counter[int] = field(default_factory=Counter)
    late: int = 0
    unmet: int = 0


def this_month(today: date) -> date:
    return today.replace(day=1)


def last_month(today: date) -> date:
    """The first day of the month that ended last."""
    return this_month(this_month(today) - timedelta(days=1))


def next_month(today: date) -> date:
    """The first day on which the month that runs is over."""
    return this_month(this_month(today) + timedelta(days=31))


def met_before(month: date) -> QuerySet[Deadline]:
    return Deadline.objects.filter(kind__in=CLOCKS, met_on__lt=month).order_by()


def unmet_before(month: date) -> QuerySet[Deadline]:
    return Deadline.objects.filter(RUNNING, kind__in=CLOCKS, due_on__lt=month).order_by()


def count(today: date) -> dict[Key, Work]:
    """All months that are over on a day, in two queries and one for the calendars; an organ has those in which there is something."""
    counted: dict[Key, Work] = {}
    worked = working_days_between()
    for organ, region, kind, start, end, number, late in _met(this_month(today)):
        work = counted.setdefault((organ, kind, this_month(end)), Work())
        work.spans[worked(region, start, end)] += number
        work.late += late
    unmet = unmet_before(this_month(today)).annotate(month=TruncMonth("due_on"))
    for organ, kind, month, number in unmet.values_list("organ", "kind", "month").annotate(Count("pk")):
        counted.setdefault((organ, kind, month), Work()).unmet += number
    return counted


def _met(before: date) -> Iterator[tuple[int, str, str, date, date, int, int]]:
    columns = ("organ", "organ__region", "kind", "started_on", "met_on")
    rows: QuerySet[Deadline, tuple[int, str, str, date, date, int, int]] = (
        met_before(before)
        .values(*columns)
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(days_late__gt=0)))
        .values_list(*columns, "number", "late")
    )
    return rows.iterator(chunk_size=5_000)
