"""How a stored file leaves: only from a view that has checked who asks for it."""

import logging

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from applications.files.examining import JPEG, PDF, PNG
from applications.files.models import StoredFile

logger = logging.getLogger(__name__)

# A browser may show these in place; anything else is always a download.
SHOWN_INLINE = {PDF, JPEG, PNG}


def file_response(stored: StoredFile, *, inline: bool = False) -> HttpResponseBase:
    """The file as a download under its own name (RFC 6266, so Chinese survives), or shown in place.

    The caller has checked the permission. Whatever is inside can run nothing and load nothing: it is sandboxed,
    its type is not guessed, and no cache keeps it. A file whose bytes are gone is said to be gone, and logged.
    """
    try:
        content = stored.file.open("rb")
    except OSError:
        logger.critical("the stored file %s cannot be opened", stored.pk, exc_info=True)
        page = HttpResponse(render_to_string("files/missing.html", {"name": stored.name}), status=404)
        page["Cache-Control"] = "private, no-store"
        return page
    response = FileResponse(
        content,
        as_attachment=not (inline and stored.content_type in SHOWN_INLINE),
        filename=stored.name,
        content_type=stored.content_type,
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
