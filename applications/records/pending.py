"""An uploaded record file between its preview and the officer's confirmation.

It holds personal data that nobody has decided to keep, so it lives in the cache, encrypted, for half an hour, and
only the officer who brought it gets it back.
"""

import re
import secrets
from dataclasses import dataclass

from django.core.cache import cache

from applications.accounts.models import User
from applications.organs.models import Organ
from applications.records.importing.reading import MAX_BYTES
from applications.subjects.identity import decrypt, encrypt

SECONDS_KEPT = 30 * 60
# One byte too many is enough for the import to say that the file is too large.
MAX_KEPT = MAX_BYTES + 1


@dataclass(frozen=True)
class PendingUpload:
    organ: Organ
    name: str
    content: bytes


def keep(user: User, organ: Organ, name: str, content: bytes) -> str:
    """Returns the token that ``find`` takes."""
    token = secrets.token_urlsafe(24)
    cache.set(_key(user, token), (organ.pk, name, encrypt(content)), SECONDS_KEPT)
    return token


def find(user: User, token: str) -> PendingUpload | None:
    """The upload, if it is this user's and not too old."""
    kept = cache.get(_key(user, token)) if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token) else None
    if kept is None:
        return None
    organ = Organ.objects.filter(pk=kept[0]).first()
    return PendingUpload(organ, kept[1], decrypt(kept[2])) if organ else None


def _key(user: User, token: str) -> str:
    return f"record-import:{user.pk}:{token}"
