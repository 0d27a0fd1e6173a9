"""What the child process says about the picture of a seal (see files.bounded_child); nothing here imports Django."""

import io
from collections.abc import Iterator

from PIL import Image, ImageStat

from applications.files.bounded_child import Refused

# In pixels: of what is uploaded, and of what is kept, which is 300 dpi of a seal of 42 mm.
LEAST, KEPT = 400, 500
# Below this a pixel shows the paper (of 255).
SEEN = 32
# Of the square around a seal, the part that shows the paper. Outside the circle alone it is 0.21.
OPEN = 0.35
# A scan is a little askew.
ROUND = 1.05
# By how much its red is stronger than its green and its blue.
RED = 60


def _(sentence: str) -> str:
    """Marks a sentence that the parent translates."""
    return sentence


def examine_seal(content: bytes) -> Iterator[memoryview]:
    """The seal of a PNG as another PNG: cut out, KEPT pixels wide and high, and nothing but pixels.

    Raises Refused with the rest of a sentence that begins with the file's name.
    """
    image = Image.open(io.BytesIO(content), formats=["PNG"]).convert("RGBA")
    seen = image.getchannel("A").point(lambda alpha: 255 if alpha >= SEEN else 0)
    box = seen.getbbox()
    if box is None:
        raise Refused(_("是全透明的，上面没有印章。请重新导出后上传。"))
    image, seen = image.crop(box), seen.crop(box)
    if seen.histogram()[0] < OPEN * seen.width * seen.height:
        raise Refused(
            _(
                "没有透明背景，会盖住署名和日期。请抠去印章以外和笔画之间的底色，存为背景透明的 PNG 后重新上传。"
            )
        )
    if max(image.size) > ROUND * min(image.size):
        raise Refused(
            _(
                "不是正圆：去掉四周的空白后宽%(width)d、高%(height)d像素。请把印章扶正，裁去印章以外的内容后重新上传。"
            ),
            width=image.width,
            height=image.height,
        )
    if min(image.size) < LEAST:
        raise Refused(
            _(
                "太小：去掉四周的空白后只有%(size)d像素宽，至少要有%(least)d像素，否则印出来模糊。请用更高的分辨率扫描后重新上传。"
            ),
            size=min(image.size),
            least=LEAST,
        )
    red, green, blue = ImageStat.Stat(image.convert("RGB"), mask=seen).mean
    if red - max(green, blue) < RED:
        raise Refused(_("不是红色的。公文的印章用红色，请彩色扫描后重新上传。"))
    image.thumbnail((KEPT, KEPT), Image.Resampling.LANCZOS)
    # A fresh picture has none of what the old one said beside its pixels.
    kept = Image.new("RGBA", (KEPT, KEPT))
    kept.paste(image, ((KEPT - image.width) // 2, (KEPT - image.height) // 2))
    out = io.BytesIO()
    kept.save(out, "PNG", compress_level=9)
    yield out.getbuffer()
