"""Pictures that are made to cost, and files that are not what they say."""

import io
import struct
import zlib

from PIL import Image

from tests.files.hostile_words import (
    BROKEN,
    HOSTILE,
    PIXELS,
    SIDE,
    TAKEN,
    TOO_LARGE,
    hostile,
)

# -- Pictures


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, interlace: int = 0, more=b"", data=None):
    """A PNG of zeros; ``data`` instead of them. ``colour``: 0 grey, 2 RGB, 3 palette, 6 RGBA."""
    if data is None:
        samples = {0: 1, 2: 3, 3: 1, 6: 4}[colour]
        row = bytes(1 + (width * samples * depth + 7) // 8)
        packer = zlib.compressobj(1)
        block = row * max(1, (1 << 20) // len(row))
        left, pieces = len(row) * height, []
        while left > 0:
            pieces.append(packer.compress(block[:left]))
            left -= len(block)
        data = b"".join(pieces) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
        + more
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


TEXT = b"Comment\0\0" + zlib.compress(bytes(80 << 20), 9)
for _name, _make, _word in [
    ("一像素宽", lambda: png(1, 50_000_000, depth=1, colour=0), SIDE),
    ("一像素高", lambda: png(50_000_000, 1, depth=1, colour=0), SIDE),
    ("一百亿像素", lambda: png(100_000, 100_000, data=zlib.compress(bytes(1000))), PIXELS),
    ("四十亿乘四十亿", lambda: png(2**31 - 1, 2**31 - 1, data=b""), PIXELS),
    ("五千零一万像素", lambda: png(10_000, 5_001, depth=1, colour=0), PIXELS),
    ("边长三万零一", lambda: png(30_001, 10, colour=0), SIDE),
    ("零像素", lambda: png(0, 0, data=b""), BROKEN),
    ("只有头", lambda: png(5_000, 5_000, data=zlib.compress(b"")), BROKEN),
    ("说明文字炸弹", lambda: png(10, 10, more=chunk(b"zTXt", TEXT)), TAKEN),
    ("色彩特性炸弹", lambda: png(10, 10, more=chunk(b"iCCP", TEXT)), TAKEN),
    ("十万段说明", lambda: png(10, 10, more=chunk(b"tEXt", b"a\0" + b"x" * 80) * 95_000), TAKEN),
    ("没有调色板", lambda: png(4_000, 4_000, colour=3), BROKEN),
    ("数据之后的炸弹", lambda: png(10, 10, data=zlib.compress(bytes(200 << 20), 1)), TAKEN),
    ("交错的大图", lambda: png(7_000, 7_000, colour=6, interlace=1), BROKEN),
    ("十六位的大图", lambda: png(7_000, 7_000, depth=16, colour=6), TAKEN),
]:
    HOSTILE[_name] = (f"{_name}.png", _make, _word)


def jpeg(size=(64, 64), **save) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "JPEG", **save)
    return out.getvalue()


def resized(content: bytes, width: int, height: int) -> bytes:
    """The same JPEG with another size in its frame header."""
    at = next(at for at in (content.find(b"\xff\xc0"), content.find(b"\xff\xc2")) if at > 0)
    return content[: at + 5] + struct.pack(">HH", height, width) + content[at + 9 :]


@hostile("照片称有四十亿像素", PIXELS, "jpg")
def _():
    return resized(jpeg(), 65_500, 65_500)


@hostile("照片称有五万乘一", SIDE, "jpg")
def _():
    return resized(jpeg(), 50_000, 1)


@hostile("照片称有七千见方", TAKEN, "jpg")
def _():
    return resized(jpeg(), 7_000, 7_000)


@hostile("渐进照片的大图", TOO_LARGE, "jpg")
def _():
    return jpeg((4_600, 4_600), progressive=True, subsampling=0)


@hostile("一万次扫描", TOO_LARGE, "jpg")
def _():
    content = jpeg((4_400, 4_400), progressive=True)
    at = content.rindex(b"\xff\xda")
    return content[:at] + content[at:-2] * min(10_000, (9 << 20) // len(content[at:])) + b"\xff\xd9"


@hostile("倒置的大照片", TAKEN, "jpg")
def _():
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg((7_000, 7_000), exif=exif)


@hostile("成环的拍摄信息", TAKEN, "jpg")
def _():
    tiff = (
        b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x8769, 4, 1, 8) + bytes(4)
    )
    content = jpeg()
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(tiff) + 2) + tiff + content[2:]


@hostile("动图", TAKEN, "png")
def _():
    out = io.BytesIO()
    frames = [Image.new("RGB", (800, 800), (shade, 0, 0)) for shade in range(3)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


# -- Not what they say


@hostile("压缩炸弹", "的内容不是 PDF")
def _():
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(60 << 20))
    return out.getvalue()


@hostile("网页", "的内容不是 PDF")
def _():
    return b"<html>" + b"<b>" * 3_000_000


@hostile("一百万个同名文件", "的内容不是 JPG", "jpg")
def _():
    return b"PK\x03\x04" + b"PK\x01\x02" * 2_000_000
