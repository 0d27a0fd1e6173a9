"""The import of a file that is too long to be waited for at the page."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One file on its way: checked by a worker, looked at and confirmed by who brought it, imported by a worker.

    What it has done so far is not here but in the cache (services.runs): an import writes nothing that others see
    before its end. ``preview``: what the page shows of it (ImportPreview.shown), for as long as it waits to be confirmed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待检查")
        CHECKING = "checking", _("正在检查")
        READY = "ready", _("等待确认")
        CONFIRMED = "confirmed", _("等待导入")
        IMPORTING = "importing", _("正在导入")
        DONE = "done", _("已导入")
        FAILED = "failed", _("没有导入")
        CANCELLED = "cancelled", _("已取消")

    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("文件名"), max_length=255)
    # By which the waiting file is found (files.pending).
    token = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    # Whether who confirmed has looked at the doubtful rows.
    confirmed = models.BooleanField(default=False)
    # When a worker took it; one that stands still was left by its worker and is taken over.
    alive_at = models.DateTimeField(null=True)
    # Counted before each try, so that one that ends its worker counts too.
    attempts = models.PositiveSmallIntegerField(default=0)
    preview: models.JSONField[Any, Any] = models.JSONField(null=True)
    # The word of who brought it; one that is being imported is cancelled by its worker.
    stop_asked = models.BooleanField(default=False, db_default=False)
    # Why nothing was imported.
    said = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)
    batch = models.ForeignKey("records.ImportBatch", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="importrun_done_has_its_batch",
                condition=~models.Q(state="done") | models.Q(batch__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.file_name
