"""Private storage in which a file is whole or is not there."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError

# No space, no quota, or a disk that has turned read-only.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


# How the databases say it: PostgreSQL by its SQLSTATE, SQLite in words.
DATABASE_FULL = ("53100", "database or disk is full")


class StorageFull(Exception):
    """There is no room for a file; nothing of it was kept."""


class StorageAway(OSError):
    """The store of the files does not answer, or not as it should; nothing of a file was kept."""


def says_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is that a disk is full: of the files, the database or an upload."""
    for _link in range(10):
        if error is None:
            return False
        if isinstance(error, StorageFull) or (isinstance(error, OSError) and error.errno in FULL):
            return True
        if isinstance(error, DatabaseError) and DATABASE_FULL[1] in str(error):
            return True
        if getattr(error, "sqlstate", None) == DATABASE_FULL[0]:
            return True
        error = error.__cause__ or error.__context__
    return False


def free_megabytes() -> int:
    """The room that is left where files (those that wait, at least) and data are kept, whichever has less."""
    return min(_free(Path(settings.MEDIA_ROOT)), _free(Path(settings.DATA_DIR)))


def is_away() -> bool:
    """Whether files can neither be kept nor read. A folder is always there; whether it has room is another question."""
    return not getattr(default_storage, "answers", lambda: True)()


def is_nearly_full(free: int) -> bool:
    """Whether ``free`` megabytes are less than what the operator wants to be told of."""
    return free < settings.DISK_ALARM_MB


def _free(folder: Path) -> int:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free // 1024 // 1024


class WholeFiles(FileSystemStorage):
    """Files below MEDIA_ROOT. Each is written beside its place and moved there once it is on the disk."""

    def _save(self, name: str, content: Any) -> str:
        partial = Path(self.path(f"{name}.partial"))
        try:
            super()._save(f"{name}.partial", content)  # type: ignore[misc]
            with open(partial, "rb") as file:
                os.fsync(file.fileno())
            partial.replace(self.path(name))
        except BaseException as error:
            partial.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in FULL:
                raise StorageFull from error
            raise
        return name
