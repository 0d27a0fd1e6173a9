"""What a PDF really draws: the glyphs of its text, and the fonts that they come from."""

import io
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf
from fontTools.ttLib import TTFont

SHOWING = {"Tj", "TJ", "'", '"'}


class Glyph(NamedTuple):
    """``number`` 0 is .notdef, an empty box or nothing at all; so is what the embedded font does not have."""

    font: str
    number: int


class _Font:
    """An embedded font with codes of two bytes."""

    def __init__(self, font: pikepdf.Object) -> None:
        self.name = str(font.BaseFont)
        inner = font.DescendantFonts[0]
        descriptor = inner.FontDescriptor
        file = descriptor.get("/FontFile2", descriptor.get("/FontFile3"))
        self.count = TTFont(io.BytesIO(file.read_bytes()), lazy=True)["maxp"].numGlyphs
        numbers = inner.get("/CIDToGIDMap")
        self.numbers = numbers.read_bytes() if isinstance(numbers, pikepdf.Stream) else None

    def glyph(self, code: bytes) -> Glyph:
        at = int.from_bytes(code)
        number = at if self.numbers is None else int.from_bytes(self.numbers[2 * at : 2 * at + 2])
        return Glyph(self.name, number if number < self.count else 0)


def _drawn(page: pikepdf.Object) -> Iterator[Glyph]:
    """Of the page and of all that it is put together from."""
    resources = page.get("/Resources", pikepdf.Dictionary())
    fonts = {name: _Font(font) for name, font in resources.get("/Font", {}).items()}
    font = None
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            font = fonts[str(operands[0])]
        elif str(operator) in SHOWING:
            assert font is not None
            shown = operands[-1] if isinstance(operands[-1], pikepdf.Array) else [operands[-1]]
            for piece in shown:
                if isinstance(piece, pikepdf.String):
                    codes = bytes(piece)
                    yield from (font.glyph(codes[at : at + 2]) for at in range(0, len(codes), 2))
    for inner in resources.get("/XObject", {}).values():
        if inner.get("/Subtype") == "/Form":
            yield from _drawn(inner)


def glyphs(pdf: bytes) -> list[Glyph]:
    """Everything that is written in the PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [glyph for page in opened.pages for glyph in _drawn(page.obj)]


def boxes(pdf: bytes) -> int:
    return sum(glyph.number == 0 for glyph in glyphs(pdf))
