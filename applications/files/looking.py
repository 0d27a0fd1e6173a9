"""What is to be seen on the pages of a file that will be hard to read, looked at in the child process (see bounded_child);
nothing here imports Django.

All of it is a guess from light and dark, red and grey: good enough to have a person look again, never to refuse a file.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from PIL import Image, ImageChops, ImageFilter

from applications.files.examining import A4_INCHES, ASKED_DPI, PDF
from applications.files.pages import jpeg, opened

# The longer side of a page as it is looked at: lines of print are some ten pixels high, and a seal ninety across.
SIDE = 680
# Of the picture that stands beside a remark.
SMALL = 160
MOST_PICTURES = 8
# The first ones are kept whatever is on them: they are how a file is known again.
FIRST_PICTURES = 3
# So many seconds of computing may be used up before another page is begun.
ENOUGH = 1.2
# Of 255, by which ink differs from what is around it, and red from the other two colours.
INK, RED = 28, 55
# Of a page: with less ink it is blank; from so much red on there may be a seal, a fifth of one.
BLANK, SEAL = 0.0004, 0.0008
# So many times as sharp as the lines of print would the columns be, if the page lay on its side; and so much ink it
# takes to tell.
SIDEWAYS, ENOUGH_INK = 1.8, 0.01


def look(content: bytes, content_type: str) -> Iterator[bytes]:
    """A line of JSON, ``{"findings": {…}, "pictures": [[page, bytes]…]}``, and these small JPEGs one behind the other.

    ``findings``: ``seen``, the number of pages that were looked at, from the first on; ``blank`` and ``sideways``, lists of
    pages; ``coarse``, a list of ``[page, width, height, dpi]`` in pixels; ``red``, the pages with something red.
    """
    started = time.process_time()
    pages, drawn = opened(content, content_type)
    grain = _grain_of_paper(content) if content_type == PDF else _grain_of_picture(content)
    findings: dict[str, Any] = {"seen": 0, "blank": [], "sideways": [], "coarse": [], "red": []}
    pictures: list[tuple[int, bytes]] = []
    for page in range(1, pages + 1):
        if time.process_time() - started > ENOUGH:
            break
        picture = drawn(page - 1, SIDE)
        picture.thumbnail((SIDE, SIDE))
        ink = _ink(picture)
        share = _share(ink)
        odd = share < BLANK
        if odd:
            findings["blank"].append(page)
        elif share > ENOUGH_INK and _lies_on_its_side(ink):
            findings["sideways"].append(page)
            odd = True
        measured = grain(page - 1)
        if measured and measured[2] < ASKED_DPI:
            findings["coarse"].append([page, *measured])
            odd = True
        if _share(_red(picture)) >= SEAL:
            findings["red"].append(page)
        if (odd or page <= FIRST_PICTURES) and len(pictures) < MOST_PICTURES:
            picture.thumbnail((SMALL, 2 * SMALL))
            pictures.append((page, jpeg(picture, 60)))
        findings["seen"] = page
    sizes = [[page, len(small)] for page, small in pictures]
    yield json.dumps({"findings": findings, "pictures": sizes}).encode() + b"\n"
    for _page, small in pictures:
        yield small


def _ink(picture: Image.Image) -> Image.Image:
    """White where something is darker than what is around it, as neither a shadow nor grey paper is; without the edge, where
    scanners leave theirs."""
    across, down = picture.width // 25, picture.height // 25
    inner = picture.convert("L").crop((across, down, picture.width - across, picture.height - down))
    around = inner.filter(ImageFilter.BoxBlur(8))
    return ImageChops.subtract(around, inner).point(lambda light: 255 if light > INK else 0)


def _red(picture: Image.Image) -> Image.Image:
    """White where a pixel is as red as the ink of a seal. Wood and skin are too yellow for it."""
    red, green, blue = picture.split()
    strong = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    yellow = ImageChops.subtract(green, blue)
    return ImageChops.subtract(strong, yellow).point(lambda much: 255 if much > RED else 0)


def _share(mask: Image.Image) -> float:
    """How much of a mask is white."""
    return mask.histogram()[255] / (mask.width * mask.height)


def _lies_on_its_side(ink: Image.Image) -> bool:
    """Whether light and dark change more sharply from column to column than from row to row, as between lines of print
    that run from top to bottom."""
    return _changes(ink.resize((ink.width, 1), Image.Resampling.BOX)) > SIDEWAYS * _changes(
        ink.resize((1, ink.height), Image.Resampling.BOX)
    )


def _changes(profile: Image.Image) -> float:
    levels = profile.tobytes()
    return sum(abs(one - next_) for one, next_ in pairwise(levels)) / len(levels)


# The number of a page (from 0) to what it has in pixels, and dots per inch; None where that is no question.
Grain = Callable[[int], tuple[int, int, int] | None]


def _grain_of_picture(content: bytes) -> Grain:
    """As if the photo were of a sheet of A4, which is what is asked for."""
    width, height = Image.open(io.BytesIO(content)).size
    return lambda _number: (width, height, round(max(width, height) / A4_INCHES))


def _grain_of_paper(content: bytes) -> Grain:
    """Of a page that is one picture; programs that make a paper of a photo call the sheet as large as they like, so none
    counts as larger than A4. Print has no grain."""
    import pypdfium2
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_TEXT

    paper = pypdfium2.PdfDocument(content)

    def grain(number: int) -> tuple[int, int, int] | None:
        page = paper[number]
        across, down = page.get_size()
        images = []
        for each in page.get_objects(max_depth=3):
            if each.type == FPDF_PAGEOBJ_TEXT and not _is_hidden(each):
                return None
            if each.type == FPDF_PAGEOBJ_IMAGE:
                left, bottom, right, top = each.get_bounds()
                if (right - left) * (top - bottom) > 0.6 * across * down:
                    images.append(each.get_px_size())
        if len(images) != 1:
            return None
        width, height = images[0]
        inches = min(max(across, down) / 72, A4_INCHES)
        return width, height, round(max(width, height) / inches)

    return grain


def _is_hidden(text: Any) -> bool:
    """What a scanner recognised lies invisible over its picture."""
    from pypdfium2.raw import FPDF_TEXTRENDERMODE_INVISIBLE, FPDFTextObj_GetTextRenderMode

    return bool(FPDFTextObj_GetTextRenderMode(text) == FPDF_TEXTRENDERMODE_INVISIBLE)
