"""信息异议: a subject objects to what a record says, or to a record that is missing; the identifying unit answers.

While it runs the record is marked, also where the public sees it, and the platform is told.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.accounts.opened import refuse_unopened
from applications.accounts.reading import reading_verb
from applications.deadlines.recipients import Recipients
from applications.deadlines.services import meet_deadline
from applications.deadlines.services.owed import start_clock
from applications.deadlines.templatetags.due import last_day
from applications.documents.services import alarming
from applications.files.inspection import Upload
from applications.files.services import store_upload, storing
from applications.language import as_kept
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.masking import mask_numbers
from applications.notifications.links import link_to
from applications.notifications.models import Group
from applications.notifications.services import notify
from applications.numbering.services import take_number
from applications.organs.models import Organ
from applications.records import fields
from applications.records.access import may_answer_objection
from applications.records.models import DishonestyRecord, InformationObjection
from applications.records.objected import rested_on, sentences
from applications.records.services.platform import CORRECTED, KEPT, OBJECTED, tell_platform
from applications.records.services.result_letter import issue_result
from applications.records.services.writing import digest_of, lock_record, write_record
from applications.subjects.access import may_act_about, may_act_for, refuse_ended
from applications.subjects.models import Subject
from applications.subjects.selectors import acting_now
from rules.procedure import Clock, Role
from rules.sameness import plain_number

Outcome = InformationObjection.Outcome


def object_to_information(
    *,
    subject: Subject,
    record: DishonestyRecord | None,
    unit: Organ,
    wanted: Mapping[str, str],
    grounds: str,
    actor: User,
    at: datetime,
    evidence: Sequence[Upload] = (),
) -> InformationObjection:
    """File an objection: for a record, ``wanted`` is field → what it should say, as a record file would; without one, the
    record is missing and ``grounds`` say which. The clock runs from now. PermissionDenied; ValidationError by field."""
    about_one = record is not None and may_act_about(actor, subject, record.document_number)
    if not (about_one or may_act_for(actor, subject)):
        refuse_ended(actor, subject)
        raise PermissionDenied
    if not grounds.strip():
        raise ValidationError({"grounds": _("请写明事实和理由。")})
    year, on = localdate(at).year, localdate(at)
    items = _items(record, wanted, on) if record is not None else []
    inspected = [examined(each, user=actor) for each in evidence]
    try:
        with storing():
            if record is not None:
                lock_record(record)
            files = [store_upload(upload=each, user=actor, at=at) for each in inspected]
            serial = take_number(f"information:{unit.region}:{year}")
            objection = InformationObjection.objects.create(
                number=f"YY-{unit.region}-{year}-{serial:06d}",
                subject=subject,
                record=record,
                unit=unit,
                items=items,
                grounds=mask_numbers(grounds.strip()),
                evidence=files[0] if files else None,
                filed_by=actor,
                filed_at=at,
            )
            objection.more_evidence.add(*files[1:])
            clock = start_clock(
                clock=Clock.INFORMATION,
                unit=unit,
                chain=objection.number,
                link=link_to("informationobjection", objection.pk),
                started_on=on,
                today=on,
            )
            _record(objection, "record.objected", actor, at)
            if record is not None:
                tell_platform(record=record, event=OBJECTED, happened_on=on, reason=objection.grounds, at=at)
            with as_kept():
                said = {
                    "who": subject.shown_name_of(actor),
                    "subject": subject.public_name,
                    "unit": unit.name,
                    "due": last_day(clock),
                    "items": sentences(items),
                    "grounds": objection.grounds,
                }
                notify(
                    key=f"information-{objection.pk}",
                    # Where nobody of the unit may answer, whoever finds somebody who may.
                    recipients=Recipients(on).in_turn(unit.pk, Clock.INFORMATION, None)
                    or Recipients(on).department(unit),
                    subject=_titled(objection, _("信息异议待处理")),
                    body=_(
                        "%(subject)s对失信行为信息提出异议，请最迟%(due)s答复。\n%(items)s事实和理由：%(grounds)s"
                    )
                    % said,
                    link=link_to("informationobjection", objection.pk),
                    about=objection.number,
                    at=at,
                )
                notify(
                    key=f"information-{objection.pk}-received",
                    recipients=acting_now(subject, on),
                    by=actor,
                    group=Group.PROGRESS,
                    subject=_titled(objection, _("信息异议已提出")),
                    body=_(
                        "%(subject)s已提出异议，%(unit)s最迟%(due)s答复。\n%(items)s事实和理由：%(grounds)s\n经办人：%(who)s。"
                    )
                    % said,
                    link=link_to("objected", objection.pk),
                    about=objection.number,
                    at=at,
                )
    except IntegrityError:
        raise ValidationError(_("对这条信息的异议正在处理，不能重复提出。")) from None
    return objection


def _items(record: DishonestyRecord, wanted: Mapping[str, str], on: date) -> list[dict[str, Any]]:
    """What is objected to. ValidationError by field: what could never be written, as in a cell of a record file."""
    changed = {
        name: text
        for name, text in wanted.items()
        if name in fields.changeable() and fields.differs(record, name, text)
    }
    if not changed:
        raise ValidationError(_("请至少更改一项内容，写明您认为正确的内容。"))
    _values, faults = fields.read_changes(record, changed, on)
    if faults:
        raise ValidationError(faults)
    return [
        {
            "field": name,
            "stated": fields.for_form(record, name),
            "wanted": mask_numbers(fields.as_written(text)),
        }
        for name, text in changed.items()
    ]


def answer_objection(
    *,
    objection: InformationObjection,
    accepted: Mapping[str, str],
    reasons: str,
    actor: User,
    at: datetime,
    supplied: str = "",
) -> InformationObjection:
    """Answer in the identifying unit's name. ``accepted``: field → what the record shall say, in the words of a record
    file; it is written at once. ``supplied``: the document number of the record that was missing and has been loaded
    meanwhile. A letter says what came of it. PermissionDenied; ValidationError by field: no reasons, a value that says
    nothing, no such record of the subject and the unit, somebody was quicker, the actor has not opened a file of the evidence
    (Unopened), or no font has a character of the letter (Unprintable, with the alarm): then nothing is answered, and the page
    keeps what was written."""
    if not may_answer_objection(actor, objection):
        raise PermissionDenied
    reasons = mask_numbers(reasons.strip())
    if not reasons:
        raise ValidationError({"reasons": _("请写明处理理由，异议人会看到。")})
    about = objection.record or _supplied(objection, supplied)
    with alarming(), storing():
        if about is not None:
            lock_record(about)
        lock_chain(objection.number)
        objection = (
            InformationObjection.objects.select_for_update(of=("self",))
            .select_related("record__identifying_unit", "record__subject", "subject", "unit", "filed_by")
            .get(pk=objection.pk)
        )
        if objection.answered_at is not None:
            raise ValidationError(_("%(who)s已经处理了这项异议。") % {"who": objection.answered_by})
        refuse_unopened(
            rested_on(objection),
            reader=actor,
            about=objection.number,
            verb=reading_verb(objection),
            act="answer_objection",
        )
        record = objection.record
        if record is not None and accepted:
            _correct(objection, record, accepted, reasons, actor, at)
        elif record is not None:
            tell_platform(record=record, event=KEPT, happened_on=localdate(at), reason=reasons, at=at)
        else:
            objection.supplied = about
        asked = len(objection.items) or 1
        agreed = len(accepted) if record is not None else int(about is not None)
        objection.outcome = (
            Outcome.REJECTED if not agreed else Outcome.ACCEPTED if agreed == asked else Outcome.PARTLY
        )
        for item in objection.items:
            item["accepted"] = item["field"] in accepted
            if item["accepted"]:
                item["written"] = mask_numbers(fields.as_written(accepted[item["field"]]))
        objection.reasons, objection.answered_by, objection.answered_at = reasons, actor, at
        objection.save()
        meet_deadline(case_number=objection.number, kind=Clock.INFORMATION, on=localdate(at))
        _record(objection, "record.objection_answered", actor, at)
        letter = issue_result(objection=objection, actor=actor, at=at)
        notify(
            key=f"information-{objection.pk}-answered",
            recipients=[objection.filed_by],
            subject=_titled(objection, _("信息异议处理结果")),
            body=_(
                "%(subject)s对%(unit)s的失信行为信息提出的异议：%(outcome)s。%(supplied)s理由：%(reasons)s\n已出具：《%(kind)s》%(letter)s，可以打开本页查看和下载。"
            )
            % {
                "subject": objection.subject.public_name,
                "unit": objection.unit,
                "outcome": objection.get_outcome_display(),
                "supplied": _("补录的信息：%(record)s。") % {"record": about} if objection.supplied else "",
                "reasons": objection.reasons,
                "kind": letter.get_kind_display(),
                "letter": letter.number,
            },
            link=link_to("objected", objection.pk),
            about=objection.number,
            at=at,
        )
    return objection


def _titled(objection: InformationObjection, what: str) -> str:
    about = objection.record or _("缺少的信息")
    return f"{objection.number} {objection.subject.public_name} {about}：{what}"


def _supplied(objection: InformationObjection, number: str) -> DishonestyRecord | None:
    """The record of the objector and of the unit with this document number; none where no number is given."""
    if not number.strip():
        return None
    found = DishonestyRecord.objects.filter(
        plain_number=plain_number(number),
        subject=objection.subject_id,
        identifying_unit=objection.unit_id,
        double_of=None,
    ).first()
    if found is None:
        raise ValidationError(
            {
                "supplied": _("%(unit)s没有这个主体、这个文号的信息。请先导入，或者核对文号。")
                % {"unit": objection.unit}
            }
        )
    return found


def _correct(
    objection: InformationObjection,
    record: DishonestyRecord,
    accepted: Mapping[str, str],
    reasons: str,
    actor: User,
    at: datetime,
) -> None:
    if record.source_state == DishonestyRecord.SourceState.REVOKED or hasattr(record, "annotation"):
        raise ValidationError(_("该记录已修复或者处罚已被撤销，内容不再更改；请写明理由后维持。"))
    values, faults = fields.read_changes(record, accepted, localdate(at))
    if faults:
        raise ValidationError({f"value_{name}": fault for name, fault in faults.items()})
    write_record(
        record=record,
        values=values,
        verb="record.corrected",
        at=at,
        actor=actor,
        organ=objection.unit,
        document=objection.evidence,
        reason=_("信息异议%(number)s：%(reasons)s") % {"number": objection.number, "reasons": reasons},
        payload={"objection": objection.pk},
    )
    tell_platform(record=record, event=CORRECTED, happened_on=localdate(at), reason=reasons, at=at)


def _record(objection: InformationObjection, verb: str, actor: User, at: datetime) -> None:
    """In the objection's own chain, and in that of the record that it is about or that was supplied: the row and a digest
    over it, for what people write stays out of the ledger."""
    about = objection.record or objection.supplied
    words = {"items": objection.items, "grounds": objection.grounds, "reasons": objection.reasons}
    for chain in (objection.number, *([about.reference] if about else [])):
        record_event(
            chain=chain,
            verb=verb,
            at=at,
            actor=actor,
            role=Role.APPLICANT if verb == "record.objected" else "",
            organ=None if verb == "record.objected" else objection.unit,
            payload={
                "objection": objection.pk,
                "fields": [item["field"] for item in objection.items],
                "sha256": digest_of(words),
                "outcome": objection.outcome,
                "supplied": objection.supplied.reference if objection.supplied else "",
            },
        )
