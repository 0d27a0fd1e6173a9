"""The public verification page, and the download of a document by those who may read it."""

import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from redis.exceptions import RedisError

from applications.accounts.limits import Limit, Try, address_of, begin
from applications.documents import services, verification
from applications.documents.access import may_read
from applications.documents.digest import content_sha256
from applications.documents.forms import CodeForm, CompareForm
from applications.documents.models import Document
from applications.documents.numbering import clean_verification_code
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.files.viewing import framed, viewer_page

logger = logging.getLogger(__name__)

ASKING = Limit("verify", times=10, seconds=60)
# The worker is given this long; then whoever waits for the PDF makes it.
WORKER_GRACE = timedelta(seconds=10)


View = Callable[..., HttpResponseBase]


def _public_answer(view: View) -> View:
    """Answers about codes: not indexed, and "not available" is said apart from "does not exist"."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, **kwargs)
        except (DatabaseError, RedisError, OSError):
            logger.exception("verification is not available")
            # Nothing here may need the database again.
            context = {"user": AnonymousUser(), "messages": []}
            response = render(request, "documents/verify_unavailable.html", context, status=503)
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


def _too_many(request: HttpRequest, refused: Try) -> HttpResponse:
    response = render(request, "documents/verify_too_many.html", {"limit": ASKING.times}, status=429)
    response["Retry-After"] = str(refused.wait)
    return response


@require_GET
@_public_answer
def verify(request: HttpRequest) -> HttpResponseBase:
    """Asks for a code and leads to its page."""
    if "code" not in request.GET:
        return render(request, "documents/verify.html", {"form": CodeForm()})
    form = CodeForm(request.GET)
    if form.is_valid():
        return redirect("documents:verified", code=form.cleaned_data["code"])
    return render(request, "documents/verify.html", {"form": form})


@takes_files(megabytes=20)
@require_http_methods(["GET", "HEAD", "POST"])
@_public_answer
def verified(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the document with this code is worth today; a posted PDF is compared with it byte by byte."""
    asked = begin(ASKING, address_of(request))
    if not asked.admitted:
        return _too_many(request, asked)
    clean = clean_verification_code(code)
    document = verification.find_document(clean) if clean else None
    if document is None:
        context = {"form": CodeForm(initial={"code": code}), "missing": True}
        return render(request, "documents/verify.html", context, status=404)
    verdict = verification.verify(document, on=timezone.localdate())
    form, same = CompareForm(), None
    if request.method == "POST":
        form = CompareForm(request.POST, request.FILES)
        if form.is_valid() and document.pdf:
            digest = hashlib.sha256()
            for chunk in form.cleaned_data["pdf"].chunks():
                digest.update(chunk)
            same = hmac.compare_digest(digest.hexdigest(), document.pdf.sha256)
            form = CompareForm()
    return render(
        request,
        "documents/verified.html",
        {
            "verdict": verdict,
            "document": document,
            "digest": content_sha256(document),
            "form": form,
            "same": same,
        },
    )


@login_required
@require_GET
def download(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """The PDF, to those who may read it; to anybody else it does not exist. ``?inline`` shows it in place, ``?page``
    one page of it.
    """
    document = Document.objects.select_related("pdf", "organ").filter(pk=document_id).first()
    if document is None or not may_read(request.user, document):  # type: ignore[arg-type]
        raise Http404
    now, paged = timezone.now(), "page" in request.GET
    failed = False
    if document.pdf is None and now - document.issued_at > WORKER_GRACE:
        try:
            document = services.render_document(document.pk, at=now)
        except Exception:
            # Noted in the row; the sweep goes on trying and raises the alarm.
            logger.exception("document %s was not rendered for its reader", document.pk)
            failed = True
    if document.pdf is None:
        context = {"document": document, "failed": failed}
        page = render(request, "documents/rendering.html", context, status=202)
        return framed(page) if paged else page
    response = (
        viewer_page(request, document.pdf, label=f"{document.get_kind_display()} {document.number}")
        if paged
        else file_response(document.pdf, inline="inline" in request.GET)
    )
    if request.user.is_staff and response.status_code == 200:
        services.record_reading(document=document, reader=request.user, at=now, goes_on=paged)
    return response
