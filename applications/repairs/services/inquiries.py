"""核实 (Articles 3 and 7): a credit bureau asks the identifying unit whether what a decision imposed is done; the unit
answers within its own clock, and its answer is issued as its 信用修复表."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.calendars.selectors import calendar
from applications.deadlines.models import RUNNING, Deadline
from applications.deadlines.recipients import Recipients
from applications.deadlines.services import cancel_deadlines, meet_deadline
from applications.deadlines.services.owed import start_clock
from applications.deadlines.wording import marked
from applications.documents.services import alarming, issue_document
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.ledger.services import record_event
from applications.masking import mask_numbers
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.numbering.services import take_number
from applications.repairs import letters
from applications.repairs.access import HANDLING_ROLES, may_answer_inquiry, may_inquire
from applications.repairs.assessing import items_of
from applications.repairs.locking import lock_case
from applications.repairs.message_words import about, titled
from applications.repairs.models import Inquiry, RepairCase
from rules.day_words import day_and_weekday, day_in_words
from rules.procedure import Clock, Role

State = Inquiry.State


def ask_unit(*, case: RepairCase, question: str, actor: User, at: datetime) -> Inquiry:
    """Ask the identifying unit; its clock runs from now, and not beyond that of the decision.

    PermissionDenied; ValidationError by field, also where an inquiry about the case is open, or no working day is left
    for it.
    """
    if not may_inquire(actor, case):
        raise PermissionDenied
    if not question.strip():
        raise ValidationError({"question": _("请写明请认定单位核实什么。")})
    try:
        with transaction.atomic():
            locked = lock_case(case)
            if not may_inquire(actor, locked):
                raise ValidationError(
                    _("申请%(number)s现为“%(status)s”，不再需要核实。")
                    % {"number": locked.number, "status": locked.get_status_display()}
                )
            left = _days_left(locked, localdate(at))
            unit, year = locked.record.identifying_unit, localdate(at).year
            serial = take_number(f"inquiry:{unit.region}:{year}")
            inquiry = Inquiry.objects.create(
                number=f"HS-{unit.region}-{year}-{serial:06d}",
                case=locked,
                unit=unit,
                question=mask_numbers(question.strip()),
                asked_by=actor,
                asked_at=at,
            )
            clock = start_clock(
                clock=Clock.VERIFICATION,
                unit=unit,
                chain=inquiry.number,
                link=link_to("inquiry", inquiry.pk),
                started_on=localdate(at),
                today=localdate(at),
                at_most=left,
            )
            _record(inquiry, "repair.inquired", actor, at)
            notify(
                key=f"inquiry-{inquiry.pk}",
                recipients=staff_of(unit, Role.APPROVER),
                subject=_("%(number)s：%(organ)s请核实履行情况")
                % {"number": inquiry.number, "organ": locked.organ},
                body=_("%(record)s，%(subject)s。%(question)s\n最迟%(due)s答复。")
                % {
                    "due": marked(day_and_weekday(clock.due_on), clock.provisional),
                    "record": locked.record,
                    "subject": locked.record.subject.public_name,
                    "question": inquiry.question,
                },
                link=link_to("inquiry", inquiry.pk),
                about=locked.number,
                at=at,
            )
    except IntegrityError:
        waiting = Inquiry.objects.filter(case=case, state=State.OPEN).select_related("asked_by").first()
        if waiting is None:
            raise
        raise ValidationError(
            _("%(who_acted)s就这件申请请认定单位核实（%(number)s），正等待答复。")
            % {"who_acted": who_acted(waiting.asked_by, waiting.asked_at), "number": waiting}
        ) from None
    return inquiry


def _days_left(case: RepairCase, on: date) -> int | None:
    """The working days that are left until the decision on the application or on the objection is due; None while no such
    clock runs. ValidationError where none is left."""
    decides = Deadline.objects.filter(
        RUNNING, case_number=case.number, kind__in=(Clock.DECISION, Clock.OBJECTION)
    )
    clock = decides.order_by("due_on").first()
    if clock is None:
        return None
    left = calendar(case.organ.region).count(on, clock.due_on)
    if left < 1:
        raise ValidationError(
            _("办理期限于%(day)s届满，来不及请认定单位核实。") % {"day": day_in_words(clock.due_on)}
        )
    return left


def answer_inquiry(
    *,
    inquiry: Inquiry,
    done: Mapping[str, date | None],
    note: str = "",
    evidence: Inspected | None = None,
    actor: User,
    at: datetime,
) -> Inquiry:
    """Answer in the unit's name, and issue its form. ``done``: of each of ``items_of`` the day on which it was done, or
    None where it is not; then ``note`` says why.

    PermissionDenied; ValidationError by field, also where it is answered or no longer needed. Unprintable, with the alarm.
    """
    if not may_answer_inquiry(actor, inquiry):
        raise PermissionDenied
    note = mask_numbers(note.strip())
    with alarming(), storing():
        case = lock_case(inquiry.case)
        inquiry = Inquiry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=inquiry.pk)
        inquiry.case = case
        if inquiry.state != State.OPEN:
            raise ValidationError(_closed(inquiry))
        items = items_of(case)
        if set(done) != set(items):
            raise ValidationError(_("请逐项写明核实结果。"))
        if any(day is not None and day > localdate(at) for day in done.values()):
            raise ValidationError(_("完成日期不能晚于今天。"))
        if not all(done.values()) and not note:
            raise ValidationError({"note": _("没有完成的，请说明情况。它会写进信用修复表。")})
        inquiry.answers = [
            {
                "name": name,
                "done": done[name] is not None,
                "on": day.isoformat() if (day := done[name]) else "",
            }
            for name in items
        ]
        inquiry.note, inquiry.state = note, State.ANSWERED
        inquiry.evidence = store_upload(upload=evidence, user=actor, at=at) if evidence else None
        inquiry.answered_by, inquiry.answered_at = actor, at
        before = case.inquiries.exclude(pk=inquiry.pk).filter(state=State.ANSWERED).order_by("pk").last()
        inquiry.document = issue_document(
            kind="repair_form",
            organ=inquiry.unit,
            about=case.number,
            addressee=case.organ.name,
            content=repair_form(inquiry, at),
            at=at,
            issued_by=actor,
            replaces=before.document if before else None,
        )
        inquiry.save()
        meet_deadline(case_number=inquiry.number, kind=Clock.VERIFICATION, on=localdate(at))
        _record(inquiry, "repair.inquiry_answered", actor, at)
        _tell_bureau(inquiry, at)
    return inquiry


def _closed(inquiry: Inquiry) -> str:
    if inquiry.answered_at is not None:
        return _("%(who_acted)s答复核实%(number)s，您的答复没有提交。") % {
            "who_acted": who_acted(inquiry.answered_by, inquiry.answered_at),
            "number": inquiry,
        }
    return _("核实%(number)s%(state)s，没有提交。") % {
        "number": inquiry,
        "state": inquiry.get_state_display(),
    }


def call_off_inquiries(*, case: RepairCase, at: datetime) -> None:
    """The case is decided, given up or closed: nobody needs the answer any more. Call it with the case locked."""
    for inquiry in case.inquiries.filter(state=State.OPEN):
        inquiry.state = State.CALLED_OFF
        inquiry.save(update_fields=["state"])
        cancel_deadlines(case_number=inquiry.number, on=localdate(at))


def repair_form(inquiry: Inquiry, at: datetime) -> dict[str, Any]:
    """信用修复表 of Article 7, as the identifying unit fills it in."""
    case, unit, record = inquiry.case, inquiry.unit, inquiry.case.record
    return letters.heading(case, at) | {
        "inquiry": {
            "number": inquiry.number,
            "organ": case.organ.name,
            "asked_on": localdate(inquiry.asked_at).isoformat(),
        },
        "organ": {"name": unit.name, "phone": unit.phone, "address": unit.address},
        "penalty": mask_numbers(record.penalty_content),
        "representative": record.subject.legal_representative,
        "contact": case.filing.contact_name,
        "items": inquiry.answers,
        "confirms": inquiry.confirms,
        "note": inquiry.note,
    }


def _tell_bureau(inquiry: Inquiry, at: datetime) -> None:
    """Whoever has charge of the case, or whose turn it is."""
    case = inquiry.case
    clock = Deadline.objects.filter(RUNNING, case_number=case.number).select_related("organ").first()
    officers = (
        Recipients(on=localdate(at)).responsible(clock) if clock else staff_of(case.organ, *HANDLING_ROLES)
    )
    result = _("全部确认") if inquiry.confirms else _("有没有完成的事项")
    notify(
        key=f"inquiry-{inquiry.pk}-answered",
        recipients=officers,
        subject=titled(case, _("%(unit)s已答复核实") % {"unit": inquiry.unit}),
        body=_("%(unit)s核实结果：%(result)s。已出具《信用修复表》，见申请页面。\n%(about)s")
        % {"unit": inquiry.unit, "result": result, "about": about(case)},
        link=link_to("repaircase", case.pk),
        about=case.number,
        at=at,
    )


def _record(inquiry: Inquiry, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=inquiry.case.number,
        verb=verb,
        at=at,
        actor=actor,
        organ=inquiry.case.organ if verb == "repair.inquired" else inquiry.unit,
        payload={"inquiry": inquiry.number}
        | ({"confirms": inquiry.confirms} if inquiry.state == State.ANSWERED else {}),
    )
