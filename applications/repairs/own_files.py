"""What an applicant has handed in and was sent, as one ZIP with the digests of all of it. It is sent while it is made."""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.files.models import StoredFile
from applications.files.packing import ENDINGS, Archive, known
from applications.repairs.models import RepairCase
from applications.repairs.selectors import documents_of
from applications.spreadsheets import Pieces


def stream_own_files(case: RepairCase, at: datetime) -> Iterator[bytes]:
    """The pieces of the ZIP: the files as they are kept, the letters, a list of both in words and in JSON, and the SHA-256 of
    every other entry, as sha256sum reads them."""
    out = Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        archive = Archive(out, package)
        listed = [*_materials(case), *_letters(case)]
        for name, stored, _facts in listed:
            yield from archive.file(name, stored)
        yield archive.data("清单.json", [facts | {"entry": name} for name, _stored, facts in listed])
        lines = [line for name, stored, facts in listed for line in _in_words(name, stored, facts)]
        yield archive.words("清单.txt", "\n".join([*_heading(case, at), *lines, *archive.wrong, ""]))
        yield archive.manifest()
    yield out.take()


def _materials(case: RepairCase) -> Iterator[tuple[str, StoredFile, dict[str, Any]]]:
    filed = case.materials.select_related("file__scan").order_by("round", "kind", "pk")
    for place, material in enumerate(filed, 1):
        kind = material.get_kind_display().replace("/", "、")
        name = f"材料/{place:02d}-{kind}{ENDINGS.get(material.file.content_type, '')}"
        facts = {
            "kind": material.get_kind_display(),
            "submitted": material.round <= case.round,
            "added_at": material.added_at,
        }
        yield name, material.file, facts | known(material.file)


def _letters(case: RepairCase) -> Iterator[tuple[str, StoredFile, dict[str, Any]]]:
    printed = documents_of(case).filter(pdf__isnull=False).select_related("pdf__scan")
    for place, document in enumerate(printed, 1):
        assert document.pdf is not None
        name = f"文书/{place:02d}-{document.get_kind_display()}.pdf"
        yield (
            name,
            document.pdf,
            {"kind": document.get_kind_display(), "number": document.number} | known(document.pdf),
        )


def _heading(case: RepairCase, at: datetime) -> list[str]:
    return [
        _("申请 %(number)s 的文件") % {"number": case.number},
        _("打包时间：%(at)s") % {"at": f"{localtime(at):%Y-%m-%d %H:%M:%S}"},
        _(
            "照片和图片在上传时重新编码后保存，所以保存的文件与您手中的原文件不是同一串字节：您手中原文件的摘要应与“上传时”一致。"
        ),
        _(
            "核对方法：在解开的文件夹中执行 sha256sum -c SHA256SUMS；Windows 用 certutil -hashfile 文件名 SHA256。"
        ),
        "",
    ]


def _in_words(name: str, stored: StoredFile, facts: dict[str, Any]) -> Iterator[str]:
    yield name
    yield _("  原文件名：%(name)s") % {"name": stored.name}
    if facts.get("submitted") is False:
        yield _("  还没有提交")
    kept = {"size": stored.size, "sha256": stored.sha256}
    if stored.upload_sha256 == stored.sha256:
        yield _("  SHA-256：%(sha256)s（%(size)s字节，保存的与上传的完全相同）") % kept
        return
    if stored.upload_sha256:
        yield _("  上传时 SHA-256：%(sha256)s（%(size)s字节）") % {
            "size": stored.upload_size,
            "sha256": stored.upload_sha256,
        }
    yield _("  保存的 SHA-256：%(sha256)s（%(size)s字节）") % kept
