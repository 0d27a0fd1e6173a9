"""The tables keep their first names: the code before an upgrade goes on reading them."""

from abc import abstractmethod
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal
from applications.organs import regions
from applications.organs.models import validate_region
from rules.day_words import day_in_words


class CalendarChange(Proposal):
    """A change of the calendar that one person proposes and another one puts into effect or turns down."""

    # What it changed when it took effect: [{"date", "old": [working, reason], "new": [working, reason]}].
    changed_days = models.JSONField(null=True, editable=False)

    class Meta(Proposal.Meta):
        abstract = True

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """What the ledger says about it."""


class CalendarNotice(CalendarChange):
    """A State Council notice that the shipped calendar does not have: a whole year's, or an amendment."""

    year = models.PositiveSmallIntegerField(_("年份"))
    document_number = models.CharField(_("文号"), max_length=80, blank=True)
    # As it was handed in, and as it was read: [{"date", "working", "name"}].
    text = models.TextField(_("通知正文或日历文件"))
    days = models.JSONField(_("日期"))

    class Meta(CalendarChange.Meta):
        verbose_name = _("放假安排通知")
        verbose_name_plural = _("放假安排通知")
        db_table = "deadlines_calendarnotice"

    def __str__(self) -> str:
        return f"{_('%(year)s年放假安排') % {'year': self.year}} {self.document_number}".strip()

    def summary(self) -> dict[str, Any]:
        return {"year": self.year, "document_number": self.document_number, "days": self.days}


class LocalClosure(CalendarChange):
    """Days on which a region departs from the national calendar, such as a typhoon closure."""

    region = models.CharField(_("行政区划"), max_length=6, validators=[validate_region])
    first_on = models.DateField(_("首日"))
    last_on = models.DateField(_("末日"))
    # True takes an earlier closure back, or makes a day off a working day.
    working = models.BooleanField(_("照常上班"), default=False)
    name = models.CharField(_("事由"), max_length=80)
    document_number = models.CharField(_("依据文号"), max_length=80)

    class Meta(CalendarChange.Meta):
        verbose_name = _("地方停工安排")
        verbose_name_plural = _("地方停工安排")
        db_table = "deadlines_localclosure"
        constraints = [
            *CalendarChange.Meta.constraints,
            models.CheckConstraint(
                name="localclosure_in_order",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message=_("末日早于首日，请核对。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{regions.name(self.region)}{day_in_words(self.first_on)} {self.name}"

    def summary(self) -> dict[str, Any]:
        return {
            "region": self.region,
            "first_on": self.first_on.isoformat(),
            "last_on": self.last_on.isoformat(),
            "working": self.working,
            "name": self.name,
            "document_number": self.document_number,
        }


class Recalculation(models.Model):
    """A calendar taking effect, and all open clocks set to it. The newest row names the one that is in force."""

    at = models.DateTimeField(_("时间"))
    # Of the approved changes, and of the shipped national calendar below them.
    changes_version = models.CharField(max_length=64)
    shipped_version = models.CharField(max_length=16)
    notice = models.ForeignKey(
        CalendarNotice, verbose_name=_("放假安排通知"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    closure = models.ForeignKey(
        LocalClosure, verbose_name=_("地方停工安排"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Written by the app of the deadlines, in the same transaction.
    checked = models.PositiveIntegerField(_("核对期限"), default=0)
    moved = models.PositiveIntegerField(_("变动期限"), default=0)

    class Meta:
        verbose_name = _("期限重算")
        verbose_name_plural = _("期限重算记录")
        db_table = "deadlines_recalculation"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%F %T}"
