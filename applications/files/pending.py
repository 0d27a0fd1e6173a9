"""An examined upload that waits for the rest of its form to be put right.

Nobody has decided to keep it yet, so it is no stored file: it lives in the cache for half an hour, one for each
person and purpose, and only who brought it gets it back.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils.crypto import constant_time_compare

from applications.files.inspection import Inspected

if TYPE_CHECKING:
    from applications.accounts.models import User

logger = logging.getLogger(__name__)

SECONDS_KEPT = 30 * 60


def keep(upload: Inspected, *, user: User, purpose: str) -> str:
    """The token that ``find`` takes; an empty one where the cache takes nothing, and the file has to come again."""
    token = secrets.token_urlsafe(24)
    kept = (token, upload.name, upload.content, upload.content_type, upload.pages)
    try:
        cache.set(_key(user, purpose), kept, SECONDS_KEPT)
    except Exception:
        # Whatever the cache runs on: it is full or away, and the person can choose the file again.
        logger.exception("an upload could not be kept for its form")
        return ""
    return token


def find(token: str, *, user: User, purpose: str) -> Inspected | None:
    """The upload, if it is this person's last one for this purpose and not too old."""
    kept = cache.get(_key(user, purpose)) if token else None
    if kept is None or not constant_time_compare(kept[0], token):
        return None
    return Inspected(*kept[1:])


def _key(user: User, purpose: str) -> str:
    return f"pending-upload:{purpose}:{user.pk}"
