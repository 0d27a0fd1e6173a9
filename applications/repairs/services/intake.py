"""Article 8: accept, ask once for correction, or not accept, within 3 working days of each submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.accounts.selectors import staff_of
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

    After the first notice an item that the latest submission did not bring waits for the reason of the organ's
    supervisor (一次性告知); a reason given for the same words before stays. NotReady names the item that is
    incomplete, or whose reason is not the officer's to give.
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
    given = {
        (item.material_kind, item.defect, item.requirement): (item.exception_reason, item.exception_by)
        for item in notice.items.select_related("exception_by")
    }
    brought = set(locked.materials.filter(round=locked.round).values_list("kind", flat=True))
    rows = []
    for number, defect in enumerate(defects, 1):
        label = MaterialKind(defect.material_kind).label
        if not defect.defect.strip() or not defect.requirement.strip():
            raise NotReady(f"第{number}项“{label}”：问题和补正要求都要写明。")
        item = CorrectionItem(
            notice=notice,
            material_kind=defect.material_kind,
            defect=defect.defect.strip(),
            requirement=defect.requirement.strip(),
            notice_round=locked.round,
            material_round=locked.round if defect.material_kind in brought else 0,
        )
        if item.asks_again:
            reason, by = given.get((item.material_kind, item.defect, item.requirement), ("", None))
            if defect.exception_reason.strip() not in ("", reason):
                if not access.may_except(actor, locked):
                    raise NotReady(f"第{number}项“{label}”：再次告知的理由只能由本单位负责人填写。")
                reason, by = defect.exception_reason.strip(), actor
            item.exception_reason, item.exception_by = reason, by
        rows.append(item)
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


@transaction.atomic
def except_item(*, item: CorrectionItem, reason: str, actor: User, at: datetime) -> CorrectionItem:
    """The head of the organ says why something is asked for that could have been asked for at once (Article 8).

    NotReady: no reason, or nothing waits for one any more.
    """
    case = item.notice.case
    # Before the row, as every step of the procedure does.
    lock_chain(case.number)
    case = (
        RepairCase.objects.select_for_update(of=("self",)).select_related("record__subject").get(pk=case.pk)
    )
    if not access.may_except(actor, case):
        raise NotAllowed("the reason is for the supervisor of the organ to give")
    kept = CorrectionItem.objects.filter(
        pk=item.pk, sent_at=None, notice__round=case.round, notice__case__status=State.SUBMITTED
    ).first()
    if kept is None or not kept.asks_again:
        raise NotReady(f"申请{case.number}的这项补正要求已经改动、发出或者不需要理由，请重新查看。")
    if not reason.strip():
        raise NotReady("请写明再次告知的理由。")
    kept.exception_reason, kept.exception_by = reason.strip(), actor
    kept.save(update_fields=["exception_reason", "exception_by"])
    record_event(
        chain=case.number,
        verb="repair.correction_excepted",
        at=at,
        actor=actor,
        role="supervisor",
        organ=case.organ,
        payload={"round": case.round, "material": kept.material_kind, "reason": kept.exception_reason},
    )
    return kept


def request_correction(
    *, case: RepairCase, actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Send the drafted items, all at once. The unit's clock stops; nothing lapses for the applicant."""
    with turn(case=case, action="request_correction", actor=actor, at=at, version=version) as now:
        notice = now.case.correction_notices.filter(round=now.case.round, sent_at=None).first()
        items = list(notice.items.all()) if notice else []
        if not notice or not items:
            raise NotReady("还没有补正事项，请先逐项填写需要补正的材料、问题和要求。")
        waiting = [number for number, item in enumerate(items, 1) if item.needs_reason]
        if waiting:
            raise NotReady(*_lacking_reasons(now.case, items, waiting))
        document = now.issue(
            "correction_notice", letters.correction_notice(now.case, items=items, at=now.at, officer=actor)
        )
        notice.sent_at, notice.document = at, document
        notice.save(update_fields=["sent_at", "document"])
        notice.items.update(sent_at=at)
        now.payload["items"] = len(items)
    return now.case


def _lacking_reasons(case: RepairCase, items: Sequence[CorrectionItem], numbers: Sequence[int]) -> list[str]:
    """Why a notice cannot go out yet, and who can change that."""
    heads = "、".join(staff_of(case.organ, "supervisor").order_by("pk").values_list("name", flat=True))
    named = f"请本单位负责人（{heads}）" if heads else "本单位还没有负责人，请系统管理员设置后由负责人"
    return [
        f"第{number}项“{items[number - 1].get_material_kind_display()}”不是本次补正新提交的内容。第八条要求一次性告知；"
        f"确需再次告知的，{named}在申请页面写明理由，然后再发送。事项已经保存。"
        for number in numbers
    ]
