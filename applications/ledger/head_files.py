"""The files of heads: the portal's own, which outlive the rows, and the copies that somebody else has kept."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from applications.ledger.models import Head
from applications.ledger.sealing import file_name, is_signed, month_of, places

# No more parameters in one statement than any database takes.
_NAMES = 5_000


class NoCopies(Exception):
    """There is no folder of head files to compare with; the message says why."""


class HeadFiles:
    """The portal's own files, each at the place of its head (sealing.places). Names are read a few at a time."""

    def __init__(self, folder: Path) -> None:
        """Notes the files that are no head's. Rows are asked after names, so none is new in between."""
        self.folder = folder
        self._strangers = sorted(
            path
            for directory in _directories(folder)
            for names in _batches(_json_names(directory))
            for path in _strangers(directory, names, flat=directory == folder)
        )

    def compare(self, head: Head, told: dict[str, Any], *, must_exist: bool) -> str | None:
        """What is wrong with the file of a head; ``told`` is the head's statement."""
        found = [place for place in places(head) if (self.folder / place).exists()]
        if not found:
            return _("链头文件 %(file)s 不见了") % {"file": places(head)[0]} if must_exist else None
        for place in found:
            if wrong := _differs(self.folder / place, _("链头文件 %(file)s") % {"file": place}, head, told):
                return wrong
        return None

    def left_over(self) -> str | None:
        """What the files say about heads that the database does not have: those were deleted, with their events."""
        for path in self._strangers:
            name = _("链头文件 %(file)s") % {"file": path.relative_to(self.folder)}
            if wrong := _misplaced(path, name) or _orphan(path, name):
                return wrong
        return None


def _directories(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield folder
        with os.scandir(folder) as entries:
            yield from [folder / entry.name for entry in entries if entry.is_dir()]


def _json_names(directory: Path) -> Iterator[str]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".json"):
                yield entry.name


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    names = iter(names)
    while batch := list(islice(names, _NAMES)):
        yield batch


def _strangers(directory: Path, names: Sequence[str], *, flat: bool) -> list[Path]:
    numbers = [int(name[:-5]) for name in names if re.fullmatch(r"\d{8,9}\.json", name)]
    heads = Head.objects.filter(number__in=numbers).only("number", "signed_at")
    known = {file_name(head.number) for head in heads if flat or month_of(head) == directory.name}
    return [directory / name for name in names if name not in known]


def _misplaced(path: Path, name: str) -> str | None:
    """A file that tells the truth at another head's place, or twice."""
    read = _read(path)
    if read is None or not isinstance(read[0]["number"], int):
        return None
    head = Head.objects.filter(number=read[0]["number"]).first()
    return (
        _("%(name)s 不在其位：链头 %(number)s 的文件应是 %(place)s")
        % {"name": name, "number": head.number, "place": places(head)[0]}
        if head
        else None
    )


class OutsideCopies:
    """Copies of head files in any folders and under any names, by what is in them."""

    def __init__(self, folder: Path) -> None:
        """NoCopies: the folder cannot be read, or no head file is in it."""
        self.folder = folder
        if not folder.is_dir():
            raise NoCopies(_("没有 %(folder)s 这个文件夹") % {"folder": folder})
        self._files: dict[Any, list[Path]] = {}
        for path in sorted(folder.rglob("*.json")):
            read = _read(path)
            # What cannot be read is no head's, and is named in the end.
            self._files.setdefault(read[0].get("number") if read else None, []).append(path)
        if not self._files:
            raise NoCopies(_("文件夹 %(folder)s 中没有链头文件（*.json）") % {"folder": folder})

    def compare(self, head: Head, told: dict[str, Any]) -> str | None:
        for path in self._files.pop(head.number, ()):
            if wrong := _differs(path, self._name(path), head, told):
                return wrong
        return None

    def left_over(self) -> str | None:
        for path in sorted(path for paths in self._files.values() for path in paths):
            if wrong := _orphan(path, self._name(path)):
                return wrong
        return None

    def _name(self, path: Path) -> str:
        return _("外部副本 %(file)s") % {"file": path.relative_to(self.folder)}


def _read(path: Path) -> tuple[dict[str, Any], str] | None:
    """Statement and signature of a head file; None where there are none."""
    try:
        content = json.loads(path.read_bytes())
        signature, _key = content.pop("signature"), content.pop("public_key")
        hash(content["number"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return (content, signature) if isinstance(signature, str) else None


def _differs(path: Path, name: str, head: Head, told: dict[str, Any]) -> str | None:
    read = _read(path)
    if read == (told, head.signature):
        return None
    return _fault(read, name) or _("链头 %(number)s 与%(name)s 不符") % {"number": head.number, "name": name}


def _orphan(path: Path, name: str) -> str | None:
    read = _read(path)
    if wrong := _fault(read, name):
        return wrong
    assert read is not None
    told = read[0]
    return _(
        "数据库中没有链头 %(number)s："
        "%(name)s 在 %(signed_at)s 证明过事件 %(last_event)s 及以前共 %(count)s 条，"
        "最新的记录已被删除"
    ) % {
        "number": told["number"],
        "name": name,
        "signed_at": told.get("signed_at"),
        "last_event": told.get("last_event"),
        "count": told.get("event_count"),
    }


def _fault(read: tuple[dict[str, Any], str] | None, name: str) -> str | None:
    """What is wrong with a file by itself."""
    if read is None:
        return _("%(name)s 无法读取") % {"name": name}
    return None if is_signed(*read) else _("%(name)s 的签名与内容不符") % {"name": name}
