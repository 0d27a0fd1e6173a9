"""Pictures, decoded and encoded anew in the child process (see bounded_child); nothing here imports Django."""

import io
import warnings
import zlib
from typing import Any

from PIL import Image, ImageFile

from applications.files.bounded_child import Refused

MAX_PIXELS = 50_000_000
# Every row costs memory of its own, however short it is.
MAX_SIDE = 30_000
# Turning needs the picture twice in memory. A larger one keeps the mark that says how to hold it.
MAX_TURNED_PIXELS = 25_000_000
MAX_PROGRESSIVE_PIXELS = 20_000_000
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Its decoder keeps the picture twice.
MAX_HEIF_PIXELS = 25_000_000
# Parts of a PNG that hold no pixels and that its reader unpacks; of a text only what says how to hold the picture.
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
TELLING_TEXTS = frozenset({b"Raw profile type exif", b"Raw profile type APP1", b"XML:com.adobe.xmp"})
# Unpacked. The reader gives up at twice as much, and takes the picture for broken.
MAX_METADATA = 512 * 1024


def _(sentence: str) -> str:
    """Marks a sentence that the parent translates."""
    return sentence


TOO_LARGE = _("太大，无法检查：解开后需要的内存过多。请缩小尺寸后重新上传。")


HEIC_HELP = _(
    "是 HEIC 照片，系统没能把它转成 JPG。请转成 JPG 后重新上传。iPhone：在“设置→相机→格式”中选“兼容性最佳”后重新拍摄，"
    "或者把照片截屏后上传截屏；安卓手机：在相机设置中关闭“HEIF/高效图片格式”后重新拍摄；"
    "电脑：用“照片”或“预览”打开，另存（导出）为 JPG。"
)
TOO_LONG = _("检查后重新编码，仍然超过10 MB。请缩小尺寸，另存为普通的 JPG 后重新上传。")
# One after the other, until the picture is small enough. A higher level of PNG takes five times as long for a tenth less.
GRADES: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"quality": 92}, {"quality": 75}, {"quality": 50}],
    "PNG": [{"compress_level": 3}, {"compress_level": 6}],
}


def reencode(content: bytes, kind: str, most: int) -> memoryview:
    """The same picture, upright and freshly encoded: without metadata, and without anything hidden behind it.

    ``kind``: JPEG, PNG, or HEIF, which becomes a JPEG. ``most``: bytes that it may have; a photo loses a little quality for
    it, rather than be refused.
    """
    if kind == "HEIF":
        import pillow_heif

        # A thread of its own for each part would cost address space, and is charged all the same.
        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    try:
        with warnings.catch_warnings():
            # The limit here is ours and lower than the one at which Pillow warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if kind == "PNG":
                content = _without_large_metadata(content)
            image: Image.Image = Image.open(
                io.BytesIO(content), formats=["JPEG", "MPO"] if kind == "JPEG" else [kind]
            )
            _check_size(image)
            if kind == "HEIF" and image.width * image.height > MAX_HEIF_PIXELS:
                raise Refused(HEIC_HELP)
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            image.load()
            turn = _turn(image)
            if turn in UPRIGHT and image.width * image.height <= MAX_TURNED_PIXELS:
                # The name is the only hold on the picture as it was: its memory is needed again.
                image = image.transpose(UPRIGHT[turn])
                turn = 1
            if kind == "HEIF":
                image, kind = image if image.mode == "RGB" else image.convert("RGB"), "JPEG"
            return _encoded(image, kind, turn, most)
    except Image.DecompressionBombError:
        raise Refused(_("的像素过多（最多5000万）。请缩小后重新上传。")) from None
    except MemoryError:
        raise Refused(TOO_LARGE) from None
    except Refused:
        raise
    except Exception:
        if kind == "HEIF":
            raise Refused(HEIC_HELP) from None
        # Pillow raises whatever the malformed part happens to break.
        raise Refused(_("不完整或已损坏，无法显示。请重新拍摄或扫描后上传。")) from None


def _without_large_metadata(content: bytes) -> bytes:
    """A PNG without texts, and without a colour profile that is larger than any honest one."""
    view = memoryview(content)
    kept = [view[:8]]
    at = 8
    while at + 8 <= len(content):
        kind = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(view[at : at + 4])
        if not (kind in TEXTS or kind == b"iCCP") or _is_wanted(kind, content[at + 8 : end - 4]):
            kept.append(view[at:end])
        at = end
    return b"".join(kept)


def _is_wanted(kind: bytes, data: bytes) -> bool:
    """Whether such a part says how to hold the picture or what its colours are, and is small when unpacked."""
    name, _nul, packed = data.partition(b"\0")
    if kind in TEXTS and name not in TELLING_TEXTS:
        return False
    if kind == b"iTXt":
        flags, (_language, _nul, packed) = packed[:2], packed[2:].partition(b"\0")
        packed = packed.partition(b"\0")[2]
        if flags != b"\1\0":
            return len(packed) <= MAX_METADATA
    elif kind == b"tEXt":
        return len(packed) <= MAX_METADATA
    else:
        if packed[:1] != b"\0":
            return False
        packed = packed[1:]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed, MAX_METADATA)
    except zlib.error:
        return False
    return not unpacker.unconsumed_tail


def _turn(image: Image.Image) -> int:
    """How the picture is to be held, 1 to 8. What a camera wrote so that nobody can read it is no damage to the picture."""
    try:
        turn = image.getexif().get(ORIENTATION, 1)
    except Exception:
        return 1
    return turn if turn in UPRIGHT else 1


def _check_size(image: Image.Image) -> None:
    size = {"width": image.width, "height": image.height}
    if image.width * image.height > MAX_PIXELS:
        raise Refused(_("的像素过多（%(width)d×%(height)d，最多5000万）。请缩小后重新上传。"), **size)
    if max(image.size) > MAX_SIDE:
        raise Refused(
            _("过长或过宽（%(width)d×%(height)d，每边最多%(limit)d像素）。请裁成几张后重新上传。"),
            **size,
            limit=MAX_SIDE,
        )
    # Its decoder keeps two bytes of each sample besides the picture.
    if image.info.get("progressive") and image.width * image.height > MAX_PROGRESSIVE_PIXELS:
        raise Refused(TOO_LARGE)


def _encoded(image: Image.Image, kind: str, turn: int, most: int) -> memoryview:
    exif = Image.Exif()
    if turn in UPRIGHT:
        exif[ORIENTATION] = turn
    kept = ("transparency", "icc_profile") if kind == "PNG" else ("icc_profile",)
    image.info = {key: image.info[key] for key in kept if key in image.info}
    more: dict[str, Any] = {"exif": exif.tobytes() if len(exif) else b""}
    if kind == "JPEG":
        more["icc_profile"] = image.info.get("icc_profile")
    for grade in GRADES[kind]:
        out = io.BytesIO()
        image.save(out, kind, **grade, **more)
        if out.tell() <= most:
            return out.getbuffer()
    raise Refused(TOO_LONG)
