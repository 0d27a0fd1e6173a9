"""QR codes: drawn in a page, or as the picture that a letter prints."""

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

# Pixels of a module: 400 dots an inch where a letter prints the code.
MODULE = 6


def drawn(address: str) -> SafeString:
    """The code of an address of ours as segno's own SVG, with class ``qr``."""
    return mark_safe(segno.make(address, error="m").svg_inline(border=0, omitsize=True, svgclass="qr"))


def picture(text: str) -> bytes:
    """The code of an address and what is signed behind it as a PNG, which WeasyPrint draws sooner than lines. Its pixels are
    greys of a byte: those of a bit would be made into colours first."""
    # Of pages only those of letters load it.
    from PIL import Image

    # A signature looks like chance under any mask; to compare all eight takes longer than the rest.
    code = segno.make(text, error="m", mask=0)
    modules = b"".join(code.matrix).translate(bytes((255, 0)).ljust(256))
    side = len(code.matrix)
    small = Image.frombytes("L", (side, side), modules)
    large = small.resize((side * MODULE, side * MODULE), Image.Resampling.NEAREST)
    found = BytesIO()
    # It is unpacked again at once.
    large.save(found, "PNG", compress_level=1)
    return found.getvalue()
