"""平台签收决定 (Article 11): the sharing platform has confirmed decisions."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.deadlines.models import Deadline
from applications.repairs.errors import NotReady
from applications.repairs.steps.together import take_together
from rules.procedure import Clock

MESSAGE = gettext_lazy("公共信用信息共享平台已签收修复决定。")


class PlatformReceipt(NamedTuple):
    """What the platform signed: which decision of the case, counted from 1 on, under which number, and when it had it."""

    case_number: str
    position: int
    receipt_number: str
    received_at: datetime


def record_platform_receipts(*, receipts: Collection[PlatformReceipt], at: datetime) -> None:
    """The sharing platform has confirmed decisions, one of each case (Article 11): their clocks of 2 working days stop.

    Each stops on the day on which the platform received the decision, which may lie before the one on which the
    portal hears of it. Where there is a later decision, the case is not shared yet and nobody is told.
    InputError: ``received_at`` lies before the decision. NotReady: no decision of that number waits for a receipt.
    Where one raises, none is recorded.
    """
    numbers = {receipt.case_number for receipt in receipts}
    if len(numbers) < len(receipts):
        raise ValueError("one receipt of each case at a time")
    with take_together(numbers=numbers, action="record_receipt", message=MESSAGE, at=at) as under_way:
        clocks = Deadline.objects.filter(case_number__in=numbers, kind=Clock.SHARING)
        met_on: defaultdict[str, dict[int, date | None]] = defaultdict(dict)
        for case_number, round, day in clocks.values_list("case_number", "round", "met_on"):
            met_on[case_number][round] = day
        for case_number, position, receipt_number, received_at in receipts:
            transition, rounds = under_way[case_number], met_on[case_number]
            sharing = transition.counting[Clock.SHARING]
            sharing.round, sharing.met_on = position, localdate(received_at)
            if rounds.get(position, at) is not None:
                raise NotReady(
                    _("申请%(case_number)s没有等待平台签收的第%(position)s次决定。")
                    % {"case_number": case_number, "position": position}
                )
            if max(rounds) > position:
                transition.message = ""
            else:
                transition.changes["shared_at"] = received_at
            transition.payload |= {
                "position": position,
                "receipt": receipt_number,
                "received_at": received_at.isoformat(timespec="seconds"),
            }
