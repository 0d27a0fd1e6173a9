"""Looks inside an upload and decides by its content whether it is a PDF, JPG or PNG that is safe to pass on.

Nothing here believes the file's name or the type that the browser claims. What cannot be examined is refused, and
so is what costs too much to examine: what parses the file runs in a process of its own (see bounded).
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.files.examining import HEIC, JPEG, MAX_BYTES, PDF, PNG

# Windows and some phones save a photo from a web page as .jfif: a JPG like any other.
EXTENSIONS = {"pdf": PDF, **dict.fromkeys(("jpg", "jpeg", "jfif"), JPEG), "png": PNG}
USUAL_EXTENSION = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
SIGNATURES = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
# So far into a file its reader looks for the beginning of a PDF: mail programs and scanners put something before it.
BEFORE_PDF = 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Tables, slides, mails and programs have the same beginning.
OTHER_OFFICE = frozenset({"xls", "et", "ppt", "dps", "msg", "msi"})
HEIC_EXTENSIONS = frozenset({"heic", "heif", "hif"})
# What an ISO media file says that it is, if it is such a photo.
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Inspected:
    """An upload that passed: content to store (an image is re-encoded), its real type, and its pages.

    What the portal itself made is not examined; whoever made it says what it is. Of what came in: ``upload_sha256`` and
    ``upload_size`` as it came, ``findings`` and small ``pictures`` by their page as looking.look gives them, with
    ``findings["pictures"]`` their pages; None where nobody could look.
    """

    name: str
    content: bytes
    content_type: str
    pages: int
    upload_sha256: str = ""
    upload_size: int | None = None
    findings: dict[str, Any] | None = None
    pictures: tuple[tuple[int, bytes], ...] = ()


_issued: list[Callable[[str], bool]] = []


def register_issued(issued: Callable[[str], bool]) -> None:
    """Let an app above say whether it has issued the file with a digest (SHA-256): one that carries its own data is accepted.
    Call it in ready()."""
    if issued not in _issued:
        _issued.append(issued)


def clean_name(name: str) -> str:
    """The name as its sender wrote it, without folders and without characters that cannot be seen.

    Brackets, spaces, Chinese and emoji stay. Direction marks go, because they can make "gpj.exe" read as
    "exe.jpg". Longer than 255 characters: the middle is left out and the extension stays.
    """
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(
        c
        for c in base
        if unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"}
        and unicodedata.bidirectional(c)
        not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ).strip()
    if shown in {"", ".", ".."}:
        return _("未命名文件")
    if len(shown) > 255:
        stem, dot, extension = shown.rpartition(".")
        ending = dot + extension if stem and len(extension) <= 10 else ""
        shown = shown[: 254 - len(ending)] + "…" + ending
    return shown


# What comes from outside, or has been examined already.
Upload = UploadedFile[bytes] | Inspected


def inspected(upload: Upload) -> Inspected:
    """The upload after its examination. Services call this before their transaction begins.

    Raises a ValidationError in Chinese that names the file and the remedy. Form fields that feed this need
    ``allow_empty_file=True``, so that an empty file is named like any other bad one.
    """
    if isinstance(upload, Inspected):
        return upload
    # One byte too many is enough for the examination to say that it is too large.
    return inspect(upload.name or "", upload.read(MAX_BYTES + 1))


def inspect(name: str, content: bytes) -> Inspected:
    """Examine an upload of at most MAX_BYTES; a ValidationError in Chinese names the file and the remedy."""
    name = clean_name(name)

    def refuse(text: str) -> ValidationError:
        return ValidationError("“%(name)s”%(text)s", params={"name": name, "text": text}, code="file")

    if not content:
        raise refuse(_("是空文件（0字节）。请检查原文件能否打开，再重新上传。"))
    if len(content) > MAX_BYTES:
        raise refuse(_("超过10 MB。请压缩或分成几个文件后重新上传。"))
    sha256, size = hashlib.sha256(content).hexdigest(), len(content)
    actual = next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), None)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if _is_word(content, extension):
        raise refuse(
            _(
                "是 Word 文件，不能接收，请转成 PDF 后重新上传：①用 Word 或 WPS 打开，点“文件→另存为”（手机上点“分享→输出为 PDF”）；"
                "②类型选“PDF”，保存后上传这个 PDF。要盖章、签名的，请打印出来盖章、签名，再拍照或扫描后上传。"
            )
        )
    claimed = EXTENSIONS.get(extension)
    if _is_heic(content):
        # Whatever it is called.
        actual = claimed = HEIC
    if actual and actual != claimed and (claimed or extension in HEIC_EXTENSIONS):
        right = USUAL_EXTENSION[actual]
        raise refuse(
            _("的内容其实是 %(type)s，与扩展名不符。请把扩展名改为 .%(right)s 后重新上传。")
            % {"type": right.upper(), "right": right}
        )
    if claimed is None:
        raise refuse(_("不是可以接收的文件类型。请上传 PDF、JPG 或 PNG 文件。"))
    if actual is None and claimed == PDF:
        # The parts of a PDF are counted from where it begins, so it is whole without what stands before it.
        begins = content.find(b"%PDF-", 0, BEFORE_PDF)
        if begins > 0:
            content, actual = content[begins:], PDF
    if actual is None:
        found = _identified_as(content)
        raise refuse(
            _("的内容不是 %(claimed)s%(found)s。请用原来的软件打开，另存为 PDF、JPG 或 PNG 后重新上传。")
            % {
                "claimed": USUAL_EXTENSION[claimed].upper(),
                "found": _("（检测为 %s）") % found if found else "",
            }
        )
    try:
        ours = "ours" if actual == PDF and any(issued(sha256) for issued in _issued) else ""
        with bounded.run("applications.files.examining:examine", content, actual, ours) as answer:
            pages = json.loads(answer.readline())["pages"]
            kept = answer.read() or content
    except Refused as refused:
        raise refuse(_(refused.sentence) % refused.params) from None
    except bounded.OverBudget:
        if actual == PDF:
            raise refuse(_("结构过于复杂，无法检查。请用“打印为 PDF”另存一份后重新上传。")) from None
        raise refuse(_("太大或过于复杂，无法检查。请缩小尺寸，另存为普通的 JPG 后重新上传。")) from None
    except bounded.NotExamined:
        raise refuse(_("暂时无法检查，没有保存。请稍后重新上传；仍然不行的，请到窗口办理。")) from None
    if actual == HEIC:
        actual, name = JPEG, clean_name(f"{name.rpartition('.')[0] or name}.jpg")
    findings, pictures = _looked_at(kept, actual)
    return Inspected(name, kept, actual, pages, sha256, size, findings, pictures)


def _looked_at(
    content: bytes, content_type: str
) -> tuple[dict[str, Any] | None, tuple[tuple[int, bytes], ...]]:
    """What looking.look finds, and its pictures. That nobody could look is no reason to refuse a file."""
    try:
        with bounded.run("applications.files.looking:look", content, content_type) as answer:
            told = json.loads(answer.readline())
            pictures = tuple((page, answer.read(size)) for page, size in told["pictures"])
    except (Refused, bounded.OverBudget, bounded.NotExamined):
        return None, ()
    return told["findings"] | {"pictures": [page for page, _small in pictures]}, pictures


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS


def _is_word(content: bytes, extension: str) -> bool:
    """A text that its writer can still change, of Word, WPS or another office program."""
    if content.startswith(OLD_OFFICE):
        return extension not in OTHER_OFFICE
    if content.startswith(b"PK\x03\x04"):
        return b"word/document" in content or b"opendocument.text" in content[:200]
    return content.startswith(b"{\\rtf")


def _identified_as(content: bytes) -> str:
    try:
        with bounded.run("applications.files.examining:identify", content) as answer:
            return answer.read(20).decode()
    except (bounded.OverBudget, bounded.NotExamined):
        return ""
