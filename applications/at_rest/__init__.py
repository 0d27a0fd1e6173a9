"""What is kept encrypted: people's numbers and contacts and platforms' keys in the database, and files outside of it.

What is written is written under FIELD_KEY; what was written under a key of FIELD_KEY_OLD is read all the same, until
``manage.py rotate_field_key`` has written it anew (renewing.py; ADR 0054). Digests by which something is found again are keyed by
DIGEST_KEY, and found under DIGEST_KEY_OLD meanwhile. Every key serves one purpose.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# With this every token begins, until the year 2106: its version, and the first bytes of its moment.
MARK = "gAAAAA"
_SHORTEST = 100


def key(purpose: str) -> bytes:
    """32 bytes, for this purpose alone, under the key that is written with."""
    return _derived(settings.FIELD_KEY, purpose)


def keys(purpose: str) -> list[bytes]:
    """The same under every key that is read with, the one that is written with first."""
    return [_derived(each, purpose) for each in (settings.FIELD_KEY, *settings.FIELD_KEY_OLD)]


def _derived(secret: str, purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=secret.encode()[:64], digest_size=32).digest()


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def _ciphers() -> list[Fernet]:
    return [_cipher(each) for each in keys("identity number at rest")]


def encrypt(content: bytes) -> bytes:
    return _ciphers()[0].encrypt(content)


def decrypt(content: bytes, *, seconds: int | None = None) -> bytes:
    """What was encrypted; cryptography.fernet.InvalidToken where it was changed, is older than ``seconds``, or is under a key that
    is not given any more."""
    newest, *older = _ciphers()
    return (MultiFernet([newest, *older]) if older else newest).decrypt(content, ttl=seconds)


def renewed(content: bytes) -> bytes | None:
    """The same under the key that is written with, with the age that it had; None where it is under that key already.

    InvalidToken as of ``decrypt``.
    """
    newest, *older = _ciphers()
    try:
        newest.decrypt(content)
    except InvalidToken:
        if not older:
            raise
        return MultiFernet([newest, *older]).rotate(content)
    return None


def is_sealed(text: str) -> bool:
    """Whether a column holds a token; anything else is what a version wrote that did not encrypt it."""
    return len(text) >= _SHORTEST and text.startswith(MARK)


class Digest(str):
    """A keyed SHA-256, 64 hexadecimal digits; ``former``: what it was under the keys of before."""

    former: tuple[str, ...] = ()

    def is_that_of(self, stored: str | None) -> bool:
        """Whether a stored digest is of the same text, under whichever key."""
        return stored is not None and stored in (str(self), *self.former)


def digest(purpose: str, text: str) -> Digest:
    """By which a text is found again without being kept readable."""
    newest, *older = (
        hmac.new(_derived(each, purpose), text.encode(), hashlib.sha256).hexdigest()
        for each in (settings.DIGEST_KEY, *settings.DIGEST_KEY_OLD)
    )
    made = Digest(newest)
    made.former = tuple(older)
    return made
