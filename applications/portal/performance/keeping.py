"""The figures of months that are over, as they are kept for the public. ``keep`` is their one writer; what it wrote is then
compared with the clocks, counted in another way."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import ExtractMonth, ExtractYear
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.ledger.locking import lock_ledger
from applications.notifications.findings import report_findings
from applications.organs.models import Organ
from applications.portal.models import OrganMonth, PublishedMonth
from applications.portal.performance.counting import (
    Key,
    Work,
    count,
    last_month,
    met_before,
    this_month,
    unmet_before,
)
from rules.procedure import CLOCK_LABELS

log = logging.getLogger(__name__)

A_WRITE = 1_000


def is_kept(at: datetime) -> bool:
    """Whether they were counted on this day."""
    last = PublishedMonth.objects.order_by("-counted_at").first()
    return last is not None and localdate(last.counted_at) >= localdate(at)


def keep_performance(*, at: datetime) -> list[str]:
    """Count, keep what has changed, and compare; return what is wrong, as sentences, of which the system administrators get one
    message a day. While it looks nobody starts or stops a clock. LedgerBusy: others have written for a minute without a pause."""
    with transaction.atomic():
        lock_ledger()
        _keep(at)
        found = list(_differences(localdate(at)))
    report_findings(
        log=log,
        kind="performance",
        subject=_("公开的办理情况有%(count)d处不符") % {"count": len(found)},
        found=found,
        at=at,
    )
    return found


def _keep(at: datetime) -> None:
    today = localdate(at)
    counted = count(today)
    months = {month for _organ, _clock, month in counted} | {last_month(today)}
    PublishedMonth.objects.bulk_create(
        [PublishedMonth(month=month, published_at=at, counted_at=at) for month in sorted(months)],
        update_conflicts=True,
        unique_fields=["month"],
        update_fields=["counted_at"],
    )
    PublishedMonth.objects.exclude(month__in=months).delete()
    before = {(row.organ_id, row.clock, row.month_id): row for row in OrganMonth.objects.all()}
    OrganMonth.objects.bulk_create(
        [
            _row(key, work)
            for key, work in counted.items()
            if key not in before or _said(before[key]) != (work.spans, work.late, work.unmet)
        ],
        batch_size=A_WRITE,
        update_conflicts=True,
        unique_fields=["organ", "clock", "month"],
        update_fields=["spans", "late", "unmet"],
    )
    OrganMonth.objects.filter(pk__in=[before[key].pk for key in before.keys() - counted.keys()]).delete()


def spans_of(row: OrganMonth) -> Counter[int]:
    """As they were counted: JSON knows no numbers as names."""
    return Counter({int(days): number for days, number in row.spans.items()})


def _said(row: OrganMonth) -> tuple[Counter[int], int, int]:
    return spans_of(row), row.late, row.unmet


def _row(key: Key, work: Work) -> OrganMonth:
    organ, clock, month = key
    return OrganMonth(
        organ_id=organ, clock=clock, month_id=month, spans=work.spans, late=work.late, unmet=work.unmet
    )


def _differences(today: date) -> Iterator[str]:
    """Each kept figure beside the number of the clocks, by their days' year and month."""
    kept = {
        (row.organ_id, row.clock, row.month_id): (spans_of(row).total(), row.late, row.unmet)
        for row in OrganMonth.objects.all()
    }
    right: dict[Key, list[int]] = {}

    def by_month(day: str) -> dict[str, ExtractYear | ExtractMonth]:
        return {"in_year": ExtractYear(day), "in_month": ExtractMonth(day)}

    columns = ("organ", "kind", "in_year", "in_month")
    met = met_before(this_month(today)).annotate(**by_month("met_on")).values_list(*columns)
    for organ, kind, year, month, number, late in met.annotate(
        Count("pk"), late_ones=Count("pk", filter=Q(days_late__gt=0))
    ):
        right.setdefault((organ, kind, date(year, month, 1)), [0, 0, 0])[:2] = [number, late]
    unmet = unmet_before(this_month(today)).annotate(**by_month("due_on")).values_list(*columns)
    for organ, kind, year, month, number in unmet.annotate(Count("pk")):
        right.setdefault((organ, kind, date(year, month, 1)), [0, 0, 0])[2] = number
    names = dict(Organ.objects.values_list("pk", "name"))
    for key in sorted(kept.keys() | right.keys()):
        organ, clock, month = key
        said, true = list(kept.get(key, (0, 0, 0))), right.get(key, [0, 0, 0])
        if said != true:
            yield _(
                "%(organ)s，%(clock)s，%(month)s：公开为%(said)s，实有%(true)s（办结、逾期办结、逾期未办结）。"
            ) % {
                "organ": names[organ],
                "clock": CLOCK_LABELS[clock],
                "month": f"{month:%Y-%m}",
                "said": "、".join(map(str, said)),
                "true": "、".join(map(str, true)),
            }
