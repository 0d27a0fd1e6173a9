"""From a document's frozen content to its PDF. The same content gives the same bytes.

Letters need nothing but their own text: style and mark are part of it, the font is the system's and is embedded. So
WeasyPrint may fetch nothing at all, whatever an applicant writes into a name or a reason, but two pictures that it is given
and does not look for: the QR code, and the seal that the content names by its digest.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from threading import local

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from weasyprint import CSS, HTML, Attachment
from weasyprint import Document as LaidOut
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from applications.documents import archiving, qr
from applications.documents.attached import NAME, attached
from applications.documents.digest import content_sha256
from applications.documents.earlier import completed
from applications.documents.fonts import FAMILIES, TABULAR, missing_characters
from applications.documents.models import Document, Kind
from applications.documents.numbering import in_groups
from applications.documents.offline import qr_text
from applications.documents.pades import Place
from applications.documents.seal import draw_seal
from applications.documents.seal_pictures import picture_of
from applications.files.examining import PNG

# It reports each step of each page; its warnings stay.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Rendered:
    """``seal``: where it is printed, None: the letter bears none."""

    pdf: bytes
    pages: int
    title: str
    seal: Place | None


DRAFTED = "（签发时生成）"
# The id of the seal (draw_seal gives it too), and points of a CSS pixel.
SEAL, POINTS = "seal", 0.75
_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)
# Where a letter finds the picture of its seal and its QR code.
PICTURE, QR = "seal:picture", "qr:code"


class NothingFetcher(URLFetcher):
    """Refuses every address but those of ``pictures``, PNGs of the letter itself. A letter that asks for another is not
    rendered: its template is wrong."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__()
        self.pictures = pictures

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url in self.pictures:
            return URLFetcherResponse(url, self.pictures[url], {"Content-Type": PNG})
        raise FatalURLFetchingError(f"a document may not load anything, but asked for {url[:80]}")


def may_fetch(document: Document, *, draft: bool = False) -> NothingFetcher:
    """What the letter may load: its own pictures. NoPicture."""
    pictures = {}
    if (seal := picture_of(document)) is not None:
        pictures[PICTURE] = seal
    if not draft:
        pictures[QR] = qr.picture(qr_text(document, verification_url(document)))
    return NothingFetcher(pictures)


def verification_url(document: Document) -> str:
    """Where the QR code of the document leads."""
    return f"{settings.SITE_URL}/v/{document.verification_code}/"


def render_html(document: Document, *, draft: bool = False) -> str:
    """The letter as HTML, in Chinese whatever the reader's language: the law's words are Chinese.

    A ``draft`` is what would be issued: it has no number or code by which it could be taken for issued, no drawn mark, and the
    picture of its seal is pale.
    """
    with translation.override("zh-hans"):
        content = completed(document)
        return render_to_string(
            f"documents/{document.kind}.html",
            {
                # A content key cannot replace what the engine states.
                **content,
                "document": document,
                "title": _title(document),
                "issuer": document.organ.name,
                "draft": draft,
                "number": DRAFTED if draft else document.number,
                "digest": "" if draft else content_sha256(document),
                "code": DRAFTED if draft else in_groups(document.verification_code),
                "address": DRAFTED if draft else verification_url(document),
                "SITE_URL": settings.SITE_URL,
                "qr": "" if draft else _verification_qr(document),
                "seal": _seal(document, draft=draft),
                "millimetres": (content.get("seal") or {}).get("millimetres"),
                "fonts": _as_css(_families(document)),
            },
        )


def _title(document: Document) -> str:
    """Of the commitments and reports some have a name of their own."""
    own: str | None = completed(document).get("title")
    return own or str(Kind(document.kind).label)


def _verification_qr(document: Document) -> SafeString:
    return format_html(
        '<img class="qr" src="{}" alt="打开核验网址的二维码：{}">', QR, verification_url(document)
    )


