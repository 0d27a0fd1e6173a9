import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.outbox.models import OutboxEntry


def random_name(instance: "StoredFile", filename: str) -> str:
    """The stored name says nothing: neither what the file is nor whose."""
    key = instance.pk.hex
    return f"{key[:2]}/{key}"


class StoredFile(models.Model):
    """A checked upload or an issued PDF, kept privately. Only a permission-checked view of its owner serves it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField(upload_to=random_name, max_length=80)
    # What the sender called it, shown back as it was.
    name = models.CharField(_("文件名"), max_length=255)
    content_type = models.CharField(_("类型"), max_length=80)
    size = models.PositiveIntegerField(_("大小（字节）"))
    pages = models.PositiveIntegerField(_("页数"), default=1)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    stored_at = models.DateTimeField(_("保存时间"))
    # What came in, byte by byte, before a picture was encoded anew; empty where the portal made the file itself.
    upload_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    upload_size = models.PositiveIntegerField(null=True, editable=False)
    # What will be hard to read on its pages (see looking.look), and which pages have a picture; None: nobody looked.
    findings = models.JSONField(null=True, editable=False)

    class Meta:
        verbose_name = _("文件")
        verbose_name_plural = _("文件")
        # Whose PDF this is, asks the verification page.
        indexes = [models.Index(fields=["sha256"], name="file_by_digest")]

    def __str__(self) -> str:
        return self.name


class PagePicture(models.Model):
    """A page of a file, small, beside what is remarked on it: a JPEG of a few kilobytes."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="pictures")
    page = models.PositiveIntegerField()
    jpeg = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "page"], name="page_picture_once")]

    def __str__(self) -> str:
        return f"{self.file} {self.page}"


class VirusScan(OutboxEntry):
    """What the virus scanner says of an upload (see scanning). An upload without one came when there was no scanner."""

    CLEAN, INFECTED, GIVEN_UP = "clean", "infected", "failed"
    # One that is away is asked once an hour in the end: so for a week.
    MAX_ATTEMPTS = 7 * 24
    LEASE = timedelta(minutes=5)

    file = models.OneToOneField(StoredFile, on_delete=models.CASCADE, primary_key=True, related_name="scan")
    # What was found, as the scanner calls it.
    threat = models.CharField(_("病毒名称"), max_length=200, blank=True)
    scanned_at = models.DateTimeField(_("检查时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("病毒检查")
        verbose_name_plural = _("病毒检查")
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(status="waiting"), name="scan_due"),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.status}"
