from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.language import article_in_words
from rules.procedure import CLOCK_LABELS, Clock
from rules.workdays import DueDay, NamedDay, count_days

# How the name of a law begins, and a note that the Notice has no such clock.
OF_ANOTHER_LAW = "《"
RUNNING = Q(met_on__isnull=True, cancelled_on__isnull=True)


def basis_of(article: str) -> str:
    """An article as a clock keeps it, as people read it."""
    if article.startswith(OF_ANOTHER_LAW):
        return gettext(article)
    return gettext("第%(article)s条") % {"article": article_in_words(article)}


class Deadline(models.Model):
    """One running legal clock of 3, 7, 2 or 5 working days. Overdue on a day iff the day is after ``due_on``."""

    class Kind(models.TextChoices):
        """The clocks of the procedure, under its names."""

        ACCEPTANCE = Clock.ACCEPTANCE.value, _(CLOCK_LABELS[Clock.ACCEPTANCE])
        DECISION = Clock.DECISION.value, _(CLOCK_LABELS[Clock.DECISION])
        SHARING = Clock.SHARING.value, _(CLOCK_LABELS[Clock.SHARING])
        OBJECTION = Clock.OBJECTION.value, _(CLOCK_LABELS[Clock.OBJECTION])
        WITHDRAWAL = Clock.WITHDRAWAL.value, _(CLOCK_LABELS[Clock.WITHDRAWAL])
        INFORMATION = Clock.INFORMATION.value, _(CLOCK_LABELS[Clock.INFORMATION])
        VERIFICATION = Clock.VERIFICATION.value, _(CLOCK_LABELS[Clock.VERIFICATION])
        CLAIM = Clock.CLAIM.value, _(CLOCK_LABELS[Clock.CLAIM])

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
    case_number = models.CharField(_("办件或者信息编号"), max_length=40)
    link = models.CharField(max_length=200)
    # Counts the clocks of its kind in this case: each submission and each decision starts a new one.
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
    # The first day of escalation that the sweep has not handled. A clock that stopped keeps it as long as a day
    # before its stop was missed, so that what was to be said then is still said; null when nothing is left.
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
            models.Index(
                fields=["officer", "case_number"],
                condition=RUNNING & Q(officer__isnull=False),
                name="deadline_of_officer",
            ),
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
    """A level that a clock reached: who had to be told, on which day. Each exactly once."""

    class Level(models.TextChoices):
        REMINDER = "reminder", _("届满前一工作日提醒")
        DUE = "due", _("届满日提醒")
        BREACH = "breach", _("逾期上报")
        DAILY = "daily", _("逾期催办")

    deadline = models.ForeignKey(
        Deadline, verbose_name=_("法定期限"), on_delete=models.PROTECT, related_name="escalations"
    )
    level = models.CharField(_("级别"), max_length=10, choices=Level, db_column="rung")
    on = models.DateField(_("应通知日"))
    raised_at = models.DateTimeField(_("执行时间"))
    # How many people were written to: none where the clock had stopped before a missed reminder was found.
    recipients = models.PositiveSmallIntegerField(_("收件人数"), default=0)

    class Meta:
        verbose_name = _("期限提醒与上报")
        verbose_name_plural = _("期限提醒与上报")
        ordering = ["-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["deadline", "level", "on"], name="escalation_once")]

    def __str__(self) -> str:
        return f"{self.deadline} {self.get_level_display()} {self.on}"

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
