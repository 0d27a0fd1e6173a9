from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Deadline(models.Model):
    """One running legal clock of 3, 7, 2 or 5 working days. Overdue on a day iff the day is after ``due_on``."""

    class Kind(models.TextChoices):
        ACCEPTANCE = "acceptance", _("受理答复")
        DECISION = "decision", _("作出决定")
        SHARING = "sharing", _("共享决定")
        OBJECTION = "objection", _("处理异议")

    kind = models.CharField(_("期限"), max_length=12, choices=Kind)
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("责任机构"), on_delete=models.PROTECT, related_name="+"
    )
    # The officer whose turn it is, where one has taken the case.
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("承办人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
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
    # The days from the one after started_on to due_on: [{"date", "working", "reason", "counted"}].
    explanation = models.JSONField(_("计算过程"))
    calendar_version = models.CharField(max_length=16)
    article = models.CharField(_("条款"), max_length=4)
    # The next day on which the sweep has something to say about this clock; null once it has stopped.
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
                name="deadline_step_while_open",
                condition=Q(next_step_on__isnull=False, met_on__isnull=True, cancelled_on__isnull=True)
                | (Q(next_step_on__isnull=True) & (Q(met_on__isnull=False) | Q(cancelled_on__isnull=False))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_on"], condition=Q(next_step_on__isnull=False), name="deadline_next_step"
            ),
            models.Index(
                fields=["organ", "due_on"], condition=Q(next_step_on__isnull=False), name="deadline_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_number} {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        return self.met_on is None and self.cancelled_on is None


class Escalation(models.Model):
    """A rung of the ladder that was reached: who had to be told, on which day. Each exactly once."""

    class Rung(models.TextChoices):
        REMINDER = "reminder", _("届满前一工作日提醒")
        DUE = "due", _("届满日提醒")
        BREACH = "breach", _("逾期上报")
        DAILY = "daily", _("逾期催办")

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="escalations")
    rung = models.CharField(_("阶梯"), max_length=10, choices=Rung)
    on = models.DateField(_("应通知日"))
    raised_at = models.DateTimeField(_("执行时间"))

    class Meta:
        verbose_name = _("期限提醒与上报")
        verbose_name_plural = _("期限提醒与上报")
        ordering = ["-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["deadline", "rung", "on"], name="escalation_once")]

    def __str__(self) -> str:
        return f"{self.deadline} {self.get_rung_display()} {self.on}"


class Sweep(models.Model):
    """The heartbeat: one row a sweep, also of one that found nothing."""

    started_at = models.DateTimeField(_("开始"), db_index=True)
    finished_at = models.DateTimeField(_("结束"), null=True, blank=True)
    due = models.PositiveIntegerField(_("到期事项"), default=0)
    raised = models.PositiveIntegerField(_("提醒与上报"), default=0)
    failed = models.PositiveIntegerField(_("失败"), default=0)

    class Meta:
        verbose_name = _("巡检")
        verbose_name_plural = _("巡检记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T}"
