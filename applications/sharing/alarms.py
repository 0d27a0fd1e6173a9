"""Telling people in time that a decision has not reached the platform (Article 11)."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from applications.notifications.faults import report_fault
from applications.notifications.links import link_to
from applications.notifications.models import Fault
from applications.notifications.services import notify
from applications.sharing import selectors
from applications.sharing.models import Delivery

log = logging.getLogger(__name__)

# Half of the 2 working days, when no holiday lies between: after that people are told.
ALARM_AFTER = timedelta(days=1)


def raise_alarms(*, at: datetime) -> None:
    """Tell people, once for each, what half of the legal time has not brought to the platform."""
    for delivery in selectors.late(at - ALARM_AFTER):
        try:
            _raise_alarm(delivery, at=at)
        except Exception as error:
            report_fault(work=Fault.Work.DELIVERY_ALARM, row=delivery.pk, error=error, at=at)


@transaction.atomic
def _raise_alarm(delivery: Delivery, *, at: datetime) -> None:
    if not Delivery.objects.filter(pk=delivery.pk, alarmed_at=None).update(alarmed_at=at):
        return
    notify(
        key=f"delivery-late:{delivery.pk}",
        recipients=selectors.responsible_staff(delivery),
        subject=_("修复决定尚未共享：%(stream)s") % {"stream": delivery.stream},
        body=_(
            "办件 %(stream)s 的第 %(position)s 条共享信息写入已超过 %(hours)s 小时，共享平台仍未签收（已推送 %(attempts)s 次）。\n"
            "最近错误：%(error)s\n"
            "系统会继续重试。修复决定应当自作出之日起2个工作日内共享（第十一条），请与共享平台联系。"
        )
        % {
            "stream": delivery.stream,
            "position": delivery.position,
            "hours": int(ALARM_AFTER.total_seconds() // 3600),
            "attempts": delivery.attempts,
            "error": delivery.last_error or _("无"),
        },
        at=at,
        link=link_to("delivery", delivery.pk),
        about=delivery.stream,
    )
    log.error(
        "delivery %s is still not at the platform after %s: %s",
        delivery.pk,
        ALARM_AFTER,
        delivery.last_error,
    )
