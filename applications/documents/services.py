"""Issuing, rendering and voiding documents. A document that is issued is never edited."""

import json
import logging
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.documents.digest import content_sha256
from applications.documents.fonts import missing_characters
from applications.documents.models import Document, Kind
from applications.documents.numbering import make_verification_code, take_document_number
from applications.documents.offline import publish_key
from applications.documents.seal_pictures import frozen
from applications.documents.signing import Signed, sign
from applications.files.services import store_content
from applications.foreign_text import describe
from applications.language import as_kept, refuse_other_words, to_reader
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.organs.models import Organ
from applications.outbox.nudging import nudge

logger = logging.getLogger(__name__)

RENDER = "applications.documents.tasks.render_document"
# After so many failures somebody has to look at it.
ALARM_AFTER = 5


class Unprintable(ValidationError):
    """No font has a character of the document, so it is not issued. The message is for whoever issues it."""

    def __init__(self, *, kind: str, about: str, characters: list[str], at: datetime) -> None:
        self.kind, self.about, self.at = Kind(kind), about, at
        with as_kept():
            self.characters = _listed(characters)
        with to_reader():
            super().__init__(
                _(
                    "“%(kind)s”没有签发：字库中没有%(characters)s，印出来会是空白。已通知系统管理员补充字库；"
                    "这些字如果出自刚填写的内容，也可以改用其他写法后重新提交。"
                )
                % {"kind": self.kind.label, "characters": _listed(characters)}
            )


def _listed(characters: list[str]) -> str:
    # A text of a foreign script would be named letter by letter.
    return _("、").join(_named(character) for character in characters[:10])


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    if unicodedata.category(character) == "Co":
        return _("私用区字符 %(code)s") % {"code": code}
    return f"“{character}”（{code}）"


_alarming: ContextVar[bool] = ContextVar("alarming", default=False)


def is_alarming() -> bool:
    """Whether alarming() stands around what runs now."""
    return _alarming.get()


@contextmanager
def alarming() -> Iterator[None]:
    """Stands around a transaction that issues documents: if one is not issued, people are alarmed when all is undone.

    Of several that stand around each other only the outermost alarms: what an inner one wrote would be undone too.
    """
    if is_alarming():
        yield
        return
    token = _alarming.set(True)
    try:
        yield
    except Unprintable as error:
        with as_kept():
            report_fault(
                work=Fault.Work.DOCUMENT,
                row=f"{error.about} {error.kind.value}",
                error=error,
                at=error.at,
                told=_(
                    "%(about)s的“%(kind)s”没有签发：字库中没有%(characters)s。请在网站服务器和后台任务服务器上安装含有这些字的字体"
                    "（见运行手册“文书字体”），然后由经办人重新办理。"
                )
                % {"about": error.about, "kind": error.kind.label, "characters": error.characters},
            )
        raise
    finally:
        _alarming.reset(token)


@transaction.atomic
def issue_document(
    *,
    kind: str,
    organ: Organ,
    about: str,
    addressee: str,
    content: dict[str, Any],
    at: datetime,
    issued_by: User | None = None,
    valid_until: date | None = None,
    replaces: Document | None = None,
    number: str | None = None,
) -> Document:
    """Number and freeze a document; its PDF follows within seconds, and surely by the next sweep.

    ``about`` is the ledger's chain. ``content`` holds JSON values only, with the keys that the kind's template
    uses. ``number`` is given for a kind with numbers of its own; otherwise the organ's next one is taken, in
    the caller's transaction, so that a rollback leaves no gap. ValueError if the kind does not exist or needs
    its own number; RuntimeError where it is put together in another language (language.as_kept). Unprintable if no font has one of its characters; alarming() stands around the transaction.
    """
    refuse_other_words()
    kind = Kind(kind)
    missing = missing_characters([organ.name, addressee, content])
    if missing:
        raise Unprintable(kind=kind, about=about, characters=missing, at=at)
    lock_chain(about)
    if number is None:
        if kind == Kind.CREDIT_REPORT:
            raise ValueError("a credit report is issued under its own 22-character number")
        number = take_document_number(organ=organ, kind=kind, year=timezone.localdate(at).year)
    document = Document.objects.create(
        kind=kind,
        number=number,
        organ=organ,
        about=about,
        addressee=addressee,
        # What is hashed and rendered now is what is read back later.
        content=json.loads(json.dumps(content | frozen(kind, organ, at), ensure_ascii=False)),
        verification_code=make_verification_code(),
        issued_at=at,
        issued_by=issued_by,
        valid_until=valid_until,
        replaces=replaces,
    )
    record_event(
        chain=about,
        verb="document.issued",
        at=at,
        actor=issued_by,
        organ=organ,
        payload={
            "document": str(document.pk),
            "kind": str(kind),
            "number": number,
            "content_sha256": content_sha256(document),
        },
    )
    nudge(RENDER, str(document.pk))
    return document


