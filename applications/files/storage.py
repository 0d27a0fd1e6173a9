"""Private storage in which a file is whole or is not there."""

import errno
import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

# No space, no quota, or a disk that has turned read-only.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


class StorageFull(Exception):
    """There is no room for a file; nothing of it was kept."""


class WholeFiles(FileSystemStorage):
    """Files below MEDIA_ROOT. Each is written beside its place and moved there once it is on the disk."""

    def _save(self, name: str, content: Any) -> str:
        partial = Path(self.path(f"{name}.partial"))
        try:
            super()._save(f"{name}.partial", content)
            with open(partial, "rb") as file:
                os.fsync(file.fileno())
            partial.replace(self.path(name))
        except BaseException as error:
            partial.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in FULL:
                raise StorageFull from error
            raise
        return name
