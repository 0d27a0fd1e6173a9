"""What the portal itself holds about a person (accounts.holdings)."""

from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, register
from applications.portal.models import (
    AddressReminder,
    MeasuredSet,
    OrganMonth,
    PublishedMonth,
    RecordReminder,
)
from applications.portal.reminders.of_addresses import reminders_to

register(
    Holding(
        RecordReminder,
        [
            Column(_("失信行为信息"), lambda row: str(row.record)),
            Column(_("提出时间"), lambda row: row.made_at),
        ],
        of_person=lambda person: RecordReminder.objects.filter(user=person).select_related("record"),
        title=_("到时提醒"),
    ),
    Holding(
        AddressReminder,
        [
            Column(_("电子邮箱"), lambda row: row.address),
            Column(_("提醒的日期"), lambda row: row.on),
        ],
        of_person=lambda person: reminders_to(person.email).order_by("on"),
        title=_("按邮箱的到时提醒"),
    ),
    nothing={
        MeasuredSet: "how large the public lists are",
        OrganMonth: "how many clocks an organ kept in a month",
        PublishedMonth: "of which months there are figures",
    },
)
