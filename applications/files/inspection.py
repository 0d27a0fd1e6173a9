"""Looks inside an upload and decides by its content whether it is a PDF, JPG or PNG that is safe to pass on.

Nothing here believes the file's name or the type that the browser claims. What cannot be examined is refused.
"""

import io
import unicodedata
import warnings
from dataclasses import dataclass

import pikepdf
import puremagic
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_UNPACKED = 200 * 1024 * 1024
# A paper of 10 MB has far fewer; this many take seconds to walk through, and more is made to keep us busy.
MAX_PDF_NODES = 200_000

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS = {"pdf": PDF, "jpg": JPEG, "jpeg": JPEG, "png": PNG}
USUAL_EXTENSION = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
SIGNATURES = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}

# A few kilobytes can unpack to gigabytes. qpdf's limit is process-wide, so it is set once, before any use.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MAX_UNPACKED,
    png_max_memory=MAX_UNPACKED,
    tiff_max_memory=MAX_UNPACKED,
    run_length_max_memory=MAX_UNPACKED,
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """An upload that passed: content to store (an image is re-encoded), its real type, and its pages."""

    name: str
    content: bytes
    content_type: str
    pages: int


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


def inspect(name: str, content: bytes) -> Inspected:
    """Examine an upload of at most MAX_BYTES; a ValidationError in Chinese names the file and the remedy."""
    name = clean_name(name)

    def refuse(text: str) -> ValidationError:
        return ValidationError("“%(name)s”%(text)s", params={"name": name, "text": text}, code="file")

    if not content:
        raise refuse(_("是空文件（0字节）。请检查原文件能否打开，再重新上传。"))
    if len(content) > MAX_BYTES:
        raise refuse(_("超过10 MB。请压缩或分成几个文件后重新上传。"))
    actual = next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), None)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    claimed = EXTENSIONS.get(extension)
    if claimed is None:
        raise refuse(_("不是可以接收的文件类型。请上传 PDF、JPG 或 PNG 文件。"))
    if actual is None:
        found = _identified_as(content)
        raise refuse(
            _("的内容不是 %(claimed)s%(found)s。请用原来的软件打开，另存为 PDF、JPG 或 PNG 后重新上传。")
            % {
                "claimed": USUAL_EXTENSION[claimed].upper(),
                "found": _("（检测为 %s）") % found if found else "",
            }
        )
    if actual != claimed:
        right = USUAL_EXTENSION[actual]
        raise refuse(
            _("的内容其实是 %(type)s，与扩展名不符。请把扩展名改为 .%(right)s 后重新上传。")
            % {"type": right.upper(), "right": right}
        )
    try:
        if actual == PDF:
            return Inspected(name, content, actual, _check_pdf(content))
        return Inspected(name, _reencode_image(content, actual), actual, 1)
    except _Refused as refused:
        raise refuse(str(refused)) from None


class _Refused(Exception):
    """Why an upload is not taken, to be completed with its name."""


def _identified_as(content: bytes) -> str:
    try:
        return puremagic.magic_string(content)[0].extension.lstrip(".").upper()
    except (puremagic.PureError, IndexError, ValueError):
        return ""


# -- PDF

# Actions that run code, start programs, or send and fetch data when the reader merely opens or clicks.
_ACTIVE = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/ImportData": "launch",
    "/SubmitForm": "launch",
    "/GoToE": "attachment",
    "/RichMediaExecute": "media",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
}
_ATTACHED_KEYS = {"/EmbeddedFiles", "/EF"}


