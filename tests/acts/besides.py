"""The acts that are no step of the procedure: charge, absences, notes, proposals, the platform, time. Drafts: sittings_tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from applications.accounts.absences import end_absence, register_absence
from applications.accounts.models import Absence, User
from applications.deadlines.services import sweep_deadlines
from applications.documents.models import Remedies
from applications.documents.remedies import approve_remedies, propose_remedies, reject_remedies
from applications.outbox.sending import claim
from applications.records.models import InformationObjection, SourceAct
from applications.records.services import end_publicity
from applications.records.services.objections import object_to_information
from applications.records.services.source import propose_act, reject_act
from applications.repairs import services, steps
from applications.repairs.models import CorrectionItem, Inquiry, RevocationProposal
from applications.repairs.services.improvements import note_improvements
from applications.repairs.services.inquiries import answer_inquiry, ask_unit, items_of
from applications.sharing.adapters import Receipt
from applications.sharing.models import Delivery
from applications.sharing.sending import DeliverySender
from tests.acts.people import MAY_LEAVE, STAFF, paper
from tests.acts.steps_tried import NothingThere, Trying
from tests.opening import answer_objection, approve_act

DEFECT = steps.Defect("fulfilment", "看不清", "请重新扫描")
# What nobody has brought: asked for again, it needs a reason.
ASKED_LATE = steps.Defect("authorisation", "没有", "请补充")
OTHERS: dict[str, Callable[[Trying], Any]] = {}
WAITS = (1, 1, 2, 3, 5, 9, 40, 130)


def other(kind: Callable[[Trying], Any]) -> Callable[[Trying], Any]:
    OTHERS[kind.__name__] = kind
    return kind


@other
def assign(it: Trying) -> None:
    names = [None, it.act.who, *STAFF]
    officer = it.world.person(name) if (name := names[it.act.manner % len(names)]) in STAFF else None
    services.assign_case(case=it.of_case, officer=officer, actor=it.actor, at=it.at)


@other
def be_away(it: Trying) -> None:
    names = sorted(STAFF)
    person = names[it.act.which % len(names)] if it.act.manner % 2 else it.act.who
    cover = names[(it.act.which + 1 + it.act.manner) % len(names)]
    if it.act.manner < 6:
        # As a rule somebody who could.
        alike = [name for name in names if name != person and it.world.are_alike(name, person)]
        cover = alike[it.act.which % len(alike)] if alike else cover
    user = it.world.person(person)
    assert user is not None
    register_absence(
        user=user,
        cover=it.world.person(cover),
        first_on=it.today,
        last_on=it.today + timedelta(days=it.act.manner - 1),
        actor=it.actor,
        at=it.at,
    )


@other
def be_back(it: Trying) -> None:
    end_absence(absence=it.latest(Absence.objects.all()), actor=it.actor, at=it.at)


@other
def dismiss(it: Trying) -> None:
    """By whoever grants roles: somebody leaves, or is called back."""
    name = MAY_LEAVE[it.act.which % len(MAY_LEAVE)]
    User.objects.filter(pk=it.world.people[name].pk).update(is_active=name in it.world.dismissed)
    it.world.dismissed ^= {name}


@other
def propose_revocation(it: Trying) -> None:
    steps.propose_revocation(
        case=it.of_case, facts="凭证系伪造。", statement="没有意见。" if it.act.manner else "", evidence=paper(),
        actor=it.actor, at=it.at,
    )  # fmt: skip


@other
def reject_revocation(it: Trying) -> None:
    proposal = it.latest(RevocationProposal.objects.filter(case=it.of_case))
    steps.reject_revocation(
        proposal=proposal, reason="属实。" if it.act.manner else "", actor=it.actor, at=it.at
    )


@other
def draft_notice(it: Trying) -> None:
    """What was missing is noted, and not sent yet."""
    defect = DEFECT if it.act.manner % 3 == 0 else ASKED_LATE
    steps.draft_correction(case=it.of_case, defects=[defect], actor=it.actor, at=it.at)


@other
def waive(it: Trying) -> None:
    item = it.latest(CorrectionItem.objects.filter(notice__case=it.of_case))
    steps.waive_item(item=item, reason="申请人另有变化。" if it.act.manner else "", actor=it.actor, at=it.at)


@other
def note_improvements_(it: Trying) -> None:
    note_improvements(case=it.of_case, words=f"志愿服务{it.act.manner}次。", actor=it.actor, at=it.at)


@other
def ask(it: Trying) -> None:
    ask_unit(case=it.of_case, question="缴清了吗？" if it.act.manner else "", actor=it.actor, at=it.at)


@other
def answer(it: Trying) -> None:
    inquiry = it.latest(Inquiry.objects.filter(case=it.of_case))
    done: dict[str, date | None] = dict.fromkeys(items_of(it.of_case), date(2026, 6, 2))
    if it.act.manner % 3 == 0:
        done[next(iter(done))] = None
    note = "尚欠2000元。" if it.act.manner else ""
    answer_inquiry(inquiry=inquiry, done=done, note=note, actor=it.actor, at=it.at)


@other
def propose_act_(it: Trying) -> None:
    record = it.world.record(it.act.which)
    kind = ("revoke", "change", "revoke", "change", "unrevoke", "change", "revoke", "change")[it.act.manner]
    if record.source_state == record.SourceState.REVOKED and it.act.manner:
        kind = "unrevoke"
    texts = {"facts": f"经查，{it.act.manner}批次标签不符。"}
    values = None if kind != "change" else {"severity": "serious"} if it.act.manner == 3 else texts
    propose_act(
        record=record, kind=kind, grounds="复议决定。", values=values, document=paper("复议.pdf"),
        effective_on=it.today - timedelta(days=it.act.manner), actor=it.actor, at=it.at,
    )  # fmt: skip


def _source_act(it: Trying) -> SourceAct:
    found: SourceAct = it.latest(SourceAct.objects.filter(record=it.world.record(it.act.which)))
    return found


@other
def approve_act_(it: Trying) -> None:
    approve_act(act=_source_act(it), actor=it.actor, at=it.at)


@other
def reject_act_(it: Trying) -> None:
    reject_act(act=_source_act(it), reason="不符。" if it.act.manner else "", actor=it.actor, at=it.at)


@other
def object_information(it: Trying) -> None:
    record = it.world.record(it.act.which)
    object_to_information(
        subject=record.subject, record=record if it.act.manner else None, unit=record.identifying_unit,
        wanted={"facts": "没有违法。"} if it.act.manner != 1 else {}, grounds="不属实。", actor=it.actor, at=it.at,
    )  # fmt: skip


@other
def answer_information(it: Trying) -> None:
    subject = it.world.record(it.act.which).subject
    objection = it.latest(InformationObjection.objects.filter(subject=subject))
    accepted = (
        {"facts": "经核实，标签完整。"} if it.act.manner % 2 and objection.record_id is not None else {}
    )
    answer_objection(
        objection=objection, accepted=accepted, reasons="经核实。" if it.act.manner != 2 else "", actor=it.actor, at=it.at
    )  # fmt: skip


@other
def propose_remedies_(it: Trying) -> None:
    propose_remedies(
        organ=it.world.organs["unit"], authority=f"南京市第{it.act.manner}人民政府" if it.act.which else "",
        court="南京铁路运输法院", effective_from=it.today + timedelta(days=it.act.manner - 1), actor=it.actor, at=it.at,
    )  # fmt: skip


@other
def approve_remedies_(it: Trying) -> None:
    approve_remedies(proposal=it.latest(Remedies.objects.all()), actor=it.actor, at=it.at)


@other
def reject_remedies_(it: Trying) -> None:
    reason = "名称有误。" if it.act.manner else ""
    reject_remedies(proposal=it.latest(Remedies.objects.all()), reason=reason, actor=it.actor, at=it.at)


def _delivery(it: Trying) -> Delivery:
    about = (
        it.world.record(it.act.which).reference if it.case is None or it.act.manner >= 5 else it.case.number
    )
    left = Delivery.objects.filter(stream=about).exclude(status=Delivery.Status.DELIVERED)
    row = left.order_by("position").select_related("organ", "destination").first()
    if row is None:
        raise NothingThere
    return row


@other
def receipt(it: Trying) -> None:
    """The platform has what is next of a stream, perhaps since an earlier moment."""
    row = _delivery(it)
    had = max(row.created_at, it.at - timedelta(days=it.act.manner % 3))
    signed = Receipt(f"P-{row.pk}", had.isoformat(), str(row.pk), False)
    outcome = DeliverySender(lambda: it.at).record(row, signed)
    assert outcome.status == Delivery.Status.DELIVERED, row.last_error


@other
def lose(it: Trying) -> None:
    """The platform refuses a message for good."""
    row = _delivery(it)
    if claim(row, at=it.at):
        DeliverySender(lambda: it.at).given_up(row, "拒收")


@other
def wait(it: Trying) -> None:
    """Days pass, and every morning's tasks run on the last of them."""
    it.world.at += timedelta(days=WAITS[it.act.manner])
    sweep = sweep_deadlines(at=it.at)
    assert not sweep.failed, "the sweep failed at a clock"
    end_publicity(at=it.at)
    steps.deem_overdue_cases_accepted(at=it.at)
