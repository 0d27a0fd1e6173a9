"""The department's figures, counted from the rows themselves.

What there is to say about one subject (a kind of clock, or one of the other three) of one organ is a Counter, so that the sum
of a region is the sum of its organs. Its names:

- of a clock: ``due:2026-11-25`` how many run and end on that day, ``took:3`` how many were met this year after so many
  working days, ``late`` how many of those came after their last day;
- of refusals of this year: ``all``, and ``for:<finding code>`` how many rest on it;
- of objections filed this year: their outcome, or ``open``;
- of corrections: ``repeated``, notices of this year that were not the first of their case (Article 8 asks for one).
"""

from collections import Counter
from datetime import date, datetime, time
from typing import Final

from django.db.models import Count, DateField, F, Q, QuerySet, Value
from django.utils.timezone import make_aware

from applications.deadlines.models import RUNNING, Deadline
from applications.deadlines.spans import working_days_between
from applications.ledger.models import Event
from applications.objections.models import Objection
from applications.repairs.models import CorrectionNotice

REFUSALS: Final = "refusals"
OBJECTIONS: Final = "objections"
CORRECTIONS: Final = "corrections"
SUBJECTS: Final = (*Deadline.Kind.values, REFUSALS, OBJECTIONS, CORRECTIONS)
DUE, TOOK, LATE, ALL, FOR, UNHANDLED, REPEATED = "due", "took", "late", "all", "for", "open", "repeated"

# (key of the organ, subject) → what there is to say.
Counted = dict[tuple[int, str], Counter[str]]


def new_year(today: date) -> date:
    return date(today.year, 1, 1)


def year_began(today: date) -> datetime:
    """The first moment of the year. Moments are compared with it and not by their days: an index knows no days."""
    return make_aware(datetime.combine(new_year(today), time()))


def refused(today: date) -> QuerySet[Event]:
    return Event.objects.filter(verb="repair.refused", at__gte=year_began(today))


def objected(today: date) -> QuerySet[Objection]:
    return Objection.objects.filter(filed_at__gte=year_began(today))


def asked_again(today: date) -> QuerySet[CorrectionNotice]:
    return CorrectionNotice.objects.filter(sent_at__gte=year_began(today), round__gt=1)


def count(prefix: str, today: date) -> Counted:
    """All figures of the organs whose region begins so, in four queries and one for the calendars; an organ has those that are not 0."""
    counted: Counted = {}

    def add(organ: int | None, subject: str, name: str, number: int) -> None:
        if organ is not None and number:
            counted.setdefault((organ, subject), Counter())[name] += number

    within = Q(organ__region__startswith=prefix)
    worked = working_days_between()
    for kind, organ, region, start, end, number, late in _clocks(within, today):
        if start is None:
            add(organ, kind, f"{DUE}:{end.isoformat()}", number)
        else:
            add(organ, kind, f"{TOOK}:{worked(region, start, end)}", number)
            add(organ, kind, LATE, late)
    reasons = refused(today).filter(within).order_by().values_list("organ", "payload__failed")
    for organ, failed, number in reasons.annotate(Count("pk")):
        add(organ, REFUSALS, ALL, number)
        for code in failed or ():
            add(organ, REFUSALS, f"{FOR}:{code}", number)
    of_a_case = Q(case__organ__region__startswith=prefix)
    outcomes = objected(today).filter(of_a_case).order_by().values_list("case__organ", "outcome")
    for organ, outcome, number in outcomes.annotate(Count("pk")):
        add(organ, OBJECTIONS, outcome or UNHANDLED, number)
    repeated = asked_again(today).filter(of_a_case).order_by().values_list("case__organ")
    for organ, number in repeated.annotate(Count("pk")):
        add(organ, CORRECTIONS, REPEATED, number)
    return counted


def _clocks(within: Q, today: date) -> QuerySet[Deadline, tuple[str, int, str, date | None, date, int, int]]:
    """Kind, organ and its region, first and last day, how many, how many of them late; of those that run no first day, and when they
    are due. One statement sees one moment: nothing is counted as running and as met."""
    clocks = Deadline.objects.filter(within).order_by()
    columns = ("kind", "organ", "organ__region", "began", "ended")
    met = (
        clocks.filter(met_on__gte=new_year(today), met_on__lte=today)
        .annotate(began=F("started_on"), ended=F("met_on"))
        .values(*columns)
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(days_late__gt=0)))
    )
    running = (
        clocks.filter(RUNNING)
        .annotate(began=Value(None, output_field=DateField()), ended=F("due_on"))
        .values(*columns)
        .annotate(number=Count("pk"), late=Value(0))
    )
    found: QuerySet[Deadline, tuple[str, int, str, date | None, date, int, int]] = met.values_list(
        *columns, "number", "late"
    ).union(running.values_list(*columns, "number", "late"), all=True)
    return found
