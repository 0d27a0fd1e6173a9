"""How a stored file leaves: only from a view that has checked who asks for it."""

from django.http import FileResponse, HttpResponseBase

from applications.files.examining import JPEG, PDF, PNG
from applications.files.models import StoredFile

# A browser may show these in place; anything else is always a download.
SHOWN_INLINE = {PDF, JPEG, PNG}


def file_response(stored: StoredFile, *, inline: bool = False) -> HttpResponseBase:
    """The file as a download under its own name (RFC 6266, so Chinese survives), or shown in place.

    The caller has checked the permission. Whatever is inside can run nothing and load nothing: it is sandboxed,
    and its type is not guessed.
    """
    response = FileResponse(
        stored.file.open("rb"),
        as_attachment=not (inline and stored.content_type in SHOWN_INLINE),
        filename=stored.name,
        content_type=stored.content_type,
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
