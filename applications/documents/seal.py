"""The mark of an organ that has no picture of its seal in use (seal_pictures), drawn as SVG: a ring, the organ's name around a star, and how far it goes.

It marks who issued the document and says that verification counts. It is drawn and no signature, whether the file bears one or
not, so it may not call itself 电子签章.
"""

from collections.abc import Iterable
from math import cos, pi, sin

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from applications.documents.fonts import FAMILIES

RADIUS = 100
# The name runs along the ring from lower left over the top to lower right.
WIDEST_ARC = 250.0


def _point(radius: float, degrees: float) -> str:
    """Coordinates at an angle that counts clockwise from the top."""
    angle = degrees * pi / 180
    return f"{radius * sin(angle):.2f},{-radius * cos(angle):.2f}"


def _star(radius: float) -> str:
    inner = radius * 0.382
    return " ".join(_point(inner if i % 2 else radius, i * 36) for i in range(10))


def draw_seal(name: str, words: str = "以核验为准", *, families: Iterable[str] = FAMILIES) -> SafeString:
    """The mark as an SVG element, ``words`` below its star. A long name gets smaller characters, so that any name fits the
    ring. ``families``: the fonts of the page, in their order."""
    characters = [c for c in name if not c.isspace()] or [" "]
    step = min(27.0, WIDEST_ARC / len(characters))
    baseline = 70.0
    size = min(23.0, step * pi / 180 * baseline * 1.15)
    start = -step * (len(characters) - 1) / 2
    letters = format_html_join(
        "",
        '<text transform="rotate({}) translate(0,-{})" font-size="{}" text-anchor="middle">{}</text>',
        (
            (f"{start + i * step:.2f}", f"{baseline:g}", f"{size:.1f}", character)
            for i, character in enumerate(characters)
        ),
    )
    return format_html(
        '<svg id="seal" class="seal" viewBox="-104 -104 208 208" xmlns="http://www.w3.org/2000/svg">'
        "<title>{}，{}</title>"
        '<circle r="{}" fill="none" stroke="#c8161d" stroke-width="5"/>'
        '<polygon points="{}" fill="#c8161d"/>'
        '<g fill="#c8161d" font-family="{}">{}<text y="68" font-size="19" text-anchor="middle">{}</text></g></svg>',
        name,
        words,
        RADIUS - 1,
        _star(32),
        # Style sheets of the page do not reach into a drawing.
        ", ".join(families),
        letters,
        words,
    )