def _check_pdf(content: bytes) -> int:
    """The number of pages of a harmless PDF."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise _Refused(_("不完整，可能没有下载或传输完。请重新取得原文件后上传。"))
    if content[end + len(b"%%EOF") :].strip(b"\0\t\n\f\r \x1a"):
        raise _Refused(_("的末尾附有 PDF 以外的内容。请用“打印为 PDF”另存一份后重新上传。"))
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            found = _active_content(pdf)
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise _Refused(_("已加密，无法检查。请去掉打开密码后重新上传。")) from None
    # A damaged file can make the parser fail in more ways than its own exceptions.
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError, TypeError, KeyError):
        raise _Refused(_("已损坏，无法读取。请重新扫描或另存为 PDF 后上传。")) from None
    if found:
        raise _Refused(
            {
                "script": _("含有脚本（JavaScript），不能接收。请用“打印为 PDF”另存一份后重新上传。"),
                "launch": _("含有会启动程序或发送数据的动作，不能接收。请用“打印为 PDF”另存一份后重新上传。"),
                "attachment": _("内嵌了其他文件，不能接收。请去掉附件，或用“打印为 PDF”另存一份后重新上传。"),
                "media": _("含有音视频或三维内容，不能接收。请用“打印为 PDF”另存一份后重新上传。"),
                "complex": _("结构过于复杂，无法检查。请用“打印为 PDF”另存一份后重新上传。"),
            }[found]
        )
    if pages == 0:
        raise _Refused(_("没有任何页面（0页）。请检查原文件后重新上传。"))
    return pages


def _active_content(pdf: pikepdf.Pdf) -> str | None:
    """The first active or hidden content anywhere in the file, reachable from a page or not."""
    visited = 0
    for top in pdf.objects:
        # Indirect objects are all visited as such, so only what they hold directly is followed from here.
        stack = [top]
        while stack:
            visited += 1
            if visited > MAX_PDF_NODES:
                return "complex"
            node = stack.pop()
            if isinstance(node, pikepdf.Array):
                stack += [child for child in node if _is_direct_container(child)]
            elif isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
                found = _found_in(node)
                if found:
                    return found
                stack += [child for _key, child in node.items() if _is_direct_container(child)]
    return None


def _is_direct_container(node: object) -> bool:
    return isinstance(node, (pikepdf.Array, pikepdf.Dictionary)) and not node.is_indirect


def _found_in(node: pikepdf.Object) -> str | None:
    keys = node.keys()
    if "/S" in keys:
        action = node["/S"]
        if isinstance(action, pikepdf.Name) and str(action) in _ACTIVE:
            return _ACTIVE[str(action)]
        if "/JS" in keys:
            return "script"
    if "/JavaScript" in keys or "/XFA" in keys:
        return "script"
    if _ATTACHED_KEYS & set(keys):
        return "attachment"
    if "/Subtype" in keys and str(node["/Subtype"]) in {"/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"}:
        return "media"
    if "/Type" in keys and str(node["/Type"]) == "/EmbeddedFile":
        return "attachment"
    return None


# -- Images


def _reencode_image(content: bytes, content_type: str) -> bytes:
    """The same picture, upright and freshly encoded: without metadata, and without anything hidden behind it."""
    formats = ["JPEG", "MPO"] if content_type == JPEG else ["PNG"]
    try:
        with warnings.catch_warnings():
            # The limit here is ours and lower than the one at which Pillow warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=formats) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise _Refused(
                        _("的像素过多（%(width)d×%(height)d，最多5000万）。请缩小后重新上传。")
                        % {"width": image.width, "height": image.height}
                    )
                # Other libraries switch this on for the whole process (WeasyPrint does).
                ImageFile.LOAD_TRUNCATED_IMAGES = False
                image.load()
                upright = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError:
        raise _Refused(_("的像素过多（最多5000万）。请缩小后重新上传。")) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError):
        raise _Refused(_("不完整或已损坏，无法显示。请重新拍摄或扫描后上传。")) from None
    out = io.BytesIO()
    if content_type == JPEG:
        upright.save(out, "JPEG", quality=92, exif=b"", icc_profile=upright.info.get("icc_profile"))
    else:
        upright.info = {
            key: upright.info[key] for key in ("transparency", "icc_profile") if key in upright.info
        }
        upright.save(out, "PNG", exif=b"")
    return out.getvalue()
