import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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

    class Meta:
        verbose_name = _("文件")
        verbose_name_plural = _("文件")

    def __str__(self) -> str:
        return self.name
