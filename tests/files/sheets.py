"""Sheets of paper as a camera or a scanner sees them."""

import io
import random
from functools import cache

import pillow_heif
from pikepdf import Dictionary, Name, Pdf
from PIL import Image, ImageDraw

# A4 at 150 dots per inch.
A4 = (1240, 1754)


def blank(size=A4) -> Image.Image:
    return Image.new("RGB", size, (250, 248, 244))


def shaded(sheet: Image.Image) -> Image.Image:
    """As by a lamp on one side, with the noise of a small sensor."""
    light = Image.linear_gradient("L").resize(sheet.size).point(lambda v: 150 + v * 100 // 255)
    noisy = Image.blend(sheet, Image.effect_noise(sheet.size, 30).convert("RGB"), 0.08)
    return Image.composite(noisy, Image.new("RGB", sheet.size, (90, 90, 90)), light)


def printed(size=A4) -> Image.Image:
    """Lines of print, the same every time."""
    sheet, chosen = blank(size), random.Random(7)
    pen = ImageDraw.Draw(sheet)
    words = [
        "the",
        "repair",
        "of",
        "credit",
        "record",
        "was",
        "granted",
        "by",
        "bureau",
        "fine",
        "paid",
        "on",
        "October",
    ]
    for line in range(34):
        text = " ".join(chosen.choice(words) for _word in range(chosen.randint(8, 13)))
        at = (size[0] // 10 + 30 * (line % 5 == 0), size[1] * (line + 3) // 40)
        pen.text(at, text, fill=(25, 25, 30), font_size=max(size) // 66)
    return sheet


def sealed(sheet: Image.Image, ink=(205, 40, 45)) -> Image.Image:
    """With a round seal of four centimetres."""
    across = sheet.width * 40 // 210
    left, top = sheet.width * 3 // 5, sheet.height * 3 // 4
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((left, top, left + across, top + across), outline=ink, width=max(2, across // 28))
    pen.regular_polygon((left + across // 2, top + across // 2, across // 6), 5, fill=ink)
    return sheet


def jpeg(sheet: Image.Image) -> bytes:
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()


@cache
def heic(turn: int = 1) -> bytes:
    """A photo of a phone, 600 × 400 as it lies, to be held as EXIF numbers it."""
    pillow_heif.register_heif_opener()
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = turn
    printed((600, 400)).save(out, "HEIF", quality=50, exif=exif.tobytes())
    return out.getvalue()


def scanned(*sheets: Image.Image, inches=(8.27, 11.69), over: bytes = b"") -> bytes:
    """A PDF each page of which is one picture, with ``over`` drawn on it in the font F."""
    paper = Pdf.new()
    width, height = (72 * side for side in inches)
    for sheet in sheets:
        paper.add_blank_page(page_size=(width, height))
        page = paper.pages[-1]
        picture = paper.make_stream(
            jpeg(sheet),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=sheet.width,
            Height=sheet.height,
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(XObject=Dictionary(P=picture), Font=Dictionary(F=font))
        page.Contents = paper.make_stream(f"q {width} 0 0 {height} 0 0 cm /P Do Q ".encode() + over)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()
