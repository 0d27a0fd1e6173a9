"""Pages of files as pictures, drawn in the child process (see bounded_child); nothing here imports Django.

Whoever looks at a paper this way sees its pages and meets nothing else of the file.
"""

import io
import json
import time
from collections.abc import Callable, Iterator

from PIL import Image, ImageOps

from applications.files.examining import JPEG, PDF, PNG

# Of a small one, in pixels.
SMALL = 120
MOST_SMALL = 8
MAX_SIDE = 5000
# So many seconds of computing may be used up before another small picture is begun.
ENOUGH = 1.0

# The number of a page (from 0) and a width in pixels to the picture of it.
Draw = Callable[[int, int], Image.Image]


def draw(content: bytes, content_type: str, page: str, width: str, turn: str) -> Iterator[bytes]:
    """A line of JSON, ``{"pages": n, "page": p, "sizes": [bytes…], "first": q}``, and JPEGs one behind the other: the page
    (numbered from 1; one that does not exist: the nearest), so wide and turned by so many degrees to the right, then
    small ones of the pages from ``first`` on, as far as the time goes.
    """
    started = time.process_time()
    pages, drawn = opened(content, content_type)
    number = min(max(int(page), 1), pages)
    first = max(1, min(number - MOST_SMALL // 2, pages - MOST_SMALL + 1))
    pictures = [jpeg(drawn(number - 1, int(width)).rotate(-int(turn), expand=True), 85)]
    for small in range(first, min(first + MOST_SMALL, pages + 1) if pages > 1 else first):
        if time.process_time() - started > ENOUGH:
            break
        pictures.append(jpeg(drawn(small - 1, SMALL), 70))
    sizes = [len(picture) for picture in pictures]
    yield json.dumps({"pages": pages, "page": number, "sizes": sizes, "first": first}).encode() + b"\n"
    yield from pictures


def draw_all(content: bytes, width: str) -> Iterator[bytes]:
    """The same of a PDF of ours: all its pages, none of them small."""
    pages, drawn = opened(content, PDF)
    pictures = [jpeg(drawn(number, int(width)), 85) for number in range(pages)]
    yield json.dumps({"sizes": [len(picture) for picture in pictures]}).encode() + b"\n"
    yield from pictures


def opened(content: bytes, content_type: str) -> tuple[int, Draw]:
    return _paper(content) if content_type == PDF else _picture(content, content_type)


def _paper(content: bytes) -> tuple[int, Draw]:
    import pypdfium2

    paper = pypdfium2.PdfDocument(content)

    def drawn(number: int, width: int) -> Image.Image:
        page = paper[number]
        across, down = page.get_size()
        scale = min(width / across, MAX_SIDE / down)
        picture: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
        return picture.convert("RGB")

    return len(paper), drawn


def _picture(content: bytes, content_type: str) -> tuple[int, Draw]:
    kind = {JPEG: "JPEG", PNG: "PNG"}[content_type]

    def drawn(number: int, width: int) -> Image.Image:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=[kind])
        picture.draft("RGB", (2 * width, MAX_SIDE))
        picture.thumbnail((2 * width, MAX_SIDE))
        picture = ImageOps.exif_transpose(picture)
        picture.thumbnail((width, MAX_SIDE))
        if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA"):
            picture = picture.convert("RGBA")
            paper = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(paper, picture)
        return picture.convert("RGB")

    return 1, drawn


def jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
