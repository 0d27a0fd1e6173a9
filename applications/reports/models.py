from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.subjects.models import Capacity
from rules.sameness import plain_name


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
    # It lists what was decided from this day on; empty: whenever that was. Only of the public variant.
    since = models.DateField(_("报告期间自"), null=True, blank=True)
    # Its holder had its validity extended until this day: the day printed on it cannot change any more.
    extended_until = models.DateField(_("有效期延长至"), null=True, blank=True)
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("生成时间"))

    class Meta:
        verbose_name = _("信用报告")
        verbose_name_plural = _("信用报告")
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return self.number

    @property
    def valid_until(self) -> date:
        """The last day of its validity, with what it was extended by."""
        printed = self.document.valid_until
        assert printed is not None
        return max(printed, self.extended_until or printed)


class ReportRequest(models.Model):
    """信用报告申请 (Articles 3 and 17): asked for by who acts for the subject, online, or by whoever comes to the window.

    A subject without any record can ask as well: claiming it, or its registration at the window, made it known.
    """

    class Channel(models.TextChoices):
        ONLINE = "online", _("网上")
        WINDOW = "window", _("窗口")

    class State(models.TextChoices):
        WAITING = "waiting", _("等待出具")
        ISSUED = "issued", _("已出具")
        DECLINED = "declined", _("没有出具")
        WITHDRAWN = "withdrawn", _("已撤回")

    # BG-320100-2026-000001; the chain of its events in the ledger too.
    number = models.CharField(_("申请编号"), max_length=24, unique=True)
    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="report_requests")
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("受理单位"), on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(_("渠道"), max_length=6, choices=Channel)
    variant = models.CharField(_("版本"), max_length=8, choices=CreditReport.Variant)
    purpose = models.CharField(_("用途"), max_length=200)
    since = models.DateField(_("报告期间自"), null=True, blank=True)
    # Who asks: with the account, or at the window by name, capacity and what was shown or handed in there.
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("申请时间"))
    came = models.CharField(_("来人姓名"), max_length=80, blank=True)
    capacity = models.CharField(_("身份"), max_length=14, choices=Capacity, blank=True)
    proof = models.ForeignKey(
        "files.StoredFile",
        verbose_name=_("授权或者身份证明"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # The earlier report, of whose subject the state has changed since.
    replaces = models.ForeignKey(
        CreditReport, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("状态"), max_length=9, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    reason = models.CharField(_("没有出具的理由"), max_length=300, blank=True)
    report = models.OneToOneField(
        CreditReport, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )

    class Meta:
        verbose_name = _("信用报告申请")
        verbose_name_plural = _("信用报告申请")
        ordering = ["-id"]
        constraints = [
            # A second press of the button asks for nothing twice.
            models.UniqueConstraint(
                fields=["subject", "variant"], condition=Q(state="waiting"), name="reportrequest_one_waits"
            ),
            models.CheckConstraint(
                name="reportrequest_is_whole",
                condition=Q(state="issued", report__isnull=False)
                | (~Q(state="issued") & Q(report__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["organ", "id"], condition=Q(state="waiting"), name="reportrequest_queue"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def in_place_of(self) -> CreditReport | None:
        """The earlier report that the new one takes or took the place of; none that was voided or replaced before."""
        earlier = self.replaces
        if earlier is None or self.state not in (self.State.WAITING, self.State.ISSUED):
            return None
        if self.report:
            return earlier if self.report.document.replaces_id == earlier.document_id else None
        return earlier if earlier.document.stands else None


class Institution(models.Model):
    """信用服务机构: whose reports about themselves subjects may hand in (Article 17), on the list of a department."""

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("登记单位"), on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("名称"), max_length=100)
    # By which it is found however it is typed (rules.sameness.plain_name).
    plain_name = models.CharField(max_length=100, db_index=True, editable=False)
    active = models.BooleanField(_("在名单上"), default=True)

    class Meta:
        verbose_name = _("信用服务机构")
        verbose_name_plural = _("信用服务机构")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["organ", "plain_name"], name="institution_once")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.plain_name = plain_name(self.name)
        super().save(*args, **kwargs)

    @property
    def chain(self) -> str:
        return f"institution-{self.pk}"


class ReportBatch(models.Model):
    """Reports about many subjects, which a worker issues one after the other for the officer who asked for them."""

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("出具单位"), on_delete=models.PROTECT, related_name="+"
    )
    variant = models.CharField(_("版本"), max_length=8, choices=CreditReport.Variant)
    purpose = models.CharField(_("用途"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提交人"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("提交时间"))
    # When every line had its report or its reason.
    finished_at = models.DateTimeField(_("办完时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("批量出具")
        verbose_name_plural = _("批量出具")
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=Q(finished_at=None), name="reportbatch_unfinished")]

    def __str__(self) -> str:
        return str(_("第%(number)d批") % {"number": self.pk})


class BatchLine(models.Model):
    """One subject of a batch: its report, or why it got none; while it has neither it waits."""

    batch = models.ForeignKey(ReportBatch, on_delete=models.PROTECT, related_name="lines")
    place = models.PositiveSmallIntegerField(_("行"))
    # The unified social credit code as it was typed: persons are asked for one by one.
    code = models.CharField(_("统一社会信用代码"), max_length=18)
    report = models.OneToOneField(
        CreditReport, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    problem = models.CharField(_("没有出具的原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("批量出具的一行")
        verbose_name_plural = _("批量出具的各行")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="batchline_place_once"),
            models.UniqueConstraint(fields=["batch", "code"], name="batchline_code_once"),
            models.CheckConstraint(
                name="batchline_report_or_problem", condition=Q(report=None) | Q(problem="")
            ),
        ]

    def __str__(self) -> str:
        return self.code
