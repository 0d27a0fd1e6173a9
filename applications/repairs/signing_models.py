from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.at_rest.fields import EncryptedCharField


class SigningLink(models.Model):
    """A link by which somebody without an account signs one commitment, once (Article 15).

    It is for the text that it was made for: when the filing changes, so that another text would be signed, it opens no more.
    """

    VALID_FOR = timedelta(hours=72)

    case = models.ForeignKey("repairs.RepairCase", on_delete=models.PROTECT, related_name="signing_links")
    # What the address bears is found by its SHA-256. It is kept itself only where the applicant hands it over.
    token_sha256 = models.CharField(max_length=64, unique=True)
    token = EncryptedCharField(blank=True, default="")
    sent_to = EncryptedCharField(_("邮箱"), blank=True, default="")
    signatory = models.CharField(_("签署人"), max_length=80)
    text_sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("生成时间"))
    expires_at = models.DateTimeField(_("有效期至"))
    used_at = models.DateTimeField(_("签署时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("签署链接")
        verbose_name_plural = _("签署链接")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="signing_link_used_or_revoked",
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.signatory}"
