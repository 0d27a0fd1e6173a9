"""What subjects say is wrong about their records, or missing (信息异议)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InformationObjection(models.Model):
    """信息异议: a subject says that a record is wrong, field by field, or that one is missing.

    ``items``: [{"field", "stated", "wanted"}] in the words of a record file; the answer adds "accepted" and what was
    "written". What is asked about a refusal of repair is another thing (Article 13; the objections app).
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("异议成立，已更正或者补录")
        PARTLY = "partly", _("部分成立，已更正成立的部分")
        REJECTED = "rejected", _("异议不成立，维持原信息")

    number = models.CharField(_("异议编号"), max_length=40, unique=True)
    subject = models.ForeignKey(
        "subjects.Subject",
        verbose_name=_("信用主体"),
        on_delete=models.PROTECT,
        related_name="information_objections",
    )
    # None: a record that is missing.
    record = models.ForeignKey(
        "records.DishonestyRecord",
        verbose_name=_("失信行为信息"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="information_objections",
    )
    unit = models.ForeignKey(
        "organs.Organ", verbose_name=_("认定单位"), on_delete=models.PROTECT, related_name="+"
    )
    items = models.JSONField(_("有异议的内容"), default=list)
    grounds = models.TextField(_("事实和理由"))
    # The first file of the evidence, on which a correction rests; and the others.
    evidence = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    more_evidence = models.ManyToManyField("files.StoredFile", blank=True, related_name="+")
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("收到时间"))
    outcome = models.CharField(_("处理结果"), max_length=8, choices=Outcome, blank=True)
    reasons = models.TextField(_("处理理由"), blank=True)
    # The record that was missing and is there now.
    supplied = models.ForeignKey(
        "records.DishonestyRecord",
        verbose_name=_("补录的信息"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("处理人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("信息异议")
        verbose_name_plural = _("信息异议")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(answered_at__isnull=True), name="one_open_objection_a_record"
            ),
            models.CheckConstraint(
                name="information_objection_answered_whole",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, outcome="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="information_objection_supplies_what_is_missing",
                condition=Q(supplied__isnull=True) | Q(record__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit"], condition=Q(answered_at__isnull=True), name="information_objection_waits"
            )
        ]

    def __str__(self) -> str:
        return self.number
