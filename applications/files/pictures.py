"""Pictures, decoded and encoded anew in the child process (see bounded_child); nothing here imports Django."""

import io
import warnings
from typing import Any

from PIL import Image, ImageFile, ImageOps

from applications.files.bounded_child import Refused

MAX_PIXELS = 50_000_000
# Every row costs memory of its own, however short it is.
MAX_SIDE = 30_000
# Turning needs the picture twice in memory. A larger one keeps the mark that says how to hold it.
MAX_TURNED_PIXELS = 25_000_000
MAX_PROGRESSIVE_PIXELS = 20_000_000
ORIENTATION = 0x0112


def _(sentence: str) -> str:
    """Marks a sentence that the parent translates."""
    return sentence


TOO_LARGE = _("太大，无法检查：解开后需要的内存过多。请缩小尺寸后重新上传。")


TOO_LONG = _("检查后重新编码，仍然超过10 MB。请缩小尺寸，另存为普通的 JPG 后重新上传。")
# One after the other, until the picture is small enough. A higher level of PNG takes five times as long for a tenth less.
GRADES: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"quality": 92}, {"quality": 75}, {"quality": 50}],
    "PNG": [{"compress_level": 3}, {"compress_level": 6}],
}


def reencode(content: bytes, kind: str, most: int) -> memoryview:
    """The same picture, upright and freshly encoded: without metadata, and without anything hidden behind it.

    ``kind``: JPEG or PNG. ``most``: bytes that it may have; a photo loses a little quality for it, rather than be refused.
    """
    try:
        with warnings.catch_warnings():
            # The limit here is ours and lower than the one at which Pillow warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(
                io.BytesIO(content), formats=["JPEG", "MPO"] if kind == "JPEG" else ["PNG"]
            ) as image:
                _check_size(image)
                ImageFile.LOAD_TRUNCATED_IMAGES = False
                image.load()
                turn = image.getexif().get(ORIENTATION, 1)
                if image.width * image.height <= MAX_TURNED_PIXELS:
                    ImageOps.exif_transpose(image, in_place=True)
                    turn = 1
                return _encoded(image, kind, turn, most)
    except Image.DecompressionBombError:
        raise Refused(_("的像素过多（最多5000万）。请缩小后重新上传。")) from None
    except MemoryError:
        raise Refused(TOO_LARGE) from None
    except Refused:
        raise
    except Exception:
        # Pillow raises whatever the malformed part happens to break.
        raise Refused(_("不完整或已损坏，无法显示。请重新拍摄或扫描后上传。")) from None


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
    if turn in range(2, 9):
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
