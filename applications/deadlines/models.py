from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.organs.models import validate_region
from rules.procedure import CLOCK_LABELS, Clock
from rules.workdays import DueDay, NamedDay, count_days

RUNNING = Q(met_on__isnull=True, cancelled_on__isnull=True)


def basis_of(article: str) -> str:
    """An article as a clock keeps it, as people read it."""
    return article if article.startswith("《") else f"第{article}条"


class Deadline(models.Model):
    """One running legal clock of 3, 7, 2 or 5 working days. Overdue on a day iff the day is after ``due_on``."""

    class Kind(models.TextChoices):
        """The clocks of the procedure, under its names."""

        ACCEPTANCE = Clock.ACCEPTANCE.value, CLOCK_LABELS[Clock.ACCEPTANCE]
        DECISION = Clock.DECISION.value, CLOCK_LABELS[Clock.DECISION]
        SHARING = Clock.SHARING.value, CLOCK_LABELS[Clock.SHARING]
        OBJECTION = Clock.OBJECTION.value, CLOCK_LABELS[Clock.OBJECTION]
        WITHDRAWAL = Clock.WITHDRAWAL.value, CLOCK_LABELS[Clock.WITHDRAWAL]

    kind = models.CharField(_("期限"), max_length=12, choices=Kind)
    organ = models.ForeignKey(
        "organs.Organ",
        verbose_name=_("责任机构"),
        on_delete=models.PROTECT,
        related_name="+",
        # The index of organ and due_on below serves as well.
        db_index=False,
    )
    # The officer whose turn it is, where one has taken the case.
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("承办人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        # An officer's clocks are among those of the organ.
        db_index=False,
    )
    # The case's number and the officers' page about it: all that a clock knows of what it times.
    case_number = models.CharField(_("办件编号"), max_length=40)
    link = models.CharField(max_length=200)
    # The how-manieth clock of its kind in this case: each submission and each decision starts a new one.
    round = models.PositiveSmallIntegerField(_("次"), default=1)
    started_on = models.DateField(_("起算日"))
    working_days = models.PositiveSmallIntegerField(_("工作日"))
    due_on = models.DateField(_("届满日"))
    provisional = models.BooleanField(_("暂定"), default=False)
    # Of the days from the one after started_on to due_on, those that are not what their weekday says:
    # {day: [whether it is worked, why]}.
    named_days = models.JSONField(_("节假日、调休"), default=dict)
    calendar_version = models.CharField(max_length=16)
    # An article of the Notice by its number; of another law, with the law's name: see ``basis``.
    article = models.CharField(_("条款"), max_length=40)
    # The first day of the ladder that the sweep has not handled. A clock that stopped keeps it as long as a day
    # before its stop was missed, so that what the ladder said then is still said; null when nothing is left.
    next_step_on = models.DateField(null=True)
    met_on = models.DateField(_("办结日"), null=True, blank=True)
    cancelled_on = models.DateField(_("终止日"), null=True, blank=True)
    breached_on = models.DateField(_("逾期起始日"), null=True, blank=True)
    # Working days after due_on until it was met.
    days_late = models.PositiveIntegerField(_("逾期工作日"), default=0)

    class Meta:
        verbose_name = _("法定期限")
        verbose_name_plural = _("法定期限")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case_number", "kind", "round"], name="deadline_once"),
            models.CheckConstraint(
                name="deadline_stops_once", condition=Q(met_on__isnull=True) | Q(cancelled_on__isnull=True)
            ),
            models.CheckConstraint(
                name="deadline_step_while_running", condition=~RUNNING | Q(next_step_on__isnull=False)
            ),
            models.CheckConstraint(
                name="deadline_runs_forward",
                condition=Q(due_on__gt=F("started_on"))
                & (Q(met_on__isnull=True) | Q(met_on__gte=F("started_on"))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_on"], condition=Q(next_step_on__isnull=False), name="deadline_next_step"
            ),
            models.Index(fields=["organ", "due_on"], name="deadline_of_organ"),
            models.Index(fields=["due_on", "id"], condition=RUNNING, name="deadline_running"),
            # What the department's table of answered clocks asks for, without a look at the rows.
            models.Index(
                fields=["met_on", "kind", "organ", "started_on", "days_late"],
                condition=Q(met_on__isnull=False),
                name="deadline_met",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_number} {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        return self.met_on is None and self.cancelled_on is None

    @property
    def basis(self) -> str:
        """第八条, or 《中华人民共和国行政处罚法》第四十八条."""
        return basis_of(self.article)

    @property
    def explanation(self) -> tuple[DueDay, ...]:
        """How the last day was found: every day from the one after started_on to due_on."""
        named = {date.fromisoformat(day): NamedDay(*told) for day, told in self.named_days.items()}
        return count_days(self.started_on, self.due_on, named)


class Escalation(models.Model):
    """A rung of the ladder that was reached: who had to be told, on which day. Each exactly once."""

    class Rung(models.TextChoices):
        REMINDER = "reminder", _("届满前一工作日提醒")
        DUE = "due", _("届满日提醒")
        BREACH = "breach", _("逾期上报")
        DAILY = "daily", _("逾期催办")

    deadline = models.ForeignKey(
        Deadline, verbose_name=_("法定期限"), on_delete=models.PROTECT, related_name="escalations"
    )
    rung = models.CharField(_("阶梯"), max_length=10, choices=Rung)
    on = models.DateField(_("应通知日"))
    raised_at = models.DateTimeField(_("执行时间"))
    # How many people were written to: none where the clock had stopped before a missed reminder was found.
    recipients = models.PositiveSmallIntegerField(_("收件人数"), default=0)

    class Meta:
        verbose_name = _("期限提醒与上报")
        verbose_name_plural = _("期限提醒与上报")
        ordering = ["-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["deadline", "rung", "on"], name="escalation_once")]

    def __str__(self) -> str:
        return f"{self.deadline} {self.get_rung_display()} {self.on}"

    @property
    def message_key(self) -> str:
        """The key of its messages in the notifications."""
        return f"escalation-{self.pk}"


class Sweep(models.Model):
    """The heartbeat: one row a sweep, also of one that found nothing."""

    started_at = models.DateTimeField(_("开始"), db_index=True)
    finished_at = models.DateTimeField(_("结束"), null=True, blank=True)
    due = models.PositiveIntegerField(_("到期事项"), default=0)
    raised = models.PositiveIntegerField(_("提醒与上报"), default=0)
    failed = models.PositiveIntegerField(_("失败"), default=0)
    # What there was no time for: the next sweep goes on with it.
    left = models.PositiveIntegerField(_("留待下次"), default=0)

    class Meta:
        verbose_name = _("巡检")
        verbose_name_plural = _("巡检记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T}"


class CalendarChange(models.Model):
    """A change of the calendar that one person proposes and another one puts into effect or turns down."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待复核")
        APPROVED = "approved", _("已生效")
        REJECTED = "rejected", _("已驳回")

    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.PROPOSED)
    # Empty: handed in from the command line, and no supervisor stands for it yet.
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("提出人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("复核人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    reason = models.CharField(_("驳回理由"), max_length=500, blank=True)
    # What it changed when it took effect: [{"date", "old": [working, reason], "new": [working, reason]}].
    changed_days = models.JSONField(null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_second_person",
                condition=Q(proposed_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="%(class)s_decided_by_somebody",
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]

    def summary(self) -> dict[str, Any]:
        """What the ledger says about it."""
        raise NotImplementedError


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

    def __str__(self) -> str:
        return f"{self.year}年放假安排 {self.document_number}".strip()

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
        constraints = [
            *CalendarChange.Meta.constraints,
            models.CheckConstraint(
                name="localclosure_in_order",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message=_("末日早于首日，请核对。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.first_on} {self.name}"

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
    """All open clocks set to a new calendar. The newest row names the calendar that is in force."""

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
    checked = models.PositiveIntegerField(_("核对期限"))
    moved = models.PositiveIntegerField(_("变动期限"))

    class Meta:
        verbose_name = _("期限重算")
        verbose_name_plural = _("期限重算记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%F %T}"
