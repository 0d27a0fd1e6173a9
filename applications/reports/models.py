from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CreditReport(models.Model):
    """公共信用信息报告 of one subject at one moment (Articles 3 and 17). Its words are frozen in the document."""

    class Variant(models.TextChoices):
        # What anybody may see: repaired and expired records are not listed.
        PUBLIC = "public", _("公开版")
        # 适用信用修复的信用报告: every record, repaired ones with their annotation.
        REPAIR = "repair", _("信用修复版（含标注）")

    # yyyyMMddHHmmss and eight characters, as the national report.
    number = models.CharField(_("报告编号"), max_length=22, unique=True)
    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="credit_reports")
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("出具单位"), on_delete=models.PROTECT, related_name="+"
    )
    variant = models.CharField(_("版本"), max_length=8, choices=Variant)
    purpose = models.CharField(_("用途"), max_length=200)
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("生成时间"))

    class Meta:
        verbose_name = _("信用报告")
        verbose_name_plural = _("信用报告")
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return self.number
