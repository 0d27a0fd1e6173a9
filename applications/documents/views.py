"""The public verification page, and the download of a document by those who may read it."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from redis.exceptions import RedisError

from applications.accounts.known_devices import VERIFYING
from applications.accounts.limits import Limit, Try, address_of, begin
from applications.documents import offline, services, signatures
from applications.documents.access import may_read
from applications.documents.asking import FileIs, Kind, Question, answer
from applications.documents.attached import schema
from applications.documents.digest import content_sha256
from applications.documents.earlier import completed
from applications.documents.forms import AskForm
from applications.documents.models import READING_COPIES, Document
from applications.documents.models import Kind as Letter
from applications.documents.numbering import clean_verification_code, in_groups
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.files.viewing import framed, viewer_page
from applications.language import as_kept

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
    asked = _begin(request)
    if not asked.admitted:
        return _too_many(request, asked)
    form = AskForm(request.POST, request.FILES) if request.method == "POST" else AskForm(request.GET)
    if not form.is_valid():
        return render(request, "documents/verify.html", {"form": form})
    question, digest = form.cleaned_data["code"], form.digest()
    if question is not None and question.kind is Kind.CODE and not digest:
        # It counts where it is answered.
        asked.take_back()
        return redirect("documents:verified", code=question.value)
    return _answered(request, asked, question, digest)


@require_safe
@_public_answer
def verified(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the document with this code is worth today: where a QR code leads."""
    asked = _begin(request)
    if not asked.admitted:
        return _too_many(request, asked)
    clean = clean_verification_code(code)
    return _answered(request, asked, Question(Kind.CODE, clean or code), "")


def _begin(request: HttpRequest) -> Try:
    """Count the question, before anything is done about it. A device that has found a document by its code or PDF is
    counted with the others that found that one, another with its network."""
    mark = VERIFYING.mark(request, _DEVICE)
    return begin(ASKING, f"device {mark}" if mark else f"address {address_of(request)}")


def _answered(request: HttpRequest, asked: Try, question: Question | None, digest: str) -> HttpResponse:
    """What was found by its code or PDF does not count: many people behind one address may hold genuine papers."""
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
        # The file that was chosen is the one kept here, to the byte.
        if given.file is FileIs.SAME:
            context["signature"] = signatures.of_document(given.verdict.document)
        page = render(request, "documents/verified.html", context)
    if found := given.found:
        asked.take_back()
        VERIFYING.remember(request, page, _DEVICE, shown=str(found.pk))
    return page


@login_required
@require_GET
def download(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """The PDF, to those who may read it; to anybody else it does not exist. ``?inline`` shows it in place, ``?page``
    one page of it.
    """
    document = _readable(request, document_id)
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


def _readable(request: HttpRequest, document_id: UUID) -> Document:
    document = Document.objects.select_related("pdf", "organ").filter(pk=document_id).first()
    if document is None or not may_read(request.user, document):  # type: ignore[arg-type]
        raise Http404
    return document


@login_required
@require_GET
def english(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """What a letter says, in English, for its readers to understand it; made for this one look and kept nowhere. To anybody who may
    not read the letter, and of a kind without one, it does not exist."""
    document = _readable(request, document_id)
    if document.kind not in READING_COPIES:
        raise Http404
    with as_kept():
        facts = completed(document)
    with translation.override("en"):
        context = {
            **facts,
            "document": document,
            "title": document.get_kind_display(),
            "code": in_groups(document.verification_code),
            "SITE_URL": settings.SITE_URL,
        }
        page = render(request, f"documents/english/{document.kind}.html", context)
    page.headers["Content-Language"] = "en"
    if request.user.is_staff:
        services.record_reading(document=document, reader=request.user, at=timezone.now())
    return page


def _published(said: dict[str, Any], *, seconds: int) -> JsonResponse:
    """For everybody, programs of others too, and kept by whoever passes it on for so long."""
    response = JsonResponse(said, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = f"public, max-age={seconds}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@_public_answer
def keys(request: HttpRequest) -> HttpResponseBase:
    """The keys and certificates that check documents without the portal."""
    return _published(offline.keys(), seconds=60)


@require_safe
def content_schema(request: HttpRequest) -> HttpResponseBase:
    """JSON Schema of the data in a PDF."""
    return _published(schema(), seconds=3600)


@require_safe
@_public_answer
def status_lists(request: HttpRequest) -> HttpResponseBase:
    """Of which days there are lists of documents."""
    return _published(offline.lists(), seconds=60)


@require_safe
@_public_answer
def status_list(request: HttpRequest, day: date, part: int) -> HttpResponseBase:
    """What became of the documents of a day."""
    listed = offline.status_list(day, part, at=timezone.now())
    if listed is None:
        raise Http404
    return _published(listed, seconds=10)
