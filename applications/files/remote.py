"""Private storage in an S3-compatible store, for an installation on several machines (FILES_S3_BUCKET).

Whoever runs the store reads nothing: a file is encrypted before it goes there. An object is whole or not there.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Self

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.fernet import InvalidToken
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from applications.at_rest import decrypt, encrypt
from applications.files.storage import StorageAway, StorageFull

logger = logging.getLogger(__name__)

# What is encrypted together, so that a large file comes and leaves piece by piece; the encrypted ones wait on the disk.
PIECE = 1024 * 1024
# What stores say who have no room (MinIO, Ceph, Swift); each of them may also answer 507.
FULL = {"XMinioStorageFull", "QuotaExceeded", "EntityTooLarge"}


class RemoteFiles(S3Storage):
    """Raises StorageAway or StorageFull; then nothing was stored under the name that anything would ever read."""

    def __init__(self, **settings: Any) -> None:
        # The last two: what stores other than Amazon's understand.
        config = Config(
            connect_timeout=2,
            read_timeout=10,
            retries={"mode": "standard", "total_max_attempts": 2},
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(client_config=config, **settings)

    def answers(self) -> bool:
        """Whether files can be kept and read now."""
        try:
            with _in_our_words():
                self.connection.meta.client.head_bucket(Bucket=self.bucket.name)
        except OSError:
            return False
        return True

    def _save(self, name: str, content: Any) -> str:
        with SpooledTemporaryFile(max_size=2 * PIECE) as sealed, _in_our_words():
            # Not writelines, which looks at the size once all is written.
            for piece in _encrypted(name, content):
                sealed.write(piece)
            saved: str = super()._save(name, File(sealed))
        return saved

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return _RemoteFile(self, name)

    def read(self, name: str) -> IO[bytes]:
        """What was stored, from its beginning; it cannot be read twice."""
        with _in_our_words():
            body = self.bucket.Object(name).get()["Body"]
        return io.BufferedReader(_Pieces(_decrypted(name, body)))

    def first_piece(self, name: str) -> bytes:
        """The first piece as it lies there, encrypted."""
        with _in_our_words():
            body = self.bucket.Object(name).get()["Body"]
            with closing(body):
                return next(iter(body.iter_lines(chunk_size=PIECE)), b"")

    def save_again(self, name: str) -> None:
        """Under the key that is written with, in the place of what was stored: readers get the one or the other, whole."""
        with SpooledTemporaryFile(max_size=2 * PIECE) as plain:
            with self.read(name) as stored:
                copyfileobj(stored, plain)
            plain.seek(0)
            self._save(name, File(plain))

    def delete(self, name: str) -> None:
        """Nothing names it any more; where the store is away, what nobody can read stays there."""
        try:
            with _in_our_words():
                super().delete(name)
        except StorageAway:
            logger.exception("the object %s stays in the store, though nothing needs it", name)


class _RemoteFile(File[bytes]):
    def __init__(self, storage: RemoteFiles, name: str) -> None:
        self._storage = storage
        super().__init__(storage.read(name), name)

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> Self:
        """From the beginning again."""
        self.close()
        self.file = self._storage.read(str(self.name))
        return self


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code == "NoSuchKey":
            raise FileNotFoundError from error
        if code in FULL or status == 507:
            raise StorageFull from error
        raise StorageAway(code) from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageAway(type(error).__name__) from error


def _encrypted(name: str, content: Any) -> Iterator[bytes]:
    """One line for each piece. In it stands whose it is and which, so that none can be moved, dropped or exchanged."""
    piece, following = content.read(PIECE), content.read(PIECE)
    for number in count(1):
        yield encrypt(_label(name, number, not following) + piece)
        if not following:
            return
        yield b"\n"
        piece, following = following, content.read(PIECE)


def _label(name: str, number: int, last: bool) -> bytes:
    return f"{name} {number}{' last' if last else ''}\n".encode()


def _decrypted(name: str, body: Any) -> Iterator[bytes]:
    """The pieces of an object. OSError: the store is away, or this is not what was stored."""
    label = b""
    with _in_our_words():
        for number, line in enumerate(body.iter_lines(chunk_size=PIECE), 1):
            try:
                label, _, piece = decrypt(line).partition(b"\n")
            except InvalidToken:
                raise OSError(f"{name}: the object was changed in the store") from None
            if label + b"\n" not in (_label(name, number, False), _label(name, number, True)):
                raise OSError(f"{name}: the object was changed in the store")
            yield piece
    if not label.endswith(b" last"):
        raise OSError(f"{name}: the object ends too early")


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size
