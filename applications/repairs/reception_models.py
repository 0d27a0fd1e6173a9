"""Article 19: what came at an organ's window or by post, and how its letters were served. Imported by models.py."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.at_rest.fields import EncryptedCharField
from applications.masking import mask_identity
from applications.subjects.models import Subject
from rules.materials import Kind


class Reception(models.Model):
    """收件登记: how the papers of a filing reached the organ where they did not come online, who brought or sent them, and
    the identity document that the officer compared. The filing itself is like any other."""

    class Channel(models.TextChoices):
        WINDOW = "window", _("窗口")
        POST = "post", _("邮寄")

    class CameAs(models.TextChoices):
        PERSON = "person", _("本人")
        LEGAL_REPRESENTATIVE = "legal_representative", _("法定代表人（负责人）")
        HANDLER = "handler", _("受委托的经办人（有授权委托书）")

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("收件机构"), on_delete=models.PROTECT, related_name="+"
    )
    subject = models.ForeignKey(
        "subjects.Subject", verbose_name=_("信用主体"), on_delete=models.PROTECT, related_name="receptions"
    )
    channel = models.CharField(_("收件渠道"), max_length=8, choices=Channel)
    # The day from which Article 8 counts, whenever an officer came to enter it.
    received_on = models.DateField(_("收到材料的日期"))
    came_as = models.CharField(_("来人（寄件人）身份"), max_length=24, choices=CameAs)
    came_name = models.CharField(_("来人（寄件人）姓名"), max_length=80)
    identity_type = models.CharField(_("核对的证件"), max_length=20, choices=Subject.IdentityType)
    identity_number = EncryptedCharField(_("证件号码"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("收件人员"), on_delete=models.PROTECT, related_name="+"
    )
    received_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("窗口、邮寄收件")
        verbose_name_plural = _("窗口、邮寄收件")
        ordering = ["-id"]
        indexes = [models.Index(fields=["organ", "-id"], name="reception_of_organ")]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_channel_display()} {self.received_on}"

    @property
    def identity_kind(self) -> Kind:
        """What the scan of the compared document is: the paper of Article 7 only where the subject itself came."""
        return Kind.IDENTITY if self.came_as == self.CameAs.PERSON else Kind.HANDLER_IDENTITY

    @property
    def masked_number(self) -> str:
        return mask_identity(self.identity_number)


class ProofOfService(models.Model):
    """送达回证: which letter reached whom, on which day and how, with the signed scan. It begins with the letter, and until it
    is filled in, all of it at once, the letter waits to be served."""

    class How(models.TextChoices):
        HANDED = "handed", _("当面交付")
        POSTED = "posted", _("邮寄")

    document = models.OneToOneField(
        "documents.Document",
        verbose_name=_("文书"),
        on_delete=models.PROTECT,
        related_name="proof_of_service",
    )
    case = models.ForeignKey(
        "repairs.RepairCase", verbose_name=_("信用修复申请"), on_delete=models.PROTECT, related_name="proofs"
    )
    how = models.CharField(_("送达方式"), max_length=8, choices=How, blank=True)
    recipient = models.CharField(_("签收人"), max_length=80, blank=True)
    served_on = models.DateField(_("送达日期"), null=True, blank=True)
    tracking_number = models.CharField(_("邮件号"), max_length=40, blank=True)
    scan = models.ForeignKey(
        "files.StoredFile",
        verbose_name=_("签收的送达回证"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("登记人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("登记时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("送达回证")
        verbose_name_plural = _("送达回证")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="posted_letter_has_its_number", condition=~Q(how="posted") | ~Q(tracking_number="")
            ),
            models.CheckConstraint(
                name="service_filled_in_at_once",
                condition=Q(how="", served_on=None, scan=None, recorded_by=None, recorded_at=None)
                | ~Q(how="")
                & Q(served_on__isnull=False, scan__isnull=False)
                & Q(recorded_by__isnull=False, recorded_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["case"], condition=Q(served_on=None), name="letter_to_be_served")]

    def __str__(self) -> str:
        return f"{self.document} {self.served_on or ''}"
