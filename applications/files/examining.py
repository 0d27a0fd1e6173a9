"""What the child process says about an upload (see bounded_child); nothing here imports Django."""

import json
from collections.abc import Iterator

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
# What phones call a photo; it is made a JPEG, which everybody can open.
HEIC = "image/heic"
# Of an upload, and of what is stored of it.
MAX_BYTES = 10 * 1024 * 1024
# What print of the usual size takes, in dots per inch, and the long side of A4.
ASKED_DPI = 120
A4_INCHES = 11.69


def examine(content: bytes, content_type: str, ours: str = "") -> Iterator[bytes | memoryview]:
    """A line of JSON, ``{"pages": n}``, and what is to be stored where that is not the content itself. ``ours`` is not empty for
    a document that the portal has issued (papers.check_pdf).

    Raises Refused with the rest of a sentence that begins with the file's name.
    """
    if content_type == PDF:
        from applications.files.papers import check_pdf, without_tail

        paper = content if ours else without_tail(content)
        yield _line(check_pdf(paper, ours=bool(ours)))
        if paper is not content:
            yield paper
    else:
        from applications.files.pictures import reencode

        picture = reencode(content, {JPEG: "JPEG", PNG: "PNG", HEIC: "HEIF"}[content_type], MAX_BYTES)
        yield _line(1)
        yield picture


def _line(pages: int) -> bytes:
    return json.dumps({"pages": pages}).encode() + b"\n"


def identify(content: bytes) -> Iterator[bytes]:
    """The usual extension of what the content seems to be, in capitals; nothing where it seems to be nothing."""
    import puremagic

    try:
        yield puremagic.magic_string(content)[0].extension.lstrip(".").upper().encode()
    except (puremagic.PureError, IndexError, ValueError):
        return
