"""What an applicant says and signs once for all records of a filing (Articles 7 and 15).

A filing is its applicant's while officers have none of its cases. Whoever changes it through a case later, as in the
answer to a correction, changes nothing of the others: the case goes on in a filing of its own, which begins as a copy.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.commitments import services as commitments
from applications.commitments.models import Commitment, SigningWay
from applications.commitments.wording import Act, commitment_text, text_digest
from applications.language import as_kept
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.masking import mask_email
from applications.records.wording import record_lines
from applications.repairs import letters
from applications.repairs.errors import NotReady
from applications.repairs.locking import locked_filing
from applications.repairs.models import CaseObligation, Filing, Material, RepairCase, SigningLink
from applications.repairs.services.drafts import edit, save, was_submitted
from applications.repairs.services.reuse import attach_stated_certificate
from applications.repairs.services.signing import (
    paper_of,
    refuse_signatory,
    refuse_undated,
    use_link,
)
from applications.repairs.stated_days import moment_of
from rules.procedure import CLOSED_STATES, Role, State


@transaction.atomic
def save_contact(*, case: RepairCase, name: str, phone: str, actor: User, at: datetime) -> None:
    """Who handles the application for the subject, and how the officers reach them."""
    _save_filing(case, actor, at, contact_name=name, contact_phone=phone)


@transaction.atomic
def save_training_and_report(
    *,
    case: RepairCase,
    training_completed_on: date | None,
    training_certificate_number: str,
    report_issued_on: date | None,
    report_issuer: str,
    report_number: str,
    report_institution: str = "",
    actor: User,
    at: datetime,
) -> None:
    """The training and the credit report that Article 5 asks of serious records. A certificate of ours is handed in with its
    number."""
    locked, filing = _save_filing(
        case,
        actor,
        at,
        training_completed_on=training_completed_on,
        training_certificate_number=training_certificate_number,
        report_issued_on=report_issued_on,
        report_issuer=report_issuer,
        report_number=report_number,
        report_institution=report_institution if report_issuer == "credit_service_institution" else "",
    )
    attach_stated_certificate(case=locked, filing=filing, actor=actor, at=at)


def _save_filing(case: RepairCase, actor: User, at: datetime, **fields: Any) -> tuple[RepairCase, Filing]:
    """The case and the filing, locked, as they are now."""
    locked = edit(case, actor)
    filing = _filing_to_change(locked)
    Filing.objects.filter(pk=filing.pk).update(**fields)
    save(locked, at)
    filing.refresh_from_db()
    return locked, filing


def _filing_to_change(case: RepairCase) -> Filing:
    """The filing of a case that edit() has locked, or its own copy where officers have another case of it."""
    filing = locked_filing(case)
    if not was_submitted(filing.cases.exclude(pk=case.pk)):
        return filing
    filing.origin_id = filing.origin_id or filing.pk
    return own_filing(case, filing)


def own_filing(case: RepairCase, filing: Filing) -> Filing:
    """Move a case that is locked, as is its ``filing``, into a copy of that: it is written as it stands in the object."""
    shared = list(filing.materials.filter(case=None))
    filing.pk, filing._state.adding = None, True
    filing.save()
    for material in shared:
        material.pk, material._state.adding, material.filing = None, True, filing
    Material.objects.bulk_create(shared)
    case.own_materials.update(filing=filing)
    RepairCase.objects.filter(pk=case.pk).update(filing=filing)
    case.filing = filing
    return filing


def to_promise(case: RepairCase) -> list[RepairCase]:
    """The cases about which a commitment is signed now: all of the filing that are asked for, or this one alone where
    officers have another."""
    cases = _asked_for(case.filing)
    if was_submitted(case.filing.cases.exclude(pk=case.pk)):
        return [each for each in cases if each == case]
    return cases


def _asked_for(filing: Filing) -> list[RepairCase]:
    return _stated(filing.cases.exclude(status__in=CLOSED_STATES))


def _stated(cases: QuerySet[RepairCase]) -> list[RepairCase]:
    """Cases in their order, with what is stated about their records."""
    return list(
        cases.select_related("record__subject", "record__identifying_unit", "organ")
        .prefetch_related(Prefetch("obligations", CaseObligation.objects.select_related("obligation")))
        .order_by("pk")
    )


def _acts(cases: Iterable[RepairCase]) -> list[Act]:
    return [
        Act(case.record, case.corrected_on, [str(duty.obligation) for duty in case.obligations.all()])
        for case in cases
    ]


def text_to_sign(case: RepairCase) -> list[str]:
    """The paragraphs that sign_commitment() would have signed now."""
    return commitment_text(case.record.subject, _acts(to_promise(case)))


def commitment_is_current(case: RepairCase) -> bool:
    """Whether the signed text names the case's record and still is the one that the facts of all its records give."""
    commitment = case.filing.commitment
    if commitment is None:
        return False
    if case.status == State.DRAFT and not was_submitted(case.filing.cases.all()):
        # Who joined the filing since, and who was given up, changes what all of it would sign.
        return commitment.text_sha256 == text_digest(
            commitment_text(case.record.subject, _acts(_asked_for(case.filing)))
        )
    promised = RepairCase.objects.filter(filing__commitment=commitment, record__commitments=commitment)
    # A record that was withdrawn from the filing may have come back to it.
    latest = {each.record_id: each for each in _stated(promised)}
    cases = sorted(latest.values(), key=lambda each: each.pk)
    return case.record_id in latest and commitment.text_sha256 == text_digest(
        commitment_text(case.record.subject, _acts(cases), commitment.text_version)
    )


