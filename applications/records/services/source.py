"""What becomes of a penalty at its source: revoked or changed by its authority or a court.

Administrative Penalty Law 48 with 85: withdrawn within 3 working days, and the reason made public.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.deadlines.models import RUNNING, Deadline
from applications.deadlines.services import cancel_deadlines, meet_deadline
from applications.deadlines.services.owed import start_clock
from applications.documents.services import alarming
from applications.files.inspection import Upload
from applications.files.services import store_upload, storing
from applications.ledger.services import record_event
from applications.masking import mask_numbers
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.records.access import may_decide_act, may_propose_act
from applications.records.fields import from_json, to_json
from applications.records.history import REVOCATION, values_before
from applications.records.models import DishonestyRecord, ImportBatch, RecordChange, SourceAct
from applications.records.services.platform import CORRECTED, REVOKED, tell_platform
from applications.records.services.reinstatement import reinstate
from applications.records.services.writing import lock_record, write_record
from rules.procedure import Clock, Role

SourceState = DishonestyRecord.SourceState
Kind, State = SourceAct.Kind, SourceAct.State
VERBS = {Kind.REVOKE: REVOCATION, Kind.CHANGE: "record.corrected", Kind.RESTORE: "record.restored"}
# What makes the clock of withdrawal run.
WITHDRAWING = (Kind.REVOKE, Kind.CHANGE)


@transaction.atomic
def revoke_by_file(
    *, record: DishonestyRecord, batch: ImportBatch, at: datetime, actor: User | None
) -> RecordChange | None:
    """The unit's own file says that the penalty is revoked (当前状态)."""
    lock_record(record)
    on = localdate(at)
    start_clock(
        clock=Clock.WITHDRAWAL,
        unit=record.identifying_unit,
        chain=record.reference,
        link=link_to("record", record.pk),
        started_on=on,
        today=on,
    )
    return _revoke(
        record,
        reason=_("认定单位报送的当前状态为“撤销”。"),
        happened_on=on,
        at=at,
        actor=actor,
        batch=batch,
        payload={"batch": batch.pk},
    )


def _revoke(
    record: DishonestyRecord, *, reason: str, happened_on: date, at: datetime, actor: User | None, **more: Any
) -> RecordChange | None:
    change = write_record(
        record=record,
        values={"source_state": SourceState.REVOKED},
        verb=REVOCATION,
        at=at,
        actor=actor,
        organ=record.identifying_unit,
        reason=reason,
        **more,
    )
    tell_platform(record=record, event=REVOKED, happened_on=happened_on, reason=reason, at=at)
    return change


def propose_act(
    *,
    record: DishonestyRecord,
    kind: str,
    grounds: str,
    actor: User,
    at: datetime,
    values: Mapping[str, Any] | None = None,
    document: Upload | None = None,
    document_number: str = "",
    effective_on: date | None = None,
) -> SourceAct:
    """An officer of the identifying unit hands in that a penalty was revoked or changed, with the paper; the clock of
    withdrawal runs from the day of that paper. Or that a revocation was registered by mistake, with the paper that says so,
    which starts no clock. A colleague who approves puts it into effect.

    ``values``: field → value as it is to be, for a change. ValidationError by field; PermissionDenied.
    """
    if not may_propose_act(actor, record):
        raise PermissionDenied
    _refuse_closed(record, kind)
    if not grounds.strip():
        raise ValidationError({"grounds": _("请写明理由，会记入变更历史。")})
    if kind != Kind.RESTORE:
        if document is None:
            raise ValidationError(
                {
                    "document": _("请上传证明撤销登记有误的文书。")
                    if kind == Kind.UNREVOKE
                    else _("请上传撤销、变更该处罚的决定或者裁判文书。")
                }
            )
        if effective_on is None or not record.decided_on <= effective_on <= localdate(at):
            raise ValidationError({"effective_on": _("应在处罚决定日期之后，不能晚于今天。")})
    if kind == Kind.CHANGE and not values:
        raise ValidationError(_("没有更改任何内容。"))
    inspected = examined(document, user=actor) if document is not None else None
    try:
        with storing():
            lock_record(record)
            act = SourceAct.objects.create(
                record=record,
                kind=kind,
                values={name: to_json(value) for name, value in (values or {}).items()},
                document=store_upload(upload=inspected, user=actor, at=at) if inspected else None,
                document_number=document_number.strip(),
                effective_on=effective_on,
                grounds=mask_numbers(grounds.strip()),
                proposed_by=actor,
                proposed_at=at,
            )
            if kind in WITHDRAWING:
                assert effective_on is not None
                act.round = start_clock(
                    clock=Clock.WITHDRAWAL,
                    unit=record.identifying_unit,
                    chain=record.reference,
                    link=link_to("sourceact", act.pk),
                    started_on=effective_on,
                    today=localdate(at),
                ).round
                act.save(update_fields=["round"])
            _record(act, "record.act_proposed", actor, at)
            notify(
                key=f"sourceact-{act.pk}",
                recipients=staff_of(record.identifying_unit, Role.APPROVER),
                by=actor,
                subject=_("%(subject)s %(record)s：%(kind)s，待复核")
                % {
                    "subject": record.subject.public_name,
                    "record": record,
                    "kind": act.get_kind_display(),
                },
                body=_("%(who)s提出：%(grounds)s") % {"who": actor.name, "grounds": act.grounds},
                link=link_to("sourceact", act.pk),
                about=record.reference,
                at=at,
            )
    except IntegrityError:
        waiting = SourceAct.objects.filter(record=record, state=SourceAct.State.PROPOSED).first()
        if waiting is None:
            raise
        raise ValidationError(
            _("这条信息已有一项%(kind)s：%(waits)s。")
            % {"kind": waiting.get_kind_display(), "waits": four_eyes.waits(waiting)}
        ) from None
    return act


