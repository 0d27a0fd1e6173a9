from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReplayRun(models.Model):
    """One replay that the department asked for: its progress while it runs, its report for good."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待开始")
        RUNNING = "running", _("正在重评")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")

    text = models.ForeignKey(
        "policies.PolicyText", verbose_name=_("政策文本"), on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(_("名称"), max_length=200)
    document = models.CharField(_("文号"), max_length=120)
    since = models.DateField(_("起始日期"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(_("提出时间"))
    # Moves while it runs; a run that stands still was left by its worker and may be taken over.
    alive_at = models.DateTimeField(null=True)
    # Counted before each try, so that one that ends its worker counts too.
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    done = models.PositiveIntegerField(_("已重评"), default=0)
    total = models.PositiveIntegerField(_("全部"), default=0)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    report = models.JSONField(_("结果"), null=True, blank=True)
    # Those who would be affected, one a line.
    affected = models.ForeignKey(
        "files.StoredFile",
        verbose_name=_("名单"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("政策重评")
        verbose_name_plural = _("政策重评")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="replay_done_has_report",
                condition=~Q(state="done") | Q(report__isnull=False, finished_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.requested_at:%F %T}"

    @property
    def percent(self) -> int:
        """How far it is, for the page."""
        return 100 * self.done // self.total if self.total else 0


class DayOfFigures(models.Model):
    """When the figures of a day were counted last."""

    day = models.DateField(_("日期"), primary_key=True)
    counted_at = models.DateTimeField(_("统计时间"))

    class Meta:
        verbose_name = _("统计")
        verbose_name_plural = _("统计")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class Figure(models.Model):
    """What there is to say, on a day, about one clock of one organ, or about its refusals, objections or corrections."""

    day = models.ForeignKey(
        DayOfFigures,
        verbose_name=_("日期"),
        on_delete=models.CASCADE,
        related_name="+",
        # The constraint's index begins with it.
        db_index=False,
    )
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject = models.CharField(_("事项"), max_length=12)
    # The names are explained in counting.py.
    counts = models.JSONField(_("数字"))

    class Meta:
        verbose_name = _("统计数字")
        verbose_name_plural = _("统计数字")
        ordering = ["day", "organ", "subject"]
        constraints = [models.UniqueConstraint(fields=["day", "organ", "subject"], name="figure_once")]

    def __str__(self) -> str:
        return f"{self.day_id} {self.organ} {self.subject}"
