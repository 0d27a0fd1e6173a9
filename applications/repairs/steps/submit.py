"""提交申请 (Article 7): what is asked for, what still stands in the way, and filing it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.files.scanning import is_infected
from applications.language import reason_of, remedy_of, to_reader
from applications.ledger.locking import lock_chain
from applications.repairs import letters
from applications.repairs.assessing import BARS, assess_case, store_assessment
from applications.repairs.errors import NotReady, StaleCase
from applications.repairs.locking import in_order_of_numbers
from applications.repairs.models import Filing, Material, RepairCase, StoredAssessment
from applications.repairs.selectors import was_confirmed
from applications.repairs.services.filings import commitment_is_current, sign_commitment
from applications.repairs.services.sittings import drafts_of
from applications.repairs.stated_days import moment_of
from applications.repairs.steps.frame import Transition, take
from applications.repairs.uploads import infected_in_words
from applications.subjects.identity import same_name
from rules.eligibility import Assessment
from rules.materials import COMMITMENT_SHOWS, KINDS, Kind, Requirement, required
from rules.procedure import Clock

MESSAGE = gettext_lazy("申请已提交。%(organ)s最迟%(due)s答复材料是否齐全。%(awaiting)s")


def required_materials(case: RepairCase) -> tuple[Requirement, ...]:
    """What Article 7 asks of this case."""
    return required(person=case.record.subject.is_person, severity=case.record.severity)


def materials_asked(
    case: RepairCase, materials: Iterable[Material] | None = None
) -> list[tuple[Requirement, bool]]:
    """The same, each with whether there is a file for it that can be opened, or the form that the identifying unit filled in.
    ``materials``: the case's, where they have been read."""
    filed = materials_of(case) if materials is None else materials
    kinds = {each.kind for each in filed if not is_infected(each.file)}
    if was_confirmed(case):
        kinds.add(Kind.REPAIR_FORM)
    return [(asked, not kinds.isdisjoint(asked.kinds)) for asked in required_materials(case)]


def materials_of(case: RepairCase) -> list[Material]:
    """What was handed in with a case, with what the scanner said of each file."""
    return list(case.materials.select_related("file__scan"))


def names_of(asked: Requirement) -> str:
    """The papers of which one is asked for."""
    return _("或").join(_(KINDS[kind].label) for kind in asked.kinds)


@to_reader()
def blocking_problems(
    case: RepairCase,
    assessment: Assessment,
    *,
    materials: Sequence[Material] | None = None,
    signed_as_is: bool | None = None,
    but_signing: bool = False,
) -> list[str]:
    """Why a case cannot be submitted on the day of the assessment, as sentences with their remedy; empty when it can.

    A bar of Article 6 does not stop a submission: whether it applies is the officers' decision, and only a
    decision can be objected to. A period that has not run out and an incomplete file do.
    ``materials``: the case's, where they have been read.
    ``signed_as_is``: whether the commitment is current, where that is known of all drafts of the filing.
    ``but_signing``: without what the signature of the commitment itself will mend.
    """
    problems = []
    filing = case.filing
    if not filing.contact_name or not filing.contact_phone:
        problems.append(_("请填写经办人姓名和联系电话。"))
    if filing.reception is not None:
        problems += _papers_of_reception(case)
    filed = materials_of(case) if materials is None else materials
    problems += [
        _("请上传%(names)s（%(reason)s）。") % {"names": names_of(asked), "reason": _(asked.reason)}
        for asked, has_file in materials_asked(case, filed)
        if not has_file
    ]
    problems += infected_in_words(case, filed)
    if signed_as_is is None:
        signed_as_is = case.status != "draft" or commitment_is_current(case)
    if filing.commitment and not signed_as_is and not but_signing:
        problems.append(_("您修改了申请内容，承诺书需要重新签署。"))
    if assessment.outcome in ("out_of_scope", "not_needed"):
        problems += [reason_of(finding) for finding in assessment.open_findings] or [
            _("最长公示期已满，无需修复。")
        ]
    else:
        problems += [
            reason_of(finding) + remedy_of(finding)
            for finding in assessment.open_findings
            if finding.article != BARS and not (but_signing and finding.code in COMMITMENT_SHOWS)
        ]
    return problems


def _papers_of_reception(case: RepairCase) -> list[str]:
    """What has to be there where nobody has signed with an account (Article 19)."""
    kinds, reception = set(case.materials.values_list("kind", flat=True)), case.filing.reception
    assert reception is not None
    problems = []
    if Kind.SIGNED_COMMITMENT not in kinds:
        problems.append(_("请上传签字（盖章）的信用修复承诺书扫描件。"))
    if reception.came_as != reception.CameAs.PERSON and Kind.HANDLER_IDENTITY not in kinds:
        problems.append(_("请上传核对过的办理人（%(who)s）的身份证件扫描件。") % {"who": reception.came_name})
    if reception.came_as == reception.CameAs.HANDLER and Kind.AUTHORISATION not in kinds:
        problems.append(_("请上传授权委托书（经办人代为办理）。"))
    registered = case.record.subject.legal_representative
    if (
        reception.came_as == reception.CameAs.LEGAL_REPRESENTATIVE
        and registered
        and not same_name(registered, reception.came_name)
        and Kind.REPRESENTATIVE not in kinds
    ):
        problems.append(
            _("请上传%(proof)s（来人“%(came)s”不是登记的“%(registered)s”）。")
            % {
                "proof": _(KINDS[Kind.REPRESENTATIVE].label),
                "came": reception.came_name,
                "registered": registered,
            }
        )
    return problems


