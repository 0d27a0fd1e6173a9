"""Article 8: accept, ask once for correction, or not accept, within 3 working days of each submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from applications.accounts.access import has_role
from applications.accounts.models import User
from applications.deadlines.models import Deadline
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.repairs import access, letters
from applications.repairs.assessing import policy_of
from applications.repairs.models import CorrectionItem, CorrectionNotice, MaterialKind, RepairCase
from applications.repairs.services.procedure import NotAllowed, NotReady, Turn, turn
from rules.procedure import IllegalAction, Role, State


@dataclass(frozen=True)
class Defect:
    """One item of a correction notice. ``exception_reason`` is why an old item is asked for again."""

    material_kind: str
    defect: str
    requirement: str
    exception_reason: str = ""


def accept_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """The materials are complete: 7 working days begin. An unsent correction draft is dropped."""
    with turn(case=case, action="accept", actor=actor, at=at, version=version) as now:
        _accept(now, accepted_on=now.on)
    return now.case


def deem_case_accepted(*, case: RepairCase, at: datetime) -> RepairCase:
    """Where the policy says so, a missed correction notice counts as acceptance on the day of submission.

    It is the policy of the day on which the notice was missed: one that comes later changes nothing about it.
    """
    with turn(case=case, action="deem_accepted", actor=None, at=at) as now:
        missed_on = _answer_clock(now.case).due_on + timedelta(days=1)
        if now.on < missed_on:
            raise NotReady(f"受理答复期限{missed_on - timedelta(days=1):%Y年%-m月%-d日}届满，还没有逾期。")
        if policy_of(now.case, missed_on).on_missed_correction_notice != "deemed_accepted":
            raise NotReady(f"{missed_on:%Y年%-m月%-d日}施行的规则没有“逾期未告知视为受理”的规定。")
        now.clock_start = localdate(now.case.submitted_at)
        _accept(now, accepted_on=now.clock_start)
    return now.case


def _answer_clock(case: RepairCase) -> Deadline:
    """The clock by which the latest submission has to be answered."""
    return Deadline.objects.get(case_number=case.number, kind=Deadline.Kind.ACCEPTANCE, round=case.round)


def _accept(now: Turn, *, accepted_on: date) -> None:
    now.changes["accepted_on"] = accepted_on
    now.case.correction_notices.filter(sent_at=None).delete()
    due = now.due("decision", accepted_on)
    now.issue(
        "acceptance_notice",
        letters.acceptance_notice(now.case, accepted_on=accepted_on, due=due, at=now.at, officer=now.actor),
    )


def decline_case(
    *,
    case: RepairCase,
    reason: str,
    competent_body: str = "",
    actor: User,
    at: datetime,
    version: int | None = None,
) -> RepairCase:
    """Not accept, with the reason and, where another body is competent, its name."""
    if not reason.strip():
        raise NotReady("请填写不予受理的理由。")
    with turn(case=case, action="decline", actor=actor, at=at, version=version) as now:
        now.payload["reason"] = reason
        now.case.correction_notices.filter(sent_at=None).delete()
        now.issue(
            "non_acceptance_notice",
            letters.non_acceptance_notice(now.case, reason=reason, competent_body=competent_body, at=now.at),
        )
    return now.case


@transaction.atomic
def draft_correction(
    *, case: RepairCase, defects: Sequence[Defect], actor: User, at: datetime
) -> CorrectionNotice:
    """Keep the items of a notice that is not sent yet, in place of those kept before.

    After the first notice an item may only concern what the latest submission brought, or a supervisor of the
    organ gives the reason (一次性告知). NotReady names the item that does not.
    """
    # Before the row, as every step of the procedure does.
    lock_chain(case.number)
    locked = (
        RepairCase.objects.select_for_update(of=("self",))
        .select_related("record__subject", "organ")
        .get(pk=case.pk)
    )
    if not access.may_act(actor, Role.INTAKE, locked):
        raise NotAllowed("drafting a correction notice needs the role intake")
    if locked.status != State.SUBMITTED:
        raise IllegalAction(locked.status, "request_correction")
    notice, _ = CorrectionNotice.objects.update_or_create(
        case=locked, round=locked.round, defaults={"drafted_by": actor, "drafted_at": at}
    )
    brought = set(locked.materials.filter(round=locked.round).values_list("kind", flat=True))
    rows = []
    for number, defect in enumerate(defects, 1):
        label = MaterialKind(defect.material_kind).label
        if not defect.defect.strip() or not defect.requirement.strip():
            raise NotReady(f"第{number}项“{label}”：问题和补正要求都要写明。")
        new = locked.round == 1 or defect.material_kind in brought
        if not new and not defect.exception_reason.strip():
            raise NotReady(
                f"第{number}项“{label}”不是本次补正新提交的内容。第八条要求一次性告知；确需再次告知的，由负责人写明理由。"
            )
        if not new and not has_role(actor, "supervisor"):
            raise NotReady(f"第{number}项“{label}”：再次告知的理由只能由本单位负责人填写。")
        rows.append(
            CorrectionItem(
                notice=notice,
                material_kind=defect.material_kind,
                defect=defect.defect.strip(),
                requirement=defect.requirement.strip(),
                notice_round=locked.round,
                material_round=locked.round if defect.material_kind in brought else 0,
                exception_reason="" if new else defect.exception_reason.strip(),
                exception_by=None if new else actor,
            )
        )
    notice.items.all().delete()
    CorrectionItem.objects.bulk_create(rows)
    record_event(
        chain=locked.number,
        verb="repair.correction_drafted",
        at=at,
        actor=actor,
        role=Role.INTAKE,
        organ=locked.organ,
        payload={"round": locked.round, "items": len(rows)},
    )
    return notice


def request_correction(
    *, case: RepairCase, actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Send the drafted items, all at once. The unit's clock stops; nothing lapses for the applicant."""
    with turn(case=case, action="request_correction", actor=actor, at=at, version=version) as now:
        notice = now.case.correction_notices.filter(round=now.case.round, sent_at=None).first()
        items = list(notice.items.all()) if notice else []
        if not notice or not items:
            raise NotReady("还没有补正事项，请先逐项填写需要补正的材料、问题和要求。")
        document = now.issue(
            "correction_notice", letters.correction_notice(now.case, items=items, at=now.at, officer=actor)
        )
        notice.sent_at, notice.document = at, document
        notice.save(update_fields=["sent_at", "document"])
        now.payload["items"] = len(items)
    return now.case
