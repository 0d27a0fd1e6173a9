"""What somebody has who has the paper alone."""

import pypdfium2
import zxingcpp


def qr_on(pdf: bytes) -> str:
    """The text of the one code on the last page, read from its picture as a telephone would."""
    pages = pypdfium2.PdfDocument(pdf)
    picture = pages[len(pages) - 1].render(scale=300 / 72).to_pil().convert("L")
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text
