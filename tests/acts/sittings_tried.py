"""What an applicant tries with several records in one sitting: together, one more, one less, by a link, with old papers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.timezone import localdate

from applications.commitments.models import SigningWay
from applications.records.models import DishonestyRecord
from applications.repairs import services, steps
from applications.repairs.models import Filing, MaterialKind, RepairCase, SigningLink
from applications.repairs.services.reuse import offers_for
from applications.repairs.services.signing_links import make_link, revoke_links, sign_by_link, tail_digest
from tests.acts.besides import other
from tests.acts.people import paper
from tests.acts.steps_tried import OVERTAKEN, NothingThere, Trying


def fill_in(it: Trying, cases: list[RepairCase], *, sign: bool = True) -> None:
    """All that Article 7 asks of the cases of one filing, said by whoever acts."""
    first, filing = cases[0], cases[0].filing
    said = {"actor": it.actor, "at": it.at}
    services.save_contact(case=first, name="陈经办", phone="025-12345678", **said)
    about_all = [MaterialKind.LICENCE]
    if any(case.record.severity == "serious" for case in cases):
        about_all += [MaterialKind.TRAINING, MaterialKind.CREDIT_REPORT]
        services.save_training_and_report(
            case=first,
            training_completed_on=date(2026, 8, 1),
            training_certificate_number="苏信培2026-0001",
            report_issued_on=date(2026, 9, 1),
            report_issuer="credit_bureau",
            report_number="20260901000000ABCDEFGH",
            **said,
        )
    if filing.reception_id is not None:
        about_all += [MaterialKind.AUTHORISATION, MaterialKind.SIGNED_COMMITMENT]
    for case in cases:
        duties = {duty.pk: date(2026, 6, 2) for duty in case.obligations.all()}
        services.save_fulfilment(case=case, corrected_on=date(2026, 6, 1), fulfilled=duties, **said)
        _hand_in(it, case, [MaterialKind.FULFILMENT])
    _hand_in(it, first, about_all)
    if sign:
        sign_here(it, first, publication_consent=it.act.manner < 5)


def _hand_in(it: Trying, case: RepairCase, kinds: Iterable[MaterialKind]) -> None:
    for kind in kinds:
        upload = paper(f"{kind.label}.pdf")
        services.add_material(case=case, kind=kind, upload=upload, actor=it.actor, at=it.at)


def sign_here(it: Trying, case: RepairCase, *, publication_consent: bool) -> None:
    """With the own account; what came on paper, by the scan of what was signed by hand."""
    how = SigningWay.ACCOUNT if case.filing.reception_id is None else SigningWay.PAPER
    services.sign_commitment(
        case=case, signatory="陈示例", publication_consent=publication_consent, how=how, actor=it.actor, at=it.at
    )  # fmt: skip


@other
def start(it: Trying) -> None:
    """A draft that lacks nothing, or only its commitment."""
    record = it.world.record(it.act.which)
    case = services.start_case(record=record, organ=it.organ, applicant=it.actor, at=it.at)
    fill_in(it, [case], sign=it.act.manner != 6)


@other
def start_together(it: Trying) -> None:
    """Both records of a subject in one filing, perhaps with what was handed in before."""
    records = it.world.records_beside(it.act.which)
    again = _offered(it, records) if it.act.manner % 2 else []
    choices = [(record, it.organ) for record in records]
    filing = services.start_filing(choices=choices, applicant=it.actor, at=it.at, again=again)
    fill_in(it, list(services.drafts_of(filing)), sign=it.act.manner != 6)


def _offered(it: Trying, records: list[DishonestyRecord], but: Filing | None = None) -> list[str]:
    keys = [record.pk for record in records]
    subject, on = records[0].subject, localdate(it.at)
    return [offer.key for offer in offers_for(subject=subject, records=keys, on=on, but=but)]


@other
def join(it: Trying) -> None:
    """A record is added to the draft of the subject's other one, with all that is its own."""
    record = it.world.record(it.act.which)
    drafts = RepairCase.objects.filter(status="draft", record__subject=record.subject)
    draft = it.latest(drafts.exclude(record=record).select_related("filing__reception"))
    choices = [(record, it.organ)]
    services.start_filing(choices=choices, applicant=it.actor, at=it.at, filing=draft.filing)
    case = RepairCase.objects.filter(record=record).order_by("-pk")[0]
    duties = {duty.pk: date(2026, 6, 2) for duty in case.obligations.all()}
    services.save_fulfilment(
        case=case, corrected_on=date(2026, 6, 1), fulfilled=duties, actor=it.actor, at=it.at
    )
    _hand_in(it, case, [MaterialKind.FULFILMENT])


@other
def take_out(it: Trying) -> None:
    services.take_out(case=it.of_case, actor=it.actor, at=it.at)


@other
def submit_together(it: Trying) -> None:
    filing = it.of_case.filing
    overtaken = it.act.page == OVERTAKEN
    versions = {case.number: case.version - overtaken for case in services.drafts_of(filing)}
    if not versions:
        raise NothingThere
    steps.submit_filing(filing=filing, versions=versions, actor=it.actor, at=it.at)


@other
def sign(it: Trying) -> None:
    sign_here(it, it.of_case, publication_consent=True)


@other
def reuse(it: Trying) -> None:
    case = it.of_case
    keys = _offered(it, [case.record], case.filing)
    if not keys:
        raise NothingThere
    services.reuse_materials(case=case, keys=keys, actor=it.actor, at=it.at)


@other
def link(it: Trying) -> None:
    email = "" if it.act.manner % 2 else "chen@example.com"
    make_link(case=it.of_case, signatory="陈示例", email=email, actor=it.actor, at=it.at)


@other
def unlink(it: Trying) -> None:
    revoke_links(case=it.of_case, actor=it.actor, at=it.at)


@other
def sign_link(it: Trying) -> None:
    """By whoever has the link, without an account; now and then with another text before the eyes."""
    found = it.latest(SigningLink.objects.filter(case__filing=it.of_case.filing_id))
    shown = found.text_sha256 if it.act.manner else "0" * 64
    sign_by_link(
        link=found, signer_digest=tail_digest("123456"), shown_sha256=shown, publication_consent=it.act.manner < 6,
        at=it.at,
    )  # fmt: skip
