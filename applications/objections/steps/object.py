"""提出异议 (Article 13): the applicant does not accept a refusal; 5 working days begin."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.language import to_reader
from applications.ledger.locking import lock_chain
from applications.objections.models import Evidence, Objection
from applications.records.models import Annotation
from applications.repairs import letters
from applications.repairs.assessing import FINDING_LABELS
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.services.drafts import open_case_of
from applications.repairs.stated_days import moment_of
from applications.repairs.steps.frame import Transition, take
from rules.procedure import Clock
from rules.workdays import Due

MESSAGE = gettext_lazy(
    "异议已提出，将由没有参与原决定的人员自收到之日起%(days)d个工作日内处理，最迟%(due)s。%(awaiting)s"
)


def file_objection(
    *,
    case: RepairCase,
    disputed: Sequence[str],
    grounds: str,
    actor: User,
    at: datetime,
    version: int | None = None,
    received_on: date | None = None,
) -> Objection:
    """Object to a refusal: which findings are disputed (codes), and why. The evidence is what was kept before.
    ``received_on``: the day on which it came to the window or by post, where an officer enters it (Article 19); the 5
    working days are counted from then.

    A refusal is objected to once, and not at all where the penalty itself was revoked, or the record repaired since.
    """
    if not grounds.strip():
        raise NotReady(_("请写明提出异议的事实和理由。"))
    with take(case=case, action="object", actor=actor, at=at, version=version) as transition:
        if received_on is not None:
            transition.counting[Clock.OBJECTION].started_on = received_on
            transition.payload["received_on"] = received_on.isoformat()
        due = transition.due("objection", received_on or transition.on)
        transition.message = MESSAGE % transition.promised("objection", due.start)
        record = transition.case.record
        # A revocation under way is waited for: its record is locked by this chain.
        lock_chain(record.reference)
        record.refresh_from_db(fields=["source_state"])
        if why := why_not(transition.case):
            raise NotReady(why)
        objection = Objection.objects.create(
            case=case,
            decision_number=transition.case.decision_number,
            disputed=list(disputed),
            grounds=grounds.strip(),
            filed_by=actor,
            filed_at=moment_of(received_on, at),
        )
        Evidence.objects.filter(case=case, objection=None).update(objection=objection)
        transition.issue("objection_receipt", objection_receipt(transition, objection, due))
    return objection


@to_reader()
def why_not(case: RepairCase) -> str:
    """Why the refusal of a case is not objected to now: it was before, or that could change nothing; empty where it can be."""
    record = case.record
    if Objection.objects.filter(case=case).exists():
        return _("对这份决定已经提出过异议。不同意处理结果的，可以依法申请复议或者提起诉讼，也可以重新申请。")
    if record.source_state == record.SourceState.REVOKED:
        return _("该处罚已被撤销，信息已经撤回，不需要再提出异议。")
    if Annotation.objects.filter(record=record).exists():
        return _("该失信行为信息已由另一件申请准予修复，不需要再提出异议。")
    other = open_case_of(record)
    if other is not None:
        return _(
            "同一失信行为信息已另有申请 %(number)s，它结束以前不能对原决定提出异议；可以撤回或者放弃的，请先撤回或者放弃。"
        ) % {"number": other.number}
    return ""


def objection_receipt(transition: Transition, objection: Objection, due: Due) -> dict[str, Any]:
    """What was received, and by when it is answered; ``channel`` and ``received_on`` where it came on paper."""
    by_hand = {"channel": transition.case.filing.channel} if transition.entered_by_officer else {}
    return letters.heading(transition.case, transition.at) | {
        "objection": {
            "filed_at": objection.filed_at.isoformat(timespec="seconds"),
            "decision_number": objection.decision_number,
            "disputed": [FINDING_LABELS[code] for code in objection.disputed if code in FINDING_LABELS],
            "grounds": objection.grounds,
        },
        "answer_by": letters.due_date(due, transition.legal_days("objection")[1]),
        "evidence": [
            {"name": each.file.name, "pages": each.file.pages, "sha256": each.file.sha256}
            for each in objection.evidence.select_related("file")
        ],
        **by_hand,
    }