def _seal(document: Document, *, draft: bool) -> SafeString | str:
    if document.content.get("seal"):
        return format_html(
            '<img id="seal" class="seal{}" src="{}" alt="{}的印章图样">',
            " draft" if draft else "",
            PICTURE,
            document.organ.name,
        )
    return "" if draft else draw_seal(document.organ.name, families=_families(document))


def _families(document: Document) -> tuple[str, ...]:
    return TABULAR if document.kind == Kind.CREDIT_REPORT else FAMILIES


def _as_css(families: Iterable[str]) -> SafeString:
    return mark_safe(", ".join(f'"{family}"' for family in families))


def lay_out(document: Document, *, draft: bool = False) -> LaidOut:
    """The pages before they are written out. NoPicture."""
    return _laid_out(render_html(document, draft=draft), may_fetch(document, draft=draft))


class _Fonts(local):
    """What is loaded of the fonts, once for all letters of a thread: Pango shares it between no two."""

    def __init__(self) -> None:
        self.configuration = FontConfiguration()


_fonts = _Fonts()


def _laid_out(html: str, fetcher: NothingFetcher) -> LaidOut:
    """``html`` has one style, which is read once for all letters of its kind."""
    before, style, after = _STYLE.split(html, maxsplit=1)
    pages: LaidOut = HTML(string=before + after, url_fetcher=fetcher).render(
        stylesheets=[_stylesheet(style)], font_config=_fonts.configuration
    )
    return pages


@lru_cache(maxsize=64)
def _stylesheet(style: str) -> CSS:
    return CSS(string=style, url_fetcher=NothingFetcher({}))


def data_of(document: Document) -> Attachment:
    """What the document says, as it is attached to its PDF."""
    with translation.override("zh-hans"):
        said = attached(
            document, completed(document), title=_title(document), address=verification_url(document)
        )
    # Of the moment of issue like all of the file, not of that of rendering.
    at = document.issued_at.astimezone(UTC)
    return Attachment(
        string=said,
        name=NAME,
        description="文书内容的机器可读数据",
        created=at,
        modified=at,
        relationship="Data",
    )


def render_draft(document: Document) -> bytes:
    """The PDF of a letter as it would be issued."""
    pdf: bytes = lay_out(document, draft=True).write_pdf()
    return pdf


def render_page(template: str, context: dict[str, object]) -> bytes:
    """The PDF of a paper that is no document, in the look of the letters: a form to be signed by hand."""
    with translation.override("zh-hans"):
        text = render_to_string(
            template, {**context, "fonts": _as_css(FAMILIES), "SITE_URL": settings.SITE_URL}
        )
    pdf: bytes = _laid_out(text, NothingFetcher({})).write_pdf()
    return pdf


def render_pdf(document: Document) -> Rendered:
    """A4, fonts embedded. Errors of a template or of WeasyPrint are the caller's to note, and so is it where the picture of
    the seal cannot be had (NoPicture), or this machine lacks a font that the one had which issued the document: LookupError
    names the characters.
    """
    missing = missing_characters([document.organ.name, document.addressee, document.content])
    if missing:
        raise LookupError(f"no font has {' '.join(f'U+{ord(character):04X}' for character in missing)}")
    laid_out = lay_out(document)
    pdf = laid_out.write_pdf(
        finisher=archiving.finish,
        pdf_identifier=document.pk.bytes,
        attachments=[data_of(document)],
        **archiving.WRITTEN,
    )
    # Of the commitments only those for a repair are what the kind is called.
    own = document.content.get("title") if document.kind == Kind.COMMITMENT else None
    with translation.override("zh-hans"):
        title = own or str(Kind(document.kind).label)
    return Rendered(pdf=pdf, pages=len(laid_out.pages), title=title, seal=_place_of_seal(laid_out))


def _place_of_seal(laid_out: LaidOut) -> Place | None:
    for number, page in enumerate(laid_out.pages):
        if found := page.anchors.get(SEAL):
            left, top, right, bottom = (each * POINTS for each in found)
            height = page.height * POINTS
            return Place(number, left, height - bottom, right, height - top)
    return None