def render_document(document_id: uuid.UUID | str, *, at: datetime) -> Document:
    """Make and store the PDF, once: a document that has one is returned as it is.

    The attempt is counted before it is made, so one that kills the worker counts too. A failure is noted in the
    row and raised; the sweep tries again.
    """
    document = Document.objects.select_related("organ", "pdf").get(pk=document_id)
    if document.pdf_id:
        return document
    Document.objects.filter(pk=document.pk).update(render_attempts=F("render_attempts") + 1)
    document.render_attempts += 1
    try:
        # WeasyPrint and its libraries are loaded only by who renders.
        from applications.documents.rendering import render_pdf

        publish_key(at=at)
        rendered = render_pdf(document)
        signed = sign(rendered.pdf, document.organ, over=rendered.seal, at=at)
        with transaction.atomic():
            lock_chain(document.about)
            locked = Document.objects.select_for_update().get(pk=document.pk)
            if locked.pdf_id:
                return locked
            locked.pdf = store_content(
                name=f"{rendered.title} {document.number}.pdf",
                content=signed.pdf,
                content_type="application/pdf",
                at=at,
                pages=rendered.pages,
            )
            locked.render_error = ""
            locked.save(update_fields=["pdf", "render_error"])
            record_event(
                chain=locked.about,
                verb="document.rendered",
                at=at,
                organ=document.organ,
                payload={
                    "document": str(locked.pk),
                    "number": locked.number,
                    "pdf_sha256": locked.pdf.sha256,
                    "pages": rendered.pages,
                }
                | _told(signed),
            )
            return locked
    except Exception as error:
        _record_failure(document, error, at=at)
        raise


def _told(signed: Signed) -> dict[str, Any]:
    """What the ledger keeps of a signature: the digest of its certificate, and what it proves (signing.Level)."""
    return (
        {"signed_by": signed.certificate.sha256, "signature": str(signed.level)} if signed.certificate else {}
    )


def _record_failure(document: Document, error: Exception, *, at: datetime) -> None:
    """Note why there is no PDF; after several tries, or where that cannot be noted, people are alarmed."""
    try:
        with transaction.atomic():
            Document.objects.filter(pk=document.pk).update(render_error=describe(error))
    except Exception as unsaid:
        report_fault(work=Fault.Work.DOCUMENT, row=document.pk, error=unsaid, at=at)
    if document.render_attempts >= ALARM_AFTER:
        logger.critical(
            "document %s (%s) cannot be rendered after %d attempts: %s",
            document.pk,
            document.number,
            document.render_attempts,
            describe(error),
        )


@transaction.atomic
def void_document(*, document: Document, reason: str, actor: User | None, at: datetime) -> Document:
    """Declare a document void, with the reason; it stays on file and the verification page says so at once.

    ValidationError without a reason, or where it is void already.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明作废原因。")})
    if len(reason) > 300:
        raise ValidationError({"reason": _("作废原因不超过300字，现有%(n)d字。") % {"n": len(reason)}})
    lock_chain(document.about)
    changed = Document.objects.filter(pk=document.pk, status=Document.Status.VALID).update(
        status=Document.Status.VOID, void_reason=reason, voided_at=at
    )
    if not changed:
        raise ValidationError(_("%(document)s此前已经作废。") % {"document": document})
    record_event(
        chain=document.about,
        verb="document.voided",
        at=at,
        actor=actor,
        organ=document.organ,
        payload={"document": str(document.pk), "number": document.number},
    )
    document.refresh_from_db()
    return document


def record_reading(*, document: Document, reader: User, at: datetime, goes_on: bool = False) -> None:
    """Note that an officer opened the document: the applicant sees who read their file. ``goes_on``: page by page."""
    note_reading(
        reader=reader,
        verb="document.read",
        at=at,
        about=document.about,
        role="officer",
        payload={"document": str(document.pk), "number": document.number},
        goes_on=goes_on,
    )


@transaction.atomic
def record_download(*, document: Document, by: User, at: datetime) -> None:
    """Note in the chain of the document that somebody whose it is took its PDF."""
    record_event(
        chain=document.about,
        verb="document.downloaded",
        at=at,
        actor=by,
        role="applicant",
        payload={"document": str(document.pk), "number": document.number},
    )
