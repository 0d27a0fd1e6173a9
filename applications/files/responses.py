"""How a stored file leaves: only from a view that has checked who asks for it."""

import logging
from typing import TypeVar

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from applications.files.examining import JPEG, PDF, PNG
from applications.files.models import StoredFile
from applications.files.scanning import is_infected
from applications.files.storage import StorageAway

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=HttpResponseBase)

# A browser may show these in place; anything else is always a download.
SHOWN_INLINE = {PDF, JPEG, PNG}


def showing(response: R, stored: StoredFile) -> R:
    """The answer, marked as one in which this file is shown."""
    response._shown_file = str(stored.pk)  # type: ignore[attr-defined]
    return response


def shown_file(response: HttpResponseBase) -> str:
    """The key of the file that an answer shows; empty where it shows none, or says why it cannot be shown."""
    return getattr(response, "_shown_file", "")


def file_response(stored: StoredFile, *, inline: bool = False) -> HttpResponseBase:
    """The file as a download under its own name (RFC 6266, so Chinese survives), or shown in place.

    The caller has checked the permission. Whatever is inside can run nothing and load nothing: it is sandboxed,
    its type is not guessed, and no cache keeps it. A file whose bytes are gone is said to be gone, and logged; one that
    cannot be had for a while is said to be that; one in which a virus was found is opened to nobody.
    """
    if is_infected(stored):
        return infected(stored)
    try:
        content = stored.file.open("rb")
    except OSError as error:
        return unavailable(stored, error)
    response = FileResponse(
        content,
        as_attachment=not (inline and stored.content_type in SHOWN_INLINE),
        filename=stored.name,
        content_type=stored.content_type,
    )
    # What is stored is as long as it was, wherever it comes from; one that breaks off is seen to.
    response["Content-Length"] = str(stored.size)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return showing(response, stored)


def unavailable(stored: StoredFile, error: OSError) -> HttpResponse:
    """The page for a file whose bytes are gone, or cannot be had for a while; it is logged."""
    if isinstance(error, StorageAway):
        logger.error("the store of the files is away", exc_info=error)
        page = _page("files/away.html", stored, status=503)
        page["Retry-After"] = "60"
        return page
    logger.critical("the stored file %s cannot be opened", stored.pk, exc_info=error)
    return _page("files/missing.html", stored, status=404)


def infected(stored: StoredFile) -> HttpResponse:
    """The page for a file that is kept and never opened."""
    return _page("files/infected.html", stored, status=403)


def _page(template: str, stored: StoredFile, *, status: int) -> HttpResponse:
    page = HttpResponse(render_to_string(template, {"name": stored.name}), status=status)
    page["Cache-Control"] = "private, no-store"
    return page