def _heading(first: RepairCase, others: Iterable[RepairCase], at: datetime) -> dict[str, Any]:
    return letters.heading(first, at) | {"other_records": [record_lines(other.record) for other in others]}


def code_of_text(case: RepairCase) -> str:
    """The start of the digest of the text that would be signed now: it is printed on the paper, and typed back from there."""
    return _code_of(text_to_sign(case))


def _code_of(paragraphs: list[str]) -> str:
    return text_digest(paragraphs)[:8].upper()


def paper_to_sign(case: RepairCase) -> bytes:
    """The PDF of the text that would be signed now, to be signed by hand. It is no document: it has no number, and nothing
    is issued. NotReady as in sign_commitment."""
    # WeasyPrint and its libraries are loaded only by who renders.
    from applications.documents.rendering import render_page

    cases = to_promise(case)
    refuse_undated(cases)
    subject = case.record.subject
    paragraphs = commitment_text(subject, _acts(cases))
    context = {"case": case, "subject": subject, "paragraphs": paragraphs, "code": _code_of(paragraphs)}
    return render_page("documents/parts/paper_to_sign.html", context)


@letters.issuing()
@transaction.atomic
def sign_commitment(
    *,
    case: RepairCase,
    signatory: str,
    publication_consent: bool,
    actor: User,
    at: datetime,
    how: SigningWay = SigningWay.ACCOUNT,
    signed_on: date | None = None,
    shown_sha256: str | None = None,
    link: SigningLink | None = None,
    signer_digest: str = "",
) -> Commitment:
    """Sign the commitment generated from the records of the filing (Articles 4, 5 and 15).

    ``how`` it is signed: by ``link`` alone where it is a link; an agent's power of attorney and the scan of a paper are the
    latest of their kind in the case; ``signed_on`` is the day that stands on the paper. ``shown_sha256`` is the digest of the
    text that the signatory was shown: another is not signed. The caller has re-authenticated ``actor``, or has asked who
    came by the link. Signing again replaces the former document, which becomes void unless it also is the commitment of a
    case that officers have. Consent to publication is a statement of its own and may be withheld; the cases then lack a
    condition. NotReady names the records of which nobody has said when they were corrected, or says why this signatory
    may not sign so (services.signing).
    """
    # It is noted in every chain: all are locked in one order, before any row.
    numbers = RepairCase.objects.filter(filing=case.filing_id).values_list("number", flat=True)
    for number in sorted(numbers):
        lock_chain(number)
    locked = edit(case, actor)
    filing = _filing_to_change(locked)
    cases = to_promise(locked)
    refuse_undated(cases)
    refuse_signatory(case=locked, way=how, signatory=signatory, actor=actor)
    if signed_on is not None and signed_on > localdate(at):
        raise NotReady(_("纸上写的签署日期不能晚于今天。"))
    to_sign = text_digest(commitment_text(filing.subject, _acts(cases)))
    if shown_sha256 not in (None, to_sign):
        raise NotReady(_("承诺书的文字已经和您看到的不同，没有签署。请核对新的全文后再签署。"))
    use_link(filing=filing, link=link, at=at)
    paper = paper_of(locked, how)
    former = filing.commitment
    if how == SigningWay.PAPER and former and former.paper == paper and former.text_sha256 != to_sign:
        raise NotReady(_("原扫描件上是修改之前的文字。请打印、签署现在的承诺书，上传新的扫描件。"))
    if former and former.filings.exclude(pk=filing.pk).exists():
        former = None
    first, *others = cases
    with as_kept():
        commitment = commitments.sign_commitment(
            subject=filing.subject,
            acts=_acts(cases),
            signatory=signatory,
            publication_consent=publication_consent,
            organ=first.organ,
            about=first.number,
            heading=_heading(first, others, at),
            replaces=former,
            actor=actor,
            at=at,
            signed_at=moment_of(signed_on, at),
            way=how,
            paper=paper,
            signer_digest=signer_digest,
            link_sent_to=mask_email(link.sent_to) if link else "",
        )
    Filing.objects.filter(pk=filing.pk).update(commitment=commitment)
    for each in cases:
        record_event(
            chain=each.number,
            verb="repair.commitment_signed",
            at=at,
            # Who came by a link has no account.
            actor=None if link else actor,
            role=Role.APPLICANT,
            payload={
                "document": commitment.document.number,
                "sha256": commitment.text_sha256,
                "publication_consent": publication_consent,
                "way": str(how),
            },
        )
    save(locked, at)
    return commitment
