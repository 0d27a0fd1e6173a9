"""A ZIP of stored files and of what is known of them, sent while it is made: it costs no more memory than its longest piece."""

import hashlib
import json
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.timezone import localtime

from applications.files.examining import JPEG, PDF, PNG
from applications.files.models import StoredFile
from applications.files.scanning import is_infected
from applications.spreadsheets import Pieces

logger = logging.getLogger(__name__)

ENDINGS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}


@dataclass
class Archive:
    """A ZIP under way. Names of entries are ours: what senders called their files stands in the list of files."""

    out: Pieces
    package: zipfile.ZipFile
    sums: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def words(self, name: str, text: str) -> bytes:
        content = text.encode()
        self.sums[name] = hashlib.sha256(content).hexdigest()
        self.package.writestr(name, content)
        return self.out.take()

    def data(self, name: str, content: Any) -> bytes:
        shown = json.dumps(content, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)
        return self.words(name, shown)

    def file(self, name: str, stored: StoredFile) -> Iterator[bytes]:
        """A file as it is kept; that it is not what it was, or is gone, is said at the end."""
        if is_infected(stored):
            self.wrong.append(f"{name}：病毒检查发现病毒，已经隔离，没有放入。")
            return
        digest = hashlib.sha256()
        entry = zipfile.ZipInfo(name, localtime(stored.stored_at).timetuple()[:6])
        # What was handed in is packed already.
        entry.file_size = stored.size
        try:
            content = stored.file.open("rb")
        except FileNotFoundError:
            logger.critical("the stored file %s cannot be opened", stored.pk, exc_info=True)
            self.wrong.append(f"{name}：保存的文件已经不在，没有放入。")
            return
        with content, self.package.open(entry, "w") as kept:
            for piece in content.chunks(1 << 20):
                digest.update(piece)
                kept.write(piece)
                yield self.out.take()
        self.sums[name] = digest.hexdigest()
        if self.sums[name] != stored.sha256:
            self.wrong.append(f"{name}：与保存时的摘要不一致。")

    def manifest(self) -> bytes:
        """The last entry: the SHA-256 of every other one, as sha256sum reads them."""
        sums = "".join(f"{digest}  {name}\n" for name, digest in self.sums.items())
        self.package.writestr("SHA256SUMS", sums.encode())
        return self.out.take()


def known(stored: StoredFile | None) -> dict[str, Any]:
    if stored is None:
        return {"file": None}
    kept = {"name": stored.name, "size": stored.size, "sha256": stored.sha256, "stored_at": stored.stored_at}
    if not stored.upload_sha256:
        return kept
    # As it came in, byte by byte; a picture is kept encoded anew.
    return kept | {"upload_size": stored.upload_size, "upload_sha256": stored.upload_sha256}
