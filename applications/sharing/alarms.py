"""Telling people in time that a decision has not reached the platform (Article 11)."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.selectors import supervisors_over
from applications.notifications.faults import report_fault
from applications.notifications.links import link_to
from applications.notifications.models import Fault
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.outbox.timing import each
from applications.sharing import selectors
from applications.sharing.kinds import KINDS
from applications.sharing.models import Delivery

log = logging.getLogger(__name__)

# Half of the 2 working days, when no holiday lies between: after that people are told.
ALARM_AFTER = timedelta(days=1)


def raise_alarms(*, at: datetime) -> None:
    """Tell people of what no platform can take, once a day, and of each delivery that half of the legal time has not
    brought to its platform, once."""

    def failed(row: Delivery | Organ, error: Exception) -> None:
        report_fault(work=Fault.Work.DELIVERY_ALARM, row=row.pk, error=error, at=at)

    homeless = Organ.objects.filter(pk__in=selectors.homeless().values("organ"))
    each(homeless, lambda organ: _tell_of_homeless(organ, at=at), failed)
    late = selectors.late(at - ALARM_AFTER).select_related("organ", "destination")
    each(late, lambda delivery: _raise_alarm(delivery, at=at), failed)


def _tell_of_homeless(organ: Organ, *, at: datetime) -> None:
    """Those who can register a platform, and those who answer for the decisions."""
    if selectors.destination_for(organ):
        # Written or pushed again while its platform was replaced; the next sweep brings it to the new one.
        return
    waiting = selectors.homeless().filter(organ=organ).count()
    new = notify(
        key=f"delivery-homeless:{organ.pk}:{localdate(at)}",
        recipients={*selectors.responsible_staff(organ), *supervisors_over(organ.region)},
        subject=_("没有可以接收共享信息的共享平台：%(organ)s") % {"organ": organ},
        body=_(
            "%(organ)s有%(count)d条信息等待共享，但是本级和上级都没有登记在用的公共信用信息共享平台。\n"
            "修复决定应当自作出之日起2个工作日内共享（第十一条）。请社会信用管理部门的负责人在“共享平台”中提出，由另一位负责人"
            "复核；生效后系统自动推送。"
        )
        % {"organ": organ, "count": waiting},
        at=at,
        link=link_to("destinations"),
    )
    if new:
        log.error("%d deliveries of organ %s have no platform to go to", waiting, organ.code)


@transaction.atomic
def _raise_alarm(delivery: Delivery, *, at: datetime) -> None:
    if not Delivery.objects.filter(pk=delivery.pk, alarmed_at=None).update(alarmed_at=at):
        return
    notify(
        key=f"delivery-late:{delivery.pk}",
        recipients=selectors.responsible_staff(delivery.organ),
        subject=_("%(what)s尚未共享：%(about)s")
        % {"what": KINDS[delivery.kind].name, "about": delivery.about},
        body=_(
            "%(about)s 的第 %(position)s 条共享信息写入已超过 %(hours)s 小时，%(platform)s仍未签收（已推送 %(attempts)s 次）。\n"
            "最近错误：%(error)s\n"
            "%(outlook)s%(duty)s"
        )
        % {
            "about": delivery.about,
            "outlook": _("排在前面的一条推送失败，待人工处理后才会推送。")
            if selectors.is_held_up(delivery)
            else _("系统会继续重试，请与共享平台联系。"),
            "duty": KINDS[delivery.kind].duty,
            "position": delivery.position,
            "platform": delivery.destination,
            "hours": int(ALARM_AFTER.total_seconds() // 3600),
            "attempts": delivery.attempts,
            "error": delivery.last_error or _("无"),
        },
        at=at,
        link=link_to("delivery", delivery.pk),
        about=delivery.about,
    )
    log.error(
        "delivery %s is still not at the platform after %s: %s",
        delivery.pk,
        ALARM_AFTER,
        delivery.last_error,
    )
