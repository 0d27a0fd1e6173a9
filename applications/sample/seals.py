"""The seal of one organ of the sample, drawn and not scanned: it says of itself that it is none."""

import io
from datetime import datetime

import pypdfium2

from applications.accounts.models import User
from applications.documents.models import SealPicture
from applications.documents.seal import draw_seal
from applications.documents.seal_pictures import SealImage, approve_seal, propose_seal
from applications.files.examining import PNG
from applications.organs.models import Organ
from applications.sample.people import DOMAIN

# The unit of the demonstration's first case. All others keep the drawn mark.
SEALED = "nj-scjg"
MILLIMETRES = 42
PIXELS = 600
PAGE = """<style>@page {{ size: {mm}mm; margin: 0 }} body {{ margin: 0 }} svg {{ display: block; width: {mm}mm; height: {mm}mm }}
</style>{svg}"""


def load_seal(at: datetime) -> int:
    """Propose and approve it as two officers of the organ would; once."""
    organ = Organ.objects.filter(code=SEALED).first()
    if organ is None or SealPicture.objects.filter(organ=organ).exists():
        return 0
    proposer, decider = (
        User.objects.get(email=f"{post}.{SEALED}@{DOMAIN}") for post in ("approver2", "approver")
    )
    proposed = propose_seal(
        picture=SealImage("示例印章.png", _drawn(organ.name), PNG, 1),
        millimetres=MILLIMETRES,
        actor=proposer,
        at=at,
    )
    approve_seal(proposal=proposed, actor=decider, at=at)
    return 1


def _drawn(name: str) -> bytes:
    # It speaks while it is loaded, and every command would load it.
    from weasyprint import HTML

    page = HTML(string=PAGE.format(mm=MILLIMETRES, svg=draw_seal(name, "示例印章"))).write_pdf()
    scale = PIXELS / (MILLIMETRES / 25.4 * 72)
    with pypdfium2.PdfDocument(page) as paper:
        # On nothing at all, where a page is drawn on white.
        picture = paper[0].render(scale=scale, fill_color=(255, 255, 255, 0)).to_pil()
    out = io.BytesIO()
    picture.convert("RGBA").save(out, "PNG")
    return out.getvalue()