def restore(*, change: RecordChange, grounds: str, actor: User, at: datetime) -> SourceAct:
    """Propose that a record be as it was before a change: what this change and all later ones made of it is undone."""
    # As it is now, whatever the page that offered it was made from.
    record = DishonestyRecord.objects.get(pk=change.record_id)
    values = values_before(record).get(change.pk)
    if not values:
        raise ValidationError(_("这次变更没有可以恢复的内容。"))
    return propose_act(
        record=record,
        kind=Kind.RESTORE,
        values={name: from_json(name, kept) for name, kept in values.items()},
        grounds=grounds,
        actor=actor,
        at=at,
    )


@alarming()
@transaction.atomic
def approve_act(*, act: SourceAct, actor: User, at: datetime) -> SourceAct:
    """Put a proposed act into effect: the record is changed or withdrawn at once, and the platform told."""
    act = _lock(act, actor)
    record = act.record
    _refuse_closed(record, act.kind)
    four_eyes.approve(act, actor=actor, at=at)
    _record(act, "record.act_approved", actor, at)
    more: dict[str, Any] = {"document": act.document, "payload": {"act": act.pk}}
    happened_on = act.effective_on or localdate(at)
    if act.kind == Kind.REVOKE:
        _revoke(record, reason=act.grounds, happened_on=happened_on, at=at, actor=actor, **more)
        return act
    if act.kind == Kind.UNREVOKE:
        reinstate(record=record, reason=act.grounds, happened_on=happened_on, at=at, actor=actor, **more)
        return act
    write_record(
        record=record,
        values={name: from_json(name, kept) for name, kept in act.values.items()},
        verb=VERBS[Kind(act.kind)],
        at=at,
        actor=actor,
        organ=record.identifying_unit,
        reason=act.grounds,
        **more,
    )
    tell_platform(record=record, event=CORRECTED, happened_on=happened_on, reason=act.grounds, at=at)
    return act


@transaction.atomic
def reject_act(*, act: SourceAct, reason: str, actor: User, at: datetime) -> SourceAct:
    """Turn a proposed act down, with the reason; its clock is called off, because nothing has to be withdrawn.

    NotProposed; PermissionDenied.
    """
    act = _lock(act, actor)
    four_eyes.reject(act, actor=actor, reason=reason, at=at)
    _record(act, "record.act_rejected", actor, at)
    if act.round is not None:
        cancel_deadlines(
            case_number=act.record.reference, kind=Clock.WITHDRAWAL, on=localdate(at), round=act.round
        )
    return act


def stop_clock(*, record: DishonestyRecord, sent_at: datetime, received_at: datetime) -> None:
    """The platform has receipted what it was told of a record at ``sent_at``: the clocks of what had become of it by then
    stop. That of an act which still waits runs on, and so does that of what was put into effect later."""
    acts = record.acts.filter(round__isnull=False)
    later = acts.filter(Q(state=State.PROPOSED) | Q(decided_at__gt=sent_at))
    running = Deadline.objects.filter(RUNNING, case_number=record.reference, kind=Clock.WITHDRAWAL).exclude(
        round__in=list(later.values_list("round", flat=True))
    )
    if record.changes.filter(verb=REVOCATION, batch__isnull=False, at__gt=sent_at).exists():
        # A file revoked it since, and its clock is of no act.
        running = running.filter(round__in=list(acts.values_list("round", flat=True)))
    for clock in running:
        meet_deadline(
            case_number=record.reference,
            kind=Clock.WITHDRAWAL,
            on=max(localdate(received_at), clock.started_on),
            round=clock.round,
        )


def _lock(act: SourceAct, actor: User) -> SourceAct:
    lock_record(act.record)
    if not may_decide_act(actor, act):
        raise PermissionDenied
    return four_eyes.lock_proposed(act)


def _refuse_closed(record: DishonestyRecord, kind: str) -> None:
    """A repaired record can still lose its penalty, but says what it said when it was repaired (Article 9)."""
    if kind == Kind.UNREVOKE:
        if record.source_state != SourceState.REVOKED:
            raise ValidationError(_("该处罚没有登记为撤销，或者已经恢复。"))
        return
    annotation = getattr(record, "annotation", None)
    if annotation is not None and kind != Kind.REVOKE:
        raise ValidationError(
            _("该记录已由决定 %(decision)s 标注修复，不再更改。") % {"decision": annotation.decision_number}
        )
    if record.source_state == SourceState.REVOKED:
        raise ValidationError(_("该处罚已经登记为撤销，不能再更改。"))


def _record(act: SourceAct, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=act.record.reference,
        verb=verb,
        at=at,
        actor=actor,
        organ=act.record.identifying_unit,
        payload={"act": act.pk, "kind": act.kind, "fields": sorted(act.values)},
    )
