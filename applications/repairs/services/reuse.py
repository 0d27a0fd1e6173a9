"""What a subject has handed in before is offered again (再用以前的材料), also after a withdrawal or a refusal; a credit report
and a training certificate of ours attach themselves.

The file is the same and is not examined again; it stands in the new filing in rows of its own. What was stated with it comes
with it, where nothing is stated yet: the days of a record with its proof, training and report with theirs. Every number and
file of it is shown before it is filed.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.language import day_in_words
from applications.ledger.services import record_event
from applications.records.models import DishonestyRecord
from applications.repairs.errors import NotReady
from applications.repairs.locking import locked_filing
from applications.repairs.models import CaseObligation, Filing, Material, MaterialKind, RepairCase
from applications.repairs.registers import IssuedReport, find_report, latest_report
from applications.repairs.services.drafts import edit, refuse_more_files, save, was_submitted
from applications.subjects.models import Subject
from applications.training.models import TrainingCertificate
from applications.training.selectors import find_certificate, latest_certificate
from rules.materials import Kind
from rules.procedure import Role, State

# About the subject as it is whatever it applies for; a power of attorney and a signed commitment are about certain records,
# and the card of whoever brought them is not the subject's.
OF_SUBJECT = (Kind.LICENCE, Kind.IDENTITY, Kind.TRAINING, Kind.CREDIT_REPORT)
# For the same record alone.
OF_RECORD = (Kind.FULFILMENT, Kind.REPAIR_FORM, Kind.OTHER)
# Asked for a serious record alone (Article 7).
OF_SERIOUS = (Kind.TRAINING, Kind.CREDIT_REPORT)
TRAINING_FIELDS = ("training_completed_on", "training_certificate_number")
REPORT_FIELDS = ("report_issued_on", "report_issuer", "report_number")


@dataclass(frozen=True)
class Offer:
    """The files of one kind from the latest filing that had any. ``record`` is what they are about; None: the subject.
    ``refused`` says why they cannot be used again; empty where they can."""

    kind: MaterialKind
    filing: Filing
    case: RepairCase | None
    record: DishonestyRecord | None
    refused: str = ""
    note: str = ""
    materials: list[Material] = field(default_factory=list)

    @property
    def is_doubtful(self) -> bool:
        """Whether a repair that rested on these papers was revoked, as is done where materials were false (Article 6)."""
        cases = [self.case] if self.case is not None else self.filing.cases.all()
        return any(case.status == State.REVOKED for case in cases)

    @property
    def key(self) -> str:
        """What a form calls it. It names the filing: a page that was opened before there was a later one brings its own."""
        return f"{self.kind.value}-{self.filing.pk}-{self.record.pk if self.record else 0}"

    @property
    def numbers(self) -> str:
        """Of the cases that had it."""
        if self.case is not None:
            return self.case.number
        return "、".join(sorted(case.number for case in self.filing.cases.all()))


def offers_for(
    *, subject: Subject, records: Collection[int], on: date, but: Filing | None = None
) -> list[Offer]:
    """What there is to use again for some records of a subject, in the order of the kinds, in two queries and one for the
    number of a report. ``but`` is the filing that it is for."""
    of_window_drafts = Filing.objects.filter(reception__isnull=False).exclude(
        cases__first_submitted_at__isnull=False
    )
    materials = (
        Material.objects.filter(filing__subject=subject)
        # A draft of the window is that organ's alone.
        .exclude(filing__in=of_window_drafts)
        .filter(Q(kind__in=OF_SUBJECT) | Q(kind__in=OF_RECORD, case__record__in=records))
        .select_related("file", "filing", "case__record")
        .prefetch_related("filing__cases")
        .order_by("-filing_id", "-id")
    )
    if but is not None:
        materials = materials.exclude(filing=but)
    found: dict[tuple[str, int], Offer] = {}
    for material in materials:
        record = material.case.record if material.case and material.kind in OF_RECORD else None
        offer = found.setdefault((material.kind, record.pk if record else 0), _offer(material, record, on))
        known = {each.file.sha256 for each in offer.materials}
        if offer.filing == material.filing and material.file.sha256 not in known:
            offer.materials.insert(0, material)
    order = [*OF_SUBJECT, *OF_RECORD]
    return sorted(found.values(), key=lambda each: (order.index(Kind(each.kind)), each.key))


def offers_of(
    subject: Subject, records: Iterable[DishonestyRecord], on: date, but: Filing | None = None
) -> list[Offer]:
    """What is offered where an application for some of these records begins, or goes on in ``but``: nothing of the subject that
    this has, and of training and reports only what a serious record asks for, no old one where one of ours attaches itself.
    """
    listed = list(records)
    left = set(Kind)
    if not any(record.severity == "serious" for record in listed):
        left -= {*OF_SERIOUS}
    if latest_report(subject.pk, on):
        left -= {Kind.CREDIT_REPORT}
    if latest_certificate(subject.pk, on):
        left -= {Kind.TRAINING}
    if but is not None:
        left -= {Kind(kind) for kind in but.materials.filter(case=None).values_list("kind", flat=True)}
    keys = [record.pk for record in listed]
    return [
        offer
        for offer in offers_for(subject=subject, records=keys, on=on, but=but)
        if Kind(offer.kind) in left
    ]


def _offer(material: Material, record: DishonestyRecord | None, on: date) -> Offer:
    refused, note = _about_report(material.filing, on) if material.kind == Kind.CREDIT_REPORT else ("", "")
    return Offer(MaterialKind(material.kind), material.filing, material.case, record, refused, note)


def _about_report(filing: Filing, on: date) -> tuple[str, str]:
    """Why the report of an earlier filing is of no use any more, and else what is to be thought of."""
    known = find_report(filing.report_number) if filing.report_number else None
    if known and known.void:
        return _("这份信用报告已作废，请提交新的信用报告。"), ""
    if known and known.replaced_by:
        return _("这份信用报告已被%(number)s取代，请提交新的信用报告。") % {"number": known.replaced_by}, ""
    if known and known.valid_until and known.valid_until < on:
        return (
            _("这份信用报告的有效期至%(day)s，已经过期，请提交新的信用报告。")
            % {"day": day_in_words(known.valid_until)},
            "",
        )
    if filing.report_issued_on:
        return "", _("出具于%(day)s；再用之前请确认仍在出具方写明的有效期内。") % {
            "day": day_in_words(filing.report_issued_on)
        }
    return "", ""


@transaction.atomic
def reuse_materials(*, case: RepairCase, keys: Iterable[str], actor: User, at: datetime) -> list[Offer]:
    """Take over what is offered for this case under these keys, and say what that was. What is there already is not there
    twice; a key that is not offered, or is refused, does nothing. NotReady: there would be more files than are taken."""
    locked = edit(case, actor)
    filing = locked_filing(locked)
    submitted = was_submitted(filing.cases.all())
    wanted = set(keys)
    taken = []
    for offer in offers_for(
        subject=locked.record.subject, records=[locked.record_id], on=localdate(at), but=filing
    ):
        if offer.key not in wanted or offer.refused:
            continue
        if Kind(offer.kind) in OF_SERIOUS and locked.record.severity != "serious":
            continue
        here = {*locked.materials.filter(kind=offer.kind).values_list("file__sha256", flat=True)}
        for material in offer.materials:
            if material.file.sha256 not in here:
                _attach(locked, filing, material, None if offer.record or submitted else filing, at, actor)
        _state_again(locked, filing, offer, alone=submitted)
        taken.append(offer)
    if taken:
        save(locked, at)
    return taken


def _attach(
    case: RepairCase, filing: Filing, source: Material, shared: Filing | None, at: datetime, actor: User
) -> None:
    refuse_more_files(case, source.file.size)
    Material.objects.create(
        filing=filing,
        case=None if shared else case,
        kind=source.kind,
        file=source.file,
        round=case.round + 1,
        added_at=at,
    )
    record_event(
        chain=case.number,
        verb="repair.material_added",
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={
            "kind": source.kind,
            "file": str(source.file_id),
            "sha256": source.file.sha256,
            "again": True,
        },
    )


def _state_again(case: RepairCase, filing: Filing, offer: Offer, *, alone: bool) -> None:
    """What was stated with a paper, where nothing is stated yet."""
    names = {Kind.TRAINING: TRAINING_FIELDS, Kind.CREDIT_REPORT: REPORT_FIELDS}.get(Kind(offer.kind), ())
    if names and not alone and not any(getattr(filing, name) for name in names):
        for name in names:
            setattr(filing, name, getattr(offer.filing, name))
        filing.save(update_fields=names)
    if offer.record and offer.case and Kind(offer.kind) != Kind.OTHER:
        if case.corrected_on is None:
            RepairCase.objects.filter(pk=case.pk).update(corrected_on=offer.case.corrected_on)
        before = dict(offer.case.obligations.values_list("obligation", "fulfilled_on"))
        for duty in CaseObligation.objects.filter(case=case, fulfilled_on=None):
            if day := before.get(duty.obligation_id):
                CaseObligation.objects.filter(pk=duty.pk).update(fulfilled_on=day)


@transaction.atomic
def attach_report(*, case: RepairCase, actor: User, at: datetime) -> IssuedReport | None:
    """Hand in the subject's latest valid report of ours with a serious record, where none is there yet (Articles 3, 5 and 17);
    None where there is nothing to do. Its number and day are stated with it."""
    if case.record.severity != "serious":
        return None
    locked = edit(case, actor)
    filing = locked_filing(locked)
    report = latest_report(filing.subject_id, localdate(at))
    has_one = locked.materials.filter(kind=Kind.CREDIT_REPORT).exists() or filing.report_number
    if report is None or has_one or was_submitted(filing.cases.all()):
        return None
    filing.report_issued_on, filing.report_issuer = report.issued_on, "credit_bureau"
    filing.report_number = report.number
    filing.save(update_fields=REPORT_FIELDS)
    _attach(locked, filing, Material(kind=Kind.CREDIT_REPORT.value, file=report.file), filing, at, actor)
    save(locked, at)
    return report


@transaction.atomic
def attach_certificate(*, case: RepairCase, actor: User, at: datetime) -> TrainingCertificate | None:
    """The same of the subject's latest training certificate of ours (Articles 5, 7 and 16)."""
    if case.record.severity != "serious":
        return None
    locked = edit(case, actor)
    filing = locked_filing(locked)
    certificate = latest_certificate(filing.subject_id, localdate(at))
    has_one = locked.materials.filter(kind=Kind.TRAINING).exists() or filing.training_certificate_number
    if certificate is None or has_one or was_submitted(filing.cases.all()):
        return None
    filing.training_completed_on = certificate.completed_on
    filing.training_certificate_number = certificate.number
    filing.save(update_fields=TRAINING_FIELDS)
    attach_stated_certificate(case=locked, filing=filing, actor=actor, at=at)
    save(locked, at)
    return certificate


def attach_stated_certificate(*, case: RepairCase, filing: Filing, actor: User, at: datetime) -> None:
    """Hand in the PDF of a training certificate of ours whose number is stated, where no certificate is there yet and there is
    room for it. The caller has locked both."""
    known = find_certificate(filing.training_certificate_number)
    if known is None or known.document is None or known.document.pdf is None:
        return
    holds = known.state == TrainingCertificate.State.VALID and known.subject_id == filing.subject_id
    if not holds or case.materials.filter(kind=Kind.TRAINING).exists():
        return
    shared = None if was_submitted(filing.cases.all()) else filing
    with suppress(NotReady):
        _attach(case, filing, Material(kind=Kind.TRAINING.value, file=known.document.pdf), shared, at, actor)
