"""What a credit bureau asks the identifying unit about a case of its own (Articles 3 and 7)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Inquiry(models.Model):
    """核实: whether the wrong is put right and each duty fulfilled. What the unit answers is issued as its 信用修复表.

    ``answers``: [{"name", "done": bool, "on": day or ""}], of the correction first and then of each duty of the record.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待答复")
        ANSWERED = "answered", _("已答复")
        # The case was decided, given up or closed before.
        CALLED_OFF = "called_off", _("不再需要")

    number = models.CharField(_("核实编号"), max_length=40, unique=True)
    case = models.ForeignKey(
        "repairs.RepairCase",
        verbose_name=_("信用修复申请"),
        on_delete=models.PROTECT,
        related_name="inquiries",
    )
    unit = models.ForeignKey(
        "organs.Organ", verbose_name=_("认定单位"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.OPEN)
    question = models.TextField(_("请核实的事项"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("提出时间"))
    answers = models.JSONField(_("核实结果"), default=list)
    note = models.TextField(_("说明"), blank=True)
    evidence = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("答复人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    document = models.OneToOneField(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("核实")
        verbose_name_plural = _("核实")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="inquiry_one_open_a_case"
            ),
            models.CheckConstraint(
                name="inquiry_answered_whole",
                condition=Q(
                    state="answered",
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                    document__isnull=False,
                )
                | ~Q(state="answered")
                & Q(answered_by__isnull=True, answered_at__isnull=True, document__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def confirms(self) -> bool:
        """Whether the unit says that everything is done."""
        return bool(self.answers) and all(answer["done"] for answer in self.answers)
