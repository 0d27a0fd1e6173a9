"""An upload that waits for its person: for the rest of a form to be put right, or for a preview to be confirmed.

Nobody has decided to keep it yet, so it is no stored file. It lies encrypted in a folder beside the stored ones,
which all web processes share, for half an hour: one for each person and purpose, and only who brought it gets it
back. What no person but a worker is waited for stays until that is over (``register_in_use``). Never in the cache or the
broker: what strangers bring must not fill what the sweeps run on.
"""

from __future__ import annotations

import io
import json
import logging
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.crypto import constant_time_compare

from applications.at_rest import decrypt, encrypt
from applications.files.inspection import Inspected
from applications.files.storage import free_megabytes, is_nearly_full
from rules.retention import period_of

if TYPE_CHECKING:
    from applications.accounts.models import User

logger = logging.getLogger(__name__)

SECONDS_KEPT = int(period_of("pending_upload").total_seconds())
# Of one purpose, so that those who sign up by themselves take no room from the officers.
MAX_BYTES = 512 * 1024 * 1024
MAX_FILES = 2_000

# By purpose.
_in_use: dict[str, Callable[[], Iterable[int]]] = {}


def register_in_use(purpose: str, users: Callable[[], Iterable[int]]) -> None:
    """Let an app above say by their ids whose file of a purpose is still to be worked on: no age ends it, and it takes its room
    until then. Call it in ready()."""
    _in_use[purpose] = users


def keep(content: bytes, facts: dict[str, Any], *, user: User, purpose: str) -> str:
    """The token that ``find`` takes, instead of what waited for this person and purpose before.

    An empty one where there is no room, and the file has to come again. ``facts``: whatever JSON can say.
    """
    token = secrets.token_urlsafe(24)
    head = json.dumps({"token": token, "facts": facts}).encode() + b"\n"
    return token if _write(_path(user, purpose), [encrypt(head + content)]) else ""


def keep_file(content: Iterable[bytes], *, user: User, purpose: str) -> str:
    """As ``keep``, for what is too large for the memory; ``open_file`` takes the token. How long it is good for is for its owner
    to say: one that is in use has no age."""
    token = secrets.token_urlsafe(24)
    pieces = (encrypt(piece) + b"\n" for piece in chain([token.encode()], content))
    return token if _write(_path(user, purpose), pieces) else ""


def _write(path: Path, pieces: Iterable[bytes]) -> bool:
    """Whether there was room."""
    partial = ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _has_room(path):
            return False
        # Made with mode 600.
        number, partial = tempfile.mkstemp(dir=path.parent)
        with open(number, "wb") as file:
            file.writelines(pieces)
        _begin_age(partial)
        os.replace(partial, path)
    except OSError:
        logger.exception("an upload could not be kept for its form")
        with suppress(OSError):
            os.unlink(partial)
        return False
    return True


def _begin_age(path: str | Path) -> None:
    """By the clock that it is told by."""
    os.utime(path, (time.time(), time.time()))


def find(token: str, *, user: User, purpose: str) -> tuple[bytes, dict[str, Any]] | None:
    """Content and facts, if it is this person's last upload for this purpose and not too old."""
    if not token:
        return None
    try:
        head, _, content = decrypt(_path(user, purpose).read_bytes(), seconds=SECONDS_KEPT).partition(b"\n")
    except (FileNotFoundError, InvalidToken):
        return None
    kept = json.loads(head)
    return (content, kept["facts"]) if constant_time_compare(kept["token"], token) else None


def open_file(token: str, *, user: User, purpose: str) -> BinaryIO | None:
    """What ``keep_file`` was given, if it is this person's last and still there: as a file without a name."""
    plain = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with _path(user, purpose).open("rb") as kept:
            if not _is_of(token, kept):
                raise FileNotFoundError
            for piece in kept:
                plain.write(decrypt(piece.strip()))
    except (FileNotFoundError, InvalidToken, UnicodeDecodeError):
        plain.close()
        return None
    plain.flush()
    return plain


