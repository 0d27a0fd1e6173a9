"""What somebody asks on the verification page: any number or code that a paper of ours bears, or the digest of a PDF."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from stdnum import exceptions
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from applications.documents import verification
from applications.documents.models import Document
from applications.documents.numbering import CODE_ALPHABET, clean_verification_code
from applications.organs.models import Organ
from rules.sameness import plain_number

UnderNumber = Callable[[str], QuerySet[Document] | None]

_readers: list[UnderNumber] = []

_LETTER = re.compile(r"(?P<before>.+〔\d{4}〕)(?:第)?(?P<serial>\d{1,9})号?")
_AS_PRINTED = "{}{}号"
_CASE = re.compile(r"XF(\d{6})(\d{4})(\d{6,9})(\d)")
_CHAIN = re.compile(r"(YY|HS)(\d{6})(\d{4})(\d{6,9})")
_REPORT = re.compile(rf"(\d{{14}})([{CODE_ALPHABET}]{{8}})")
_DIGEST = re.compile(r"[0-9A-F]{16}|[0-9A-F]{64}")


class Kind(StrEnum):
    """By what is asked. Who knows a code has the paper; numbers are counted up, so anybody can think of one."""

    CODE = "code"
    NUMBER = "number"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Question:
    kind: Kind
    value: str


class FileIs(StrEnum):
    """What a PDF is, compared with what was asked for."""

    NOT_GIVEN = "not_given"
    SAME = "same"
    # Also one that is not what the ledger says was issued, for whatever is stored here.
    DIFFERENT = "different"
    # Another document that was issued, unchanged.
    OTHER = "other"
    # There is no PDF yet to compare with.
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Answer:
    """``exists``: whether there is what was asked for. ``verdict``: of the one document that the question or, where that names
    none, the PDF leads to. ``other``: of the issued document that the PDF is instead.

    ``guessable``: only a number was given, so nothing is told that says whose the document is.
    """

    question: Question | None
    exists: bool
    file: FileIs
    verdict: verification.Verdict | None = None
    other: verification.Verdict | None = None

    @property
    def guessable(self) -> bool:
        numbered = self.question is not None and self.question.kind is not Kind.CODE
        return numbered and self.file is not FileIs.SAME

    @property
    def found(self) -> Document | None:
        """What was asked for, where nobody can have guessed it. A PDF that is another document answers no guess."""
        return None if self.guessable or self.verdict is None else self.verdict.document


def register_chain(reader: UnderNumber) -> None:
    """Let an app above say what was issued under a number of its own that has several letters; None for others'. Else it
    is what is filed in the chain of that name. Call it in ready()."""
    if reader not in _readers:
        _readers.append(reader)


def understand(typed: str) -> Question:
    """What was typed, as it is looked for: brackets, width, spaces, hyphens and case aside.

    ValidationError where it cannot be a number of ours, saying what it looks like and what to do.
    """
    plain = plain_number(typed)
    letter = _LETTER.fullmatch(plain)
    if letter:
        return Question(Kind.NUMBER, _AS_PRINTED.format(letter["before"], int(letter["serial"])))
    compact = "".join(c for c in plain if c.isalnum())
    if case := _CASE.fullmatch(compact):
        return Question(Kind.CHAIN, _case_number(*case.groups()))
    if chain := _CHAIN.fullmatch(compact):
        return Question(Kind.CHAIN, "-".join(chain.groups()))
    if report := _REPORT.fullmatch(compact):
        _check_moment(report[1])
        return Question(Kind.NUMBER, compact)
    code = clean_verification_code(typed)
    if code is None:
        raise ValidationError(_what_it_is_instead(compact))
    return Question(Kind.CODE, code)


def _case_number(region: str, year: str, serial: str, check: str) -> str:
    if not mod_11_10.is_valid(f"{region}{year}{serial}{check}"):
        raise ValidationError(
            _("办件编号的末位校验数字与前面的数字不符，一定有地方输错了。请对照文书逐位检查后重新输入。")
        )
    return f"XF-{region}-{year}-{serial}-{check}"


def _check_moment(digits: str) -> None:
    try:
        datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        raise ValidationError(
            _(
                "报告编号的前14位是年月日时分秒，现在输入的不是一个时间，一定有地方输错了。请对照报告重新输入。"
            )
        ) from None


def _what_it_is_instead(compact: str) -> str:
    if _DIGEST.fullmatch(compact):
        return _("这是页脚的内容摘要，不能用来查找。请输入末页二维码旁的核验码，查到后再与内容摘要对照。")
    if compact.isdecimal() and len(compact) == 6:
        return _("这是6位查询码，用来查询办理进度。核验文书请输入核验码、文号、报告编号或者办件编号。")
    try:
        uscc.validate(compact)
    except exceptions.ValidationError:
        pass
    else:
        return _("这是统一社会信用代码，不是文书的编号。查询该主体的公示信息，请到“查询公示”。")
    if len(compact) == 16 and compact.isascii():
        return _(
            "核验码由数字2–9和英文字母组成，其中没有 0、1、I、L、O，现在输入的含有这些字符。请对照文书重新输入。"
        )
    return _(
        "看不出这是哪一种编号。请照文书输入其中一个：核验码（16位）、文号（带年份，例如“某信修受〔2026〕1号”）、"
        "报告编号（22位）、办件编号（XF-开头）、异议编号（YY-开头）或者核实编号（HS-开头）。"
    )


def answer(question: Question | None, sha256: str, *, on: date) -> Answer:
    """``sha256``: of the PDF that is compared, empty without one. One of the two is given."""
    held = _verdict(_find_pdf(sha256), on) if sha256 else None
    asked = _asked(question, held, on)
    exists = asked is not None or _has_any(question)
    file = _compared(asked, sha256, held)
    return Answer(question, exists, file, asked, held if file is FileIs.OTHER else None)


def _asked(
    question: Question | None, held: verification.Verdict | None, on: date
) -> verification.Verdict | None:
    """Of the document that the question means. Several are issued under the number of a chain: only the PDF says which
    is meant, as it does where nothing else is given."""
    if question is None:
        return held
    if question.kind is Kind.CHAIN:
        meant = held is not None and _under(question.value).filter(pk=held.document.pk).exists()
        return held if meant else None
    return _verdict(_find(question), on)


def _has_any(question: Question | None) -> bool:
    return question is not None and question.kind is Kind.CHAIN and _under(question.value).exists()


def _under(number: str) -> QuerySet[Document]:
    found = (documents for read in _readers if (documents := read(number)) is not None)
    return next(found, Document.objects.filter(about=number))


def _find(question: Question) -> Document | None:
    if question.kind is Kind.CODE:
        return verification.find_document(question.value)
    known = Document.objects.select_related("organ", "pdf")
    return known.filter(number__in=_as_issued(question.value)).first()


def _as_issued(number: str) -> list[str]:
    """The number, and as an organ writes it whose own characters have a plainer form (organs.models.validate_prefix
    lets nobody choose such any more)."""
    written = [number]
    for prefix in Organ.objects.values_list("document_prefix", flat=True):
        plain = plain_number(prefix)
        if plain != prefix and number.startswith(plain):
            written.append(prefix + number.removeprefix(plain))
    return written


def is_issued(sha256: str) -> bool:
    """Whether a file with this digest is a document that the portal has issued, in force or not."""
    return Document.objects.filter(pdf__sha256=sha256).exists()


def _find_pdf(sha256: str) -> Document | None:
    return Document.objects.select_related("organ", "pdf").filter(pdf__sha256=sha256).first()


def _verdict(document: Document | None, on: date) -> verification.Verdict | None:
    return verification.verify(document, on=on) if document else None


def _compared(asked: verification.Verdict | None, sha256: str, held: verification.Verdict | None) -> FileIs:
    if not sha256:
        return FileIs.NOT_GIVEN
    if held is not None:
        if not held.intact:
            return FileIs.DIFFERENT
        return FileIs.SAME if asked is not None and held.document == asked.document else FileIs.OTHER
    return FileIs.PENDING if asked is not None and asked.document.pdf is None else FileIs.DIFFERENT
