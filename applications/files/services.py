"""The two ways into private storage: a stranger's upload, which is examined, and what the portal made itself."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from applications.files.inspection import MAX_BYTES, clean_name, inspect
from applications.files.models import StoredFile

if TYPE_CHECKING:
    from applications.accounts.models import User

# What one account may bring in 24 hours: several full cases, but not a disk.
DAILY_BYTES = 500 * 1024 * 1024


def store_upload(*, upload: UploadedFile[bytes], user: User, at: datetime) -> StoredFile:
    """Examine an uploaded PDF, JPG or PNG of at most 10 MB and keep it privately.

    Raises a ValidationError in Chinese that names the file and the remedy; nothing is stored then. Form fields
    that feed this need ``allow_empty_file=True``, so that an empty file is named like any other bad one.
    """
    # One byte too many is enough for the examination to say that it is too large.
    content = upload.read(MAX_BYTES + 1)
    checked = inspect(upload.name or "", content)
    brought = (
        StoredFile.objects.filter(stored_by=user, stored_at__gt=at - timedelta(days=1)).aggregate(
            Sum("size")
        )["size__sum"]
        or 0
    )
    if brought + len(checked.content) > DAILY_BYTES:
        raise ValidationError(
            _("“%(name)s”没有保存：您24小时内上传的文件已接近500 MB。请明天再上传，或到窗口办理。"),
            params={"name": checked.name},
            code="quota",
        )
    return store_content(
        name=checked.name,
        content=checked.content,
        content_type=checked.content_type,
        pages=checked.pages,
        at=at,
        user=user,
    )


def store_content(
    *,
    name: str,
    content: bytes,
    content_type: str,
    at: datetime,
    user: User | None = None,
    pages: int = 1,
) -> StoredFile:
    """Keep bytes that the portal itself made or has examined, under a random name, with their SHA-256.

    The bytes are on the disk before the row exists, so no row ever points at nothing.
    """
    stored = StoredFile(
        name=clean_name(name),
        content_type=content_type,
        size=len(content),
        pages=pages,
        sha256=hashlib.sha256(content).hexdigest(),
        stored_by=user,
        stored_at=at,
    )
    stored.file.save(stored.name, ContentFile(content), save=False)
    try:
        with transaction.atomic():
            stored.save(force_insert=True)
    except BaseException:
        stored.file.delete(save=False)
        raise
    return stored
