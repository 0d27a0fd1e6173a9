"""The nightly proof that the kept figures are those of the clocks and decisions themselves."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.deadlines.models import Deadline
from applications.ledger.locking import lock_ledger
from applications.notifications.findings import report_findings
from applications.organs import regions
from applications.organs.models import Organ
from applications.oversight import selectors
from applications.oversight.counting import Counted
from applications.oversight.figures import keep_figures, kept
from applications.oversight.models import DayOfFigures

log = logging.getLogger(__name__)

# Then the job that keeps the figures does not run.
TOO_OLD = timedelta(minutes=5)


def check_figures(*, at: datetime) -> list[str]:
    """Compare every kept figure with the list that it leads to; return what is wrong, as sentences.

    Called every night by beat. Each difference is logged as an error, and the system administrators get one message about all
    of a day. While it looks nobody starts or stops a clock. LedgerBusy: others have written for a minute without a pause.
    """
    last = DayOfFigures.objects.order_by("-counted_at").first()
    found = []
    if last is None or last.counted_at < at - TOO_OLD:
        found.append(
            _("监督管理的数字没有按时统计，最近一次：%(at)s。")
            % {"at": f"{localtime(last.counted_at):%Y-%m-%d %H:%M}" if last else _("无")}
        )
    with transaction.atomic():
        lock_ledger()
        day = keep_figures(at=at)
        found += _differences(selectors.Realm(regions.PROVINCE, day.day), kept(day))
    report_findings(
        log=log,
        kind="figures",
        subject=_("监督管理的数字有%(count)d处不符") % {"count": len(found)},
        found=found,
        at=at,
    )
    return found


def _differences(realm: selectors.Realm, counted: Counted) -> Iterator[str]:
    said = {
        (line.organ.pk, table.kind, shown): line.counts[shown]
        for table in selectors.clock_tables(realm, counted)
        for line in table.lines
        if line.organ is not None
        for shown in selectors.SHOWN
    }
    listed: dict[tuple[int, str, str], int] = {}
    for shown in selectors.SHOWN:
        numbers = selectors.clocks(realm, shown=shown).order_by().values_list("organ", "kind")
        listed |= {(organ, kind, shown): number for organ, kind, number in numbers.annotate(Count("pk"))}
    names = dict(Organ.objects.values_list("pk", "name"))
    for organ, kind, shown in sorted(said.keys() | listed.keys()):
        number, right = said.get((organ, kind, shown), 0), listed.get((organ, kind, shown), 0)
        if number != right:
            what = f"{names[organ]}，{Deadline.Kind(kind).label}，{selectors.SHOWN[shown]}"
            yield _unequal(what, number, right)
    refusals = selectors.refusals(realm)
    for what, number, right in (
        (_("今年不予修复的决定"), selectors.refusal_count(counted), len(refusals)),
        (
            _("不予修复的理由"),
            sum(number for *_reason, number in selectors.refusal_reasons(counted)),
            sum(len(refusal.failed) for refusal in refusals),
        ),
        (
            _("今年的异议"),
            sum(number for *_outcome, number in selectors.objection_outcomes(counted)),
            selectors.objections(realm).count(),
        ),
        (
            _("今年再次告知补正的申请"),
            selectors.repeated_count(counted),
            selectors.repeated_corrections(realm).count(),
        ),
    ):
        if number != right:
            yield _unequal(what, number, right)


def _unequal(what: str, number: int, right: int) -> str:
    return _("%(what)s：统计为%(number)d件，实有%(right)d件。") % {
        "what": what,
        "number": number,
        "right": right,
    }
