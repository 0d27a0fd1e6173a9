"""A file looked at in place: a page without scripts that shows one page of it as a picture."""

import base64
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.files.models import StoredFile
from applications.files.responses import SHOWN_INLINE, file_response, infected, showing, unavailable
from applications.files.scanning import is_infected, is_withheld
from applications.files.storage import StorageAway

# Percent of the frame's width, and of a page 900 pixels wide.
ZOOMS = (100, 150, 200, 300)
TURNS = (0, 90, 180, 270)
WIDTH = 900
# It runs nothing and loads nothing but its style; what is shown is in it. Only pages of this site put it into a frame.
POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def viewer_page(request: HttpRequest, stored: StoredFile, *, label: str) -> HttpResponse:
    """The page of a file that the address asks for (``page``, ``zoom``, ``turn``; what does not exist: the nearest or the
    first); 503 where it could not be drawn. The caller has checked the permission, and notes the reading of what was
    shown."""
    if is_infected(stored):
        return framed(infected(stored))
    zoom = _one_of(ZOOMS, request.GET.get("zoom"))
    turn = _one_of(TURNS, request.GET.get("turn"))
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    try:
        shown, problem = _drawn(stored, number, WIDTH * zoom // 100, turn), ""
    except (StorageAway, OSError) as error:
        return framed(unavailable(stored, error))
    except (bounded.OverBudget, bounded.NotExamined, Refused):
        shown, problem = None, _("这个文件暂时不能在这里显示。")
        if not is_withheld(stored):
            problem += _("请用“打开原文件”查看。")
    context: dict[str, Any] = {
        "label": label,
        "name": stored.name,
        "shown": shown,
        "problem": problem,
        "zoom": zoom,
        "turn": turn,
        "zooms": ZOOMS,
        "right": (turn + 90) % 360,
        "left": (turn + 270) % 360,
        "withheld": is_withheld(stored),
    }
    if problem:
        return framed(render(request, "files/viewer.html", context, status=503))
    return showing(framed(render(request, "files/viewer.html", context)), stored)


def upload_response(request: HttpRequest, stored: StoredFile, *, label: str) -> HttpResponseBase:
    """Somebody's upload for an officer: as it is, where the scanner passed it, else page by page as pictures."""
    if "page" in request.GET or is_withheld(stored):
        return viewer_page(request, stored, label=label)
    return file_response(stored, inline=True)


def framed(response: HttpResponse, policy: str = POLICY) -> HttpResponse:
    """The same for a frame in a page of this site, and for nobody's cache."""
    response["Content-Security-Policy"] = policy
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def pages_of(pdf: bytes, *, width: int = WIDTH) -> list[str]:
    """All pages of a PDF of ours as addresses of pictures. OverBudget, NotExamined."""
    with bounded.run("applications.files.pages:draw_all", pdf, str(width)) as answer:
        sizes = json.loads(answer.readline())["sizes"]
        return [_address(answer.read(size)) for size in sizes]


def _drawn(stored: StoredFile, page: int, width: int, turn: int) -> dict[str, Any]:
    if stored.content_type not in SHOWN_INLINE:
        raise bounded.NotExamined
    with stored.file.open("rb") as file:
        content = file.read()
    arguments = (stored.content_type, str(page), str(width), str(turn))
    with bounded.run("applications.files.pages:draw", content, *arguments) as answer:
        told = json.loads(answer.readline())
        pictures = [_address(answer.read(size)) for size in told["sizes"]]
    number, pages = told["page"], told["pages"]
    return {
        "picture": pictures[0],
        "page": number,
        "pages": pages,
        "before": number - 1 or None,
        "after": number + 1 if number < pages else None,
        "small": list(enumerate(pictures[1:], told["first"])),
    }


def _address(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def _one_of(known: tuple[int, ...], asked: str | None) -> int:
    return next((each for each in known if str(each) == asked), known[0])
