"""What somebody has who has the paper alone."""

import pypdfium2
import zxingcpp


def qr_on(pdf: bytes, size: float = 1.0) -> str:
    """The text of the one QR code on the last page, read from its picture at 300 dpi as a telephone would.

    `size`: how large the page is drawn, as a part of its own size.
    """
    pages = pypdfium2.PdfDocument(pdf)
    picture = pages[len(pages) - 1].render(scale=300 / 72 * size).to_pil().convert("L")
    # Asked for every kind of code, it takes the strokes of a character for a line of bars now and then.
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text
