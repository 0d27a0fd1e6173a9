from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SigningWay(models.TextChoices):
    """How a commitment was signed. What each way shows and does not show is said in commitments/signing.py."""

    ACCOUNT = "account", _("签署人的账号")
    LINK = "link", _("一次性链接")
    AGENT = "agent", _("受托人代签")
    PAPER = "paper", _("纸质签署")


class Commitment(models.Model):
    """信用修复承诺书 (Articles 4, 5, 15): what a subject promises about one record or several, as it was signed, and the
    separate consent to publish it."""

    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="commitments")
    records = models.ManyToManyField("records.DishonestyRecord", related_name="commitments")
    text = models.JSONField(_("承诺内容"))
    text_sha256 = models.CharField(max_length=64)
    signatory = models.CharField(_("签署人"), max_length=80)
    # The account in which it was signed; of a link, the account that made the link.
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("签署时间"))
    publication_consent = models.BooleanField(_("同意向社会公开"))
    # Empty for those signed before the way was kept.
    way = models.CharField(
        _("签署方式"), max_length=8, choices=SigningWay, blank=True, default="", db_default=""
    )
    # Which version of commitments.wording wrote the text.
    text_version = models.PositiveSmallIntegerField(default=1, db_default=1)
    # The power of attorney of an agent, or the scan of what was signed on paper.
    paper = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of a link: keyed hash of the digits that the signatory typed, and the masked address to which it went, empty where
    # the applicant handed it over.
    signer_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    link_sent_to = models.CharField(max_length=254, blank=True, default="", db_default="")
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("公示时间"), null=True, blank=True)
    # Since a repair that rested on it was revoked, because what was handed in with it is not true.
    broken_at = models.DateTimeField(_("认定违背承诺时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("信用修复承诺书")
        verbose_name_plural = _("信用修复承诺书")
        ordering = ["-signed_at"]

    def __str__(self) -> str:
        return f"{self.subject} {self.signatory}"