def submit_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """File the application. NotReady lists everything that is missing at once; nothing is written then."""
    with take(case=case, action="submit", actor=actor, at=at, version=version) as transition:
        reception = transition.case.filing.reception
        file(transition, message=MESSAGE, received_on=reception.received_on if reception else None)
        transition.changes["first_submitted_at"] = transition.changes["submitted_at"]
    return transition.case


def submit_filing(
    *, filing: Filing, versions: Mapping[str, int], actor: User, at: datetime
) -> list[RepairCase]:
    """File every draft of a filing: all of them or none, each with its own receipt and clock.

    ``versions`` are the cases that the page showed, by number, each with its version. StaleCase where these are not the
    drafts of the filing now; NotReady lists what is missing of all of them, each sentence with its record.
    """
    problems: list[str] = []
    with letters.issuing(), transaction.atomic():
        # All chains before any row, in the one order that a signature keeps too.
        for number in sorted(versions):
            lock_chain(number)
        cases = list(drafts_of(filing).select_related("record__subject", "record__identifying_unit", "organ"))
        if {case.number: case.version for case in cases} != {**versions}:
            raise StaleCase(_("这次申请在您打开页面之后有变化，请重新核对。"))
        for case in in_order_of_numbers((each, each.organ, each.record_id) for each in cases):
            try:
                submit_case(case=case, actor=actor, at=at)
            except NotReady as missing:
                problems += [f"{case.record}{_('：')}{problem}" for problem in missing.problems]
        if problems:
            raise NotReady(*problems)
    return cases


def sign_and_submit(
    *,
    filing: Filing,
    versions: Mapping[str, int],
    signatory: str,
    publication_consent: bool,
    shown_sha256: str | None,
    actor: User,
    at: datetime,
) -> list[RepairCase]:
    """The signature of the account's owner and the submission as one act: what cannot be filed is not signed either.
    Raises what sign_commitment and submit_filing raise."""
    with letters.issuing(), transaction.atomic():
        first = drafts_of(filing).first()
        if first is None:
            raise StaleCase(_("这次申请在您打开页面之后有变化，请重新核对。"))
        sign_commitment(
            case=first,
            signatory=signatory,
            publication_consent=publication_consent,
            shown_sha256=shown_sha256,
            actor=actor,
            at=at,
        )
        return submit_filing(filing=filing, versions=versions, actor=actor, at=at)


def file(transition: Transition, *, message: Promise, received_on: date | None = None) -> None:
    """What a submission is, the first or the answer to a correction notice. ``message``: with the names of
    Transition.promised.

    ``received_on``: the day on which the organ got the papers at its window or by post, where an officer enters them. The
    law counts from that day (Article 8), whenever that is; None: they are received as they are sent.
    """
    case = transition.case
    assessment = assess_case(case, transition.on)
    materials = materials_of(case)
    problems = blocking_problems(case, assessment, materials=materials)
    if problems:
        raise NotReady(*problems)
    if received_on is not None and received_on != transition.on:
        transition.counting[Clock.ACCEPTANCE].started_on = received_on
        transition.payload["received_on"] = received_on.isoformat()
    transition.changes |= {"submitted_at": moment_of(received_on, transition.at), "round": case.round + 1}
    store_assessment(
        case=case,
        stage=StoredAssessment.Stage.SUBMISSION,
        assessment=assessment,
        at=transition.at,
    )
    transition.issue("receipt", receipt(transition, materials, received_on=received_on))
    transition.message = str(message) % transition.promised("acceptance", received_on or transition.on)


def receipt(
    transition: Transition, materials: Iterable[Material], *, received_on: date | None = None
) -> dict[str, Any]:
    """``completes``: whether it is the answer to a correction notice that was received; ``channel`` and ``received_on``
    where it came at the window or by post."""
    case, at = transition.case, transition.at
    due = transition.due("acceptance", received_on or transition.on)
    by_hand = {"channel": case.filing.channel, "received_on": received_on.isoformat()} if received_on else {}
    return letters.heading(case, at) | {
        "submitted_at": at.isoformat(timespec="seconds"),
        "completes": case.round > 0,
        "answer_by": letters.due_date(due, transition.legal_days("acceptance")[1]),
        "materials": [
            {
                "kind": material.get_kind_display(),
                "name": material.file.name,
                "pages": material.file.pages,
                "sha256": material.file.sha256,
            }
            for material in materials
        ],
        "tracking_code": case.tracking_code,
        **by_hand,
    }
