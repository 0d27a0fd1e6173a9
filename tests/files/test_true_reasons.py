"""Files that are well but for what programs put around them, and photos that a phone has to be told to convert."""

import io
import zlib

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from applications.files.inspection import inspect
from tests.files.hostile_pictures import chunk, jpeg, png
from tests.files.test_uploads import make_pdf

PLACE = b"SECRET-PLACE "
LARGE = PLACE * 150_000
PROFILE = b"GBK profile\0\0" + zlib.compress(LARGE)


def text_of(kind: bytes, packed: bool, name: bytes = b"Comment") -> bytes:
    data = zlib.compress(LARGE) if packed else LARGE
    if kind == b"iTXt":
        return chunk(kind, name + b"\0" + (b"\1\0" if packed else b"\0\0") + b"\0\0" + data)
    return chunk(kind, name + (b"\0\0" if packed else b"\0") + data)


def size_of(content: bytes) -> tuple[int, int]:
    assert PLACE not in content
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert not image.info.get("icc_profile")
        return image.size


@pytest.mark.parametrize(
    "more",
    [
        text_of(b"tEXt", packed=False),
        text_of(b"zTXt", packed=True),
        text_of(b"iTXt", packed=False),
        text_of(b"iTXt", packed=True),
        text_of(b"iTXt", packed=True, name=b"XML:com.adobe.xmp"),
        text_of(b"zTXt", packed=True, name=b"Raw profile type exif"),
        chunk(b"iCCP", PROFILE),
        chunk(b"iCCP", b"p\0\7" + zlib.compress(b"of an unknown packing")),
        chunk(b"eXIf", b"II*\0" + LARGE),
        chunk(b"tEXt", b""),
    ],
)
def test_a_png_with_large_metadata_is_taken_without_it(more):
    assert size_of(inspect("扫描.png", png(30, 20, more=more)).content) == (30, 20)
    behind = png(30, 20)
    assert size_of(inspect("扫描.png", behind[:-12] + more + behind[-12:]).content) == (30, 20)


def segment(number: int, data: bytes) -> bytes:
    return b"\xff" + bytes([number]) + (len(data) + 2).to_bytes(2) + data


@pytest.mark.parametrize(
    "segments",
    [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + LARGE[:65_000]) * 60,
        segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0" + LARGE[:65_000]) * 60,
        segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 65_000) * 30,
        segment(0xE1, b"Exif\0\0not at all"),
        segment(0xE2, b"MPF\0" + LARGE[:3_000]),
        segment(0xFE, LARGE[:65_000]) * 60,
    ],
)
def test_a_photo_with_large_or_broken_metadata_is_taken_without_it(segments):
    photo = jpeg((30, 20))
    assert size_of(inspect("照片.jpg", photo[:2] + segments + photo[2:]).content) == (30, 20)


def test_a_png_that_says_how_to_hold_it_stands_upright():
    xmp = b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="6"/>'
    assert size_of(inspect("照片.png", png(30, 20, more=chunk(b"iTXt", xmp))).content) == (20, 30)


@pytest.mark.parametrize(
    "before",
    [b"\xef\xbb\xbf", b"\r\n\r\n", b"Content-Type: application/pdf\r\n\r\n", b"\0" * 1000, b"<html>"],
)
def test_what_stands_before_a_pdf_is_left_out(before):
    paper = make_pdf(2)
    passed = inspect("回单.pdf", before + paper)
    assert (passed.content, passed.pages) == (paper, 2)


@pytest.mark.parametrize(
    "behind", [b"\r\n------WebKitFormBoundaryAbC--\r\n", b"\n<!-- 12 ms -->", b"\n-- \nsent from a machine"]
)
def test_a_little_text_behind_a_pdf_is_left_out(behind):
    passed = inspect("回单.pdf", make_pdf(2) + behind)
    assert passed.content.endswith(b"%%EOF") and passed.pages == 2
    with pikepdf.open(io.BytesIO(passed.content)) as pdf:
        assert not pdf.get_warnings() and len(pdf.pages) == 2


def test_a_photo_called_jfif_is_a_jpg():
    passed = inspect("image0.JFIF", jpeg((30, 20)))
    assert (passed.content_type, passed.name) == ("image/jpeg", "image0.JFIF")
    with pytest.raises(ValidationError, match=r"其实是 PNG.*扩展名改为 \.png"):
        inspect("image0.jfif", png(30, 20))
    with pytest.raises(ValidationError, match=r"的内容不是 JPG.*另存为 PDF、JPG 或 PNG"):
        inspect("image0.jfif", b"hello")


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "IMG_0001.jpg", "照片.heif", "照片.pdf", "照片"])
def test_a_photo_of_a_phone_says_how_to_convert_it_there(name):
    with pytest.raises(ValidationError) as caught:
        inspect(name, HEIC)
    said = caught.value.messages[0]
    assert said.startswith(f"“{name}”是 HEIC 照片，系统没能把它转成 JPG。")
    assert "iPhone：在“设置→相机→格式”中选“兼容性最佳”" in said and "安卓手机" in said and "电脑" in said


def test_a_jpg_that_is_called_heic_only_needs_its_name():
    with pytest.raises(ValidationError, match=r"其实是 JPG.*扩展名改为 \.jpg"):
        inspect("IMG_0001.heic", jpeg((30, 20)))
