"""The public verification page, and the download of a document by those who may read it."""

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
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from redis.exceptions import RedisError

from applications.accounts.known_devices import VERIFYING
from applications.accounts.limits import Limit, Try, address_of, begin
from applications.documents import services
from applications.documents.access import may_read
from applications.documents.asking import Kind, Question, answer
from applications.documents.digest import content_sha256
from applications.documents.forms import AskForm
from applications.documents.models import Document
from applications.documents.models import Kind as Letter
from applications.documents.numbering import clean_verification_code, in_groups
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.files.viewing import framed, viewer_page

logger = logging.getLogger(__name__)

ASKING = Limit("verify", times=10, seconds=60)
# What a device is remembered for: it found a document.
_DEVICE = "found"
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


@takes_files(megabytes=20)
@require_http_methods(["GET", "HEAD", "POST"])
@_public_answer
def verify(request: HttpRequest) -> HttpResponseBase:
    """Asks for a number, a code or a PDF, and answers. A code that came without a PDF has a page of its own."""
    if request.method != "POST" and "code" not in request.GET:
        return render(request, "documents/verify.html", {"form": AskForm()})
    form = AskForm(request.POST, request.FILES) if request.method == "POST" else AskForm(request.GET)
    if not form.is_valid():
        return render(request, "documents/verify.html", {"form": form})
    question, digest = form.cleaned_data["code"], form.digest()
    if question is not None and question.kind is Kind.CODE and not digest:
        return redirect("documents:verified", code=question.value)
    return _answered(request, question, digest)


@require_safe
@_public_answer
def verified(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the document with this code is worth today: where a QR code leads."""
    clean = clean_verification_code(code)
    return _answered(request, Question(Kind.CODE, clean or code), "")


def _answered(request: HttpRequest, question: Question | None, digest: str) -> HttpResponse:
    """A device that has found a document by its code or PDF is counted by itself, another with its network; and what
    was found so does not count at all: many people behind one address may hold genuine papers."""
    mark = VERIFYING.mark(request, _DEVICE)
    asked = begin(ASKING, f"device {mark}" if mark else f"address {address_of(request)}")
    if not asked.admitted:
        return _too_many(request, asked)
    given = answer(question, digest, on=timezone.localdate())
    typed = question.value if question else ""
    if question is not None and question.kind is Kind.CODE:
        typed = in_groups(typed)
    form = AskForm(initial={"code": typed})
    context = {"form": form, "answer": given, "typed": typed}
    if given.verdict is None:
        page = render(request, "documents/verify.html", context, status=200 if given.exists else 404)
    else:
        context |= {"verdict": given.verdict, "document": given.verdict.document}
        context["digest"] = content_sha256(given.verdict.document)
        page = render(request, "documents/verified.html", context)
    if given.found:
        asked.take_back()
        VERIFYING.remember(request, page, _DEVICE)
    return page


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
    if response.status_code != 200:
        return response
    if request.user.is_staff:
        services.record_reading(document=document, reader=request.user, at=now, goes_on=paged)
    elif document.kind == Letter.CREDIT_REPORT:
        # Of a report its holder can see who took it.
        services.record_download(document=document, by=request.user, at=now)  # type: ignore[arg-type]
    return response
