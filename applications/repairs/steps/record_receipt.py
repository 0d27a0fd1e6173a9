"""平台签收决定 (Article 11): the sharing platform has confirmed a decision."""

from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.deadlines.models import Deadline
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import take
from rules.procedure import Clock

MESSAGE = gettext_lazy("公共信用信息共享平台已签收修复决定。")


def record_platform_receipt(
    *, case_number: str, position: int, receipt_number: str, received_at: datetime, at: datetime
) -> RepairCase:
    """The sharing platform has confirmed a decision (Article 11): its clock of 2 working days stops.

    It stops on the day on which the platform received the decision, which may lie before the one on which the
    portal hears of it. Where there is a later decision, the case is not shared yet and nobody is told.
    InputError: ``received_at`` lies before the decision. NotReady: no decision of that number waits for a receipt.
    """
    case = RepairCase.objects.only("number").get(number=case_number)
    with take(case=case, action="record_receipt", message=MESSAGE, actor=None, at=at) as transition:
        sharing = transition.counting[Clock.SHARING]
        sharing.round, sharing.met_on = position, localdate(received_at)
        clocks = Deadline.objects.raw(
            "SELECT id, round, met_on FROM deadlines_deadline WHERE case_number = %s AND kind = %s",
            [case_number, Clock.SHARING.value],
        )
        met_on = {clock.round: clock.met_on for clock in clocks}
        if met_on.get(position, at) is not None:
            raise NotReady(
                _("申请%(case_number)s没有等待平台签收的第%(position)s次决定。")
                % {"case_number": case_number, "position": position}
            )
        if max(met_on) > position:
            transition.message = ""
        else:
            transition.changes["shared_at"] = received_at
        transition.payload |= {
            "position": position,
            "receipt": receipt_number,
            "received_at": received_at.isoformat(timespec="seconds"),
        }
    return transition.case