def prolong(token: str, *, user: User, purpose: str) -> bool:
    """Have what ``keep_file`` was given wait as long again, from now. False: it is not there any more."""
    path = _path(user, purpose)
    try:
        with path.open("rb") as kept:
            if not _is_of(token, kept):
                return False
        _begin_age(path)
    except (FileNotFoundError, InvalidToken, UnicodeDecodeError):
        return False
    return True


def _is_of(token: str, kept: BinaryIO) -> bool:
    return constant_time_compare(decrypt(kept.readline().strip()).decode(), token)


def keep_examined(uploads: Sequence[Inspected], *, user: User, purpose: str) -> str:
    """As ``keep``, for the files of one form, which wait together."""
    files = [
        {
            "name": each.name,
            "content_type": each.content_type,
            "pages": each.pages,
            "upload_sha256": each.upload_sha256,
            "upload_size": each.upload_size,
            "findings": each.findings,
            "size": len(each.content),
            "pictures": [(page, len(picture)) for page, picture in each.pictures],
        }
        for each in uploads
    ]
    content = b"".join(
        piece for each in uploads for piece in (each.content, *(picture for _page, picture in each.pictures))
    )
    return keep(content, {"files": files}, user=user, purpose=purpose)


def find_examined(token: str, *, user: User, purpose: str) -> list[Inspected]:
    """The files of ``keep_examined`` in their order; none where ``find`` has none."""
    content, facts = find(token, user=user, purpose=purpose) or (b"", {"files": []})
    found, rest = [], io.BytesIO(content)
    for each in facts["files"]:
        kept = rest.read(each.pop("size"))
        # Without pictures what the code before has kept.
        pictures = tuple((page, rest.read(size)) for page, size in each.pop("pictures", ()))
        found.append(Inspected(content=kept, pictures=pictures, **each))
    return found


def remove_old() -> int:
    """Remove what has waited too long, and what was left of a process that died. Returns how many."""
    return sum(_remove_old(folder) for folder in _folder().glob("*/"))


def waiting_files() -> Iterator[Path]:
    """Whatever waits; what comes or goes meanwhile may be missing."""
    for folder in _folder().glob("*/"):
        for each in _entries(folder):
            yield Path(each.path)


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "waiting"


def _path(user: User, purpose: str) -> Path:
    return _folder() / purpose / _name(user.pk, purpose)


def _name(user: int, purpose: str) -> str:
    return sha256(f"{purpose}:{user}".encode()).hexdigest()


def _has_room(path: Path) -> bool:
    """Whether one more may wait at ``path``, counted without what it takes the place of."""

    def is_full() -> bool:
        sizes = [each.stat().st_size for each in _entries(path.parent) if each.name != path.name]
        return len(sizes) >= MAX_FILES or sum(sizes) > MAX_BYTES

    if is_nearly_full(free_megabytes()):
        logger.error("an upload could not be kept for its form: the disk is nearly full")
        return False
    if is_full() and not (_remove_old(path.parent) and not is_full()):
        logger.error("an upload could not be kept for its form: too many wait in %s", path.parent.name)
        return False
    return True


def _remove_old(folder: Path) -> int:
    old = [each for each in _entries(folder) if each.stat().st_mtime + SECONDS_KEPT < time.time()]
    if old and folder.name in _in_use:
        in_use = {_name(user, folder.name) for user in _in_use[folder.name]()}
        old = [each for each in old if each.name not in in_use]
    for each in old:
        Path(each.path).unlink(missing_ok=True)
    return len(old)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Each with a size and age to look at: what somebody else removes meanwhile is left out."""
    with os.scandir(folder) as entries:
        for each in entries:
            with suppress(FileNotFoundError):
                # Remembered by the entry.
                each.stat()
                yield each
