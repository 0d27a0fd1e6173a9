"""What is kept encrypted: people's numbers and platforms' keys in the database, and files that wait on the disk.

Every key comes from FIELD_KEY and serves one purpose.
"""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet
from django.conf import settings


def key(purpose: str) -> bytes:
    """32 bytes, for this purpose alone."""
    return hashlib.blake2b(purpose.encode(), key=settings.FIELD_KEY.encode()[:64], digest_size=32).digest()


@cache
def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key("identity number at rest")))


def encrypt(content: bytes) -> bytes:
    return _cipher().encrypt(content)


def decrypt(content: bytes, *, seconds: int | None = None) -> bytes:
    """What was encrypted; cryptography.fernet.InvalidToken where it was changed or is older than ``seconds``."""
    return _cipher().decrypt(content, ttl=seconds)
