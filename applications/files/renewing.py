"""For at_rest.renewing: stored files in a bucket, and uploads that wait for their form. Files in a folder are not encrypted."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.core.files.storage import default_storage

from applications import at_rest
from applications.at_rest.renewing import Tally, register
from applications.files.models import StoredFile
from applications.files.pending import waiting_files


def _stored(renew: bool) -> Iterator[Tally]:
    """An object is written whole, under one key: its first piece tells of all."""
    from applications.files.remote import RemoteFiles

    if not isinstance(default_storage, RemoteFiles):
        return
    names = StoredFile.objects.order_by("pk").values_list("file", flat=True)
    for name in names.iterator(chunk_size=500):
        try:
            old = at_rest.renewed(default_storage.first_piece(name)) is not None
            if old and renew:
                default_storage.save_again(name)
        except (InvalidToken, FileNotFoundError):
            yield Tally(1, unreadable=1, lost=name)
        else:
            yield Tally(1, int(old))


def _waiting(renew: bool) -> Iterator[Tally]:
    for path in waiting_files():
        with suppress(FileNotFoundError):
            yield _renew_waiting(path, renew)


def _renew_waiting(path: Path, renew: bool) -> Tally:
    before = path.stat()
    lines = path.read_bytes().splitlines()
    try:
        new = [at_rest.renewed(line) for line in lines]
    except InvalidToken:
        return Tally(1, unreadable=1, lost=str(path))
    old = any(new)
    if old and renew:
        number, partial = tempfile.mkstemp(dir=path.parent)
        with open(number, "wb") as file:
            # One that has a single piece has no end of a line.
            file.write(b"\n".join(made or line for made, line in zip(new, lines, strict=True)))
            file.write(b"\n" if len(lines) > 1 else b"")
        # As old as it was; and where something newer came meanwhile, or it was given more time, that stays.
        os.utime(partial, ns=(before.st_atime_ns, before.st_mtime_ns))
        now = path.stat()
        if (now.st_ino, now.st_mtime_ns) == (before.st_ino, before.st_mtime_ns):
            os.replace(partial, path)
        else:
            os.unlink(partial)
    return Tally(1, int(old))


register("FILES_S3_BUCKET", _stored)
register("MEDIA_ROOT/waiting", _waiting)
