"""The department's figures as they are kept, so that its desk need not count a year's clocks.

``keep_figures`` is their one writer. A job calls it more often than once a minute; where it did not, the desk counts for
itself: what it shows is never older than OLDEST. Every night they are compared with the lists (``checking``).
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from applications.organs import regions
from applications.oversight import counting
from applications.oversight.counting import Counted
from applications.oversight.models import DayOfFigures, Figure

OLDEST = timedelta(minutes=1)


class Figures(NamedTuple):
    """What was counted, and when."""

    at: datetime
    counted: Counted


def figures_of(region: str, at: datetime) -> Figures:
    """The figures of a department's region on the day of a moment, OLDEST at most before it."""
    prefix, today = regions.prefix(region), localdate(at)
    day = DayOfFigures.objects.filter(day=today, counted_at__gt=at - OLDEST, counted_at__lte=at).first()
    if day is None:
        return Figures(at, counting.count(prefix, today))
    return Figures(day.counted_at, kept(day, prefix))


def kept(day: DayOfFigures, prefix: str = "") -> Counted:
    """The figures of a day, of the organs whose region begins so."""
    rows = Figure.objects.filter(day=day, organ__region__startswith=prefix).order_by()
    return {
        (organ, subject): Counter(counts)
        for organ, subject, counts in rows.values_list("organ", "subject", "counts")
    }


@transaction.atomic
def keep_figures(*, at: datetime) -> DayOfFigures:
    """Count, and keep what that changes of the day's rows; those of earlier days say nothing any more, and go."""
    DayOfFigures.objects.get_or_create(day=localdate(at), defaults={"counted_at": at})
    # Two at a time would each write what the other has already changed.
    day = DayOfFigures.objects.select_for_update().get(day=localdate(at))
    counted, before = counting.count("", day.day), kept(day)
    rows = [
        Figure(day=day, organ_id=organ, subject=subject, counts=counts)
        for (organ, subject), counts in counted.items()
        if before.get((organ, subject)) != counts
    ]
    Figure.objects.bulk_create(
        rows,
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["day", "organ", "subject"],
        update_fields=["counts"],
    )
    for organ, subject in before.keys() - counted.keys():
        Figure.objects.filter(day=day, organ=organ, subject=subject).delete()
    DayOfFigures.objects.filter(day__lt=day.day).delete()
    day.counted_at = max(at, day.counted_at)
    day.save(update_fields=["counted_at"])
    return day
