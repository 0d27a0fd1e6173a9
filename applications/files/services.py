"""The two ways into private storage: a stranger's upload, which is examined, and what the portal made itself."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from applications.files import scanning
from applications.files.inspection import Inspected, clean_name
from applications.files.models import PagePicture, StoredFile
from applications.files.storage import StorageAway, StorageFull

if TYPE_CHECKING:
    from applications.accounts.models import User

logger = logging.getLogger(__name__)

# What one account may bring in 24 hours: several full cases, but not a disk.
DAILY_BYTES = 500 * 1024 * 1024

_stored: ContextVar[list[StoredFile] | None] = ContextVar("stored", default=None)


@contextmanager
def storing() -> Iterator[None]:
    """One transaction that stores files: when it fails, their bytes go with their rows."""
    outer, stored = _stored.get(), list[StoredFile]()
    token = _stored.set(stored)
    try:
        with transaction.atomic():
            yield
        if outer is not None:
            outer += stored
    except BaseException:
        for each in stored:
            each.file.delete(save=False)
        raise
    finally:
        _stored.reset(token)


def store_upload(*, upload: Inspected, user: User, at: datetime) -> StoredFile:
    """Keep an examined upload (see inspection.inspected) privately.

    Raises a ValidationError that names the file and the remedy, where the account has brought too much
    in 24 hours, the disk is full or the store of the files is away; nothing is stored then.
    """
    brought = (
        StoredFile.objects.filter(stored_by=user, stored_at__gt=at - timedelta(days=1)).aggregate(
            Sum("size")
        )["size__sum"]
        or 0
    )
    if brought + len(upload.content) > DAILY_BYTES:
        raise ValidationError(
            _("“%(name)s”没有保存：您24小时内上传的文件已接近500 MB。请明天再上传，或到窗口办理。"),
            params={"name": upload.name},
            code="quota",
        )
    try:
        stored = store_content(
            name=upload.name,
            content=upload.content,
            content_type=upload.content_type,
            pages=upload.pages,
            at=at,
            user=user,
            uploaded=upload,
        )
    except StorageFull:
        raise ValidationError(
            _(
                "“%(name)s”没有保存：系统的存储空间已满。您以前保存的内容和文件都还在，"
                "请过一段时间再上传这个文件，或到窗口办理。"
            ),
            params={"name": upload.name},
            code="full",
        ) from None
    except StorageAway:
        raise ValidationError(
            _(
                "“%(name)s”没有保存：存放文件的系统暂时没有响应。您以前保存的内容和文件都还在，"
                "请过几分钟再上传这个文件；期限临近的，请到窗口办理。"
            ),
            params={"name": upload.name},
            code="away",
        ) from None
    PagePicture.objects.bulk_create(
        PagePicture(file=stored, page=page, jpeg=jpeg) for page, jpeg in upload.pictures
    )
    if scanning.is_configured():
        scanning.put_in_line(stored, at=at)
    return stored


def store_content(
    *,
    name: str,
    content: bytes | BinaryIO,
    content_type: str,
    at: datetime,
    user: User | None = None,
    pages: int = 1,
    uploaded: Inspected | None = None,
) -> StoredFile:
    """Keep bytes that the portal itself made or has examined, or a whole file of them, under a random name, with their
    SHA-256. ``uploaded``: as what it came in, and what was seen of it, where it is somebody's upload.

    The bytes are on the disk before the row exists, so no row ever points at nothing. Raises StorageFull where
    there is no room, StorageAway where the store does not answer; nothing is kept then.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.sha256()
    for piece in iter(lambda: file.read(1 << 20), b""):
        digest.update(piece)
    file.seek(0)
    stored = StoredFile(
        name=clean_name(name),
        content_type=content_type,
        size=size,
        pages=pages,
        sha256=digest.hexdigest(),
        stored_by=user,
        stored_at=at,
    )
    if uploaded is not None:
        stored.upload_sha256, stored.upload_size = uploaded.upload_sha256, uploaded.upload_size
        stored.findings = uploaded.findings
    try:
        stored.file.save(stored.name, File(file), save=False)
    except StorageFull:
        logger.critical("the disk of the private files is full: %s bytes could not be kept", size)
        raise
    except StorageAway:
        logger.critical("the store of the private files is away: %s bytes could not be kept", size)
        raise
    try:
        with transaction.atomic():
            stored.save(force_insert=True)
    except BaseException:
        stored.file.delete(save=False)
        raise
    together = _stored.get()
    if together is not None:
        together.append(stored)
    return stored


def discard(stored: StoredFile) -> None:
    """Delete a file that nothing rests on; its bytes go when the transaction is over."""
    storage, name = stored.file.storage, str(stored.file.name)
    stored.delete()
    transaction.on_commit(lambda: storage.delete(name))
