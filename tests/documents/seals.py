"""Pictures of seals: a ring with a star on nothing, and what is wrong about others."""

import io

from PIL import Image, ImageDraw

from applications.files.inspection import Inspected

RED = (200, 22, 29, 255)
CLEAR = (0, 0, 0, 0)


def seal(
    *, side: int = 600, height: int | None = None, margin: int = 40, colour=RED, paper=CLEAR, disc=False
) -> bytes:
    """A PNG of a seal ``side`` pixels wide with so much around it."""
    height = height or side
    image = Image.new("RGBA", (side + 2 * margin, height + 2 * margin), paper)
    draw = ImageDraw.Draw(image)
    box = (margin, margin, margin + side - 1, margin + height - 1)
    draw.ellipse(box, fill=colour if disc else None, outline=colour, width=side // 30)
    middle = (margin + side // 2, margin + height // 2, side // 6)
    draw.regular_polygon(middle, 5, fill=colour)
    return encoded(image)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "印章.png") -> Inspected:
    return Inspected(name, content, "image/png", 1)
