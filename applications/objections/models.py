from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Objection(models.Model):
    """异议 against a refusal (Article 13): what is disputed, why, and how it was handled."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("维持原决定")
        OVERTURNED = "overturned", _("撤销原决定，准予修复")
        # Nobody's decision: the penalty was revoked, and nothing is left to dispute.
        CLOSED = "closed", _("处罚登记为已被撤销，终止处理")

    # A refusal is objected to once; a new application has its own refusal.
    case = models.OneToOneField(
        "repairs.RepairCase", verbose_name=_("办件"), on_delete=models.PROTECT, related_name="objection"
    )
    decision_number = models.CharField(_("不予修复决定文号"), max_length=80)
    disputed = models.JSONField(_("有异议的认定"))
    grounds = models.TextField(_("事实和理由"), max_length=5000)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("收到时间"))
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("处理人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    handled_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    outcome = models.CharField(_("处理结果"), max_length=12, choices=Outcome, blank=True)
    # {finding code: {"confirmed": bool, "note": str}}, as in a review.
    checklist = models.JSONField(_("核实情况"), default=dict, blank=True)
    reasons = models.TextField(_("处理理由"), blank=True)
    # Since when the organ's head has been told that nobody there may handle it; None: somebody may.
    stranded_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["-id"]
        indexes = [
            # What the look for stranded ones goes through (stranded.py): what is open, and not what exists.
            models.Index(
                fields=["id"],
                condition=models.Q(outcome="") | models.Q(stranded_since__isnull=False),
                name="objection_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case}"


class Evidence(models.Model):
    """A file for an objection. Until the objection is filed it is the applicant's alone, and can be taken back."""

    case = models.ForeignKey(
        "repairs.RepairCase", on_delete=models.PROTECT, related_name="objection_evidence"
    )
    objection = models.ForeignKey(
        Objection, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("异议证据")
        verbose_name_plural = _("异议证据")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.file.name
