"""Asking for a credit report (Articles 3 and 17): by who acts for its subject, online, or by whoever comes to the window with
what shows that they may; answered by a report officer of the bureau."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import Role, User
from applications.accounts.selectors import staff_of
from applications.documents.services import alarming
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.language import as_kept, to_reader
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.numbering.services import take_number
from applications.organs.models import Organ
from applications.reports.access import may_issue_for
from applications.reports.models import CreditReport, ReportRequest
from applications.reports.services import clean_purpose, issue_report, refuse_variant
from applications.subjects.access import may_act_for
from applications.subjects.models import Capacity, Subject
from applications.subjects.services.registering import register_subject

Channel, State = ReportRequest.Channel, ReportRequest.State
# Who need not show by a paper that they may: what they show is the subject's own licence or their own document.
WITH_PAPER = (Capacity.AGENT, Capacity.EMPLOYEE)


@transaction.atomic
@as_kept()
def ask_for_report(
    *,
    subject: Subject,
    organ: Organ,
    variant: str,
    purpose: str,
    actor: User,
    at: datetime,
    since: date | None = None,
    replaces: CreditReport | None = None,
) -> ReportRequest:
    """Ask online, for a subject that the actor acts for in all matters, by itself or under a power of attorney that holds.

    PermissionDenied; ValidationError by field, and where the same report is waited for already.
    """
    if not may_act_for(actor, subject):
        raise PermissionDenied
    with to_reader():
        purpose = _checked(variant, purpose, since, organ, at)
        if replaces is not None and replaces.subject_id != subject.pk:
            raise PermissionDenied
    asked = _write(
        subject=subject,
        organ=organ,
        channel=Channel.ONLINE,
        variant=variant,
        purpose=purpose,
        since=since,
        replaces=replaces,
        requested_by=actor,
        requested_at=at,
    )
    notify(
        key=f"report-asked/{asked.number}",
        recipients=staff_of(organ, Role.REPORT_OFFICER),
        subject=_("%(name)s申请信用报告") % {"name": subject.public_name},
        body=_("申请编号%(number)s，用途：%(purpose)s。请查看并出具。")
        % {"number": asked.number, "purpose": purpose},
        at=at,
        link=link_to("reportrequest", asked.pk),
        about=asked.number,
    )
    return asked


@transaction.atomic
def take_request(
    *,
    subject: Subject,
    variant: str,
    purpose: str,
    came: str,
    capacity: str,
    proof: Inspected | None,
    actor: User,
    at: datetime,
    since: date | None = None,
) -> ReportRequest:
    """Enter what somebody asks for at the window, in which capacity, with the mandate or the licence that was shown.

    PermissionDenied unless the actor is a report officer of a credit bureau; ValidationError by field.
    """
    organ = actor.organ
    if organ is None or not may_issue_for(actor, organ):
        raise PermissionDenied
    purpose = _checked(variant, purpose, since, organ, at)
    if not came.strip():
        raise ValidationError({"came": _("请填写来人的姓名。")})
    own = (Capacity.SELF, Capacity.AGENT) if subject.is_person else set(Capacity) - {Capacity.SELF}
    if capacity not in own:
        raise ValidationError({"capacity": _("请选择来人的身份。")})
    if capacity in WITH_PAPER and proof is None:
        raise ValidationError(
            {"proof": _("受委托的代理人和工作人员须有授权委托书或者介绍信，请上传扫描件。")}
        )
    with storing():
        return _write(
            subject=subject,
            organ=organ,
            channel=Channel.WINDOW,
            variant=variant,
            purpose=purpose,
            since=since,
            came=came.strip(),
            capacity=capacity,
            proof=store_upload(upload=proof, user=actor, at=at) if proof else None,
            requested_by=actor,
            requested_at=at,
        )


@transaction.atomic
def take_request_for_new(
    *,
    kind: str,
    name: str,
    code: str,
    identity_type: str,
    legal_representative: str,
    actor: User,
    at: datetime,
    **said: Any,
) -> ReportRequest:
    """The same for a subject that has no record here, so that it is made with the request or not at all; one that is known by its
    code is taken as it is. ValidationError by field (``code``, ``name``, and those of ``take_request``)."""
    if actor.organ is None or not may_issue_for(actor, actor.organ):
        raise PermissionDenied
    person = kind == Subject.Kind.NATURAL_PERSON
    try:
        subject = register_subject(
            kind=kind,
            name=name,
            uscc="" if person else code,
            identity_type=identity_type if person else "",
            identity_number=code if person else "",
            legal_representative=legal_representative.strip(),
            at=at,
        )
    except ValidationError as refused:
        by_field = refused.message_dict
        for field in ("uscc", "identity_number"):
            if field in by_field:
                by_field["code"] = by_field.pop(field)
        raise ValidationError(by_field) from None
    return take_request(subject=subject, actor=actor, at=at, **said)


@alarming()
@transaction.atomic
def grant_request(*, asked: ReportRequest, actor: User, at: datetime) -> CreditReport:
    """Issue the report that was asked for. PermissionDenied; ValidationError: it was answered meanwhile; Unprintable."""
    asked = _lock(asked, actor)
    asked.report = issue_report(
        subject=asked.subject,
        variant=asked.variant,
        organ=asked.organ,
        purpose=asked.purpose,
        since=asked.since,
        replaces=asked.in_place_of,
        actor=actor,
        at=at,
    )
    _answer(asked, State.ISSUED, "report.granted", actor, at)
    return asked.report


@transaction.atomic
def decline_request(*, asked: ReportRequest, reason: str, actor: User, at: datetime) -> ReportRequest:
    """Answer that none is issued, and why. PermissionDenied; ValidationError without a reason, or where it was answered."""
    asked = _lock(asked, actor)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明没有出具的理由，会告知申请人。")})
    asked.reason = reason[:300]
    _answer(asked, State.DECLINED, "report.declined", actor, at)
    if asked.channel == Channel.ONLINE:
        notify(
            key=f"report-declined/{asked.number}",
            recipients=[asked.requested_by],
            subject=_("%(name)s申请的信用报告没有出具") % {"name": asked.subject.public_name},
            body=_(
                "%(organ)s没有出具申请编号%(number)s的信用报告。理由：%(reason)s\n可以按理由处理后重新申请。"
            )
            % {"organ": asked.organ.name, "number": asked.number, "reason": asked.reason},
            at=at,
            link=link_to("ownreportrequest", asked.pk),
            about=asked.number,
        )
    return asked


@transaction.atomic
def withdraw_request(*, asked: ReportRequest, actor: User, at: datetime) -> ReportRequest:
    """Ask for it no more. PermissionDenied; ValidationError where it was answered."""
    if not may_act_for(actor, asked.subject):
        raise PermissionDenied
    asked = _waiting(asked)
    _answer(asked, State.WITHDRAWN, "report.request_withdrawn", actor, at)
    return asked


def _checked(variant: str, purpose: str, since: date | None, organ: Organ, at: datetime) -> str:
    purpose = clean_purpose(purpose)
    refuse_variant(variant, since, localdate(at))
    if organ.kind != Organ.Kind.CREDIT_BUREAU:
        raise ValidationError({"organ": _("请选择出具报告的公共信用信息工作机构。")})
    return purpose


def _write(**said: object) -> ReportRequest:
    asked = ReportRequest(**said)
    year = localdate(asked.requested_at).year
    region = asked.organ.region
    asked.number = f"BG-{region}-{year}-{take_number(f'report-request:{region}:{year}'):06d}"
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError:
        first = ReportRequest.objects.filter(
            subject=asked.subject, variant=asked.variant, state=State.WAITING
        ).first()
        if first is None:
            raise
        with to_reader():
            raise ValidationError(
                _("%(who)s申请这个主体的同一版本的报告，正在等待出具，没有重复申请。")
                % {"who": who_acted(first.requested_by, first.requested_at)}
            ) from None
    _record(asked, "report.requested", asked.requested_by, asked.requested_at)
    return asked


def _lock(asked: ReportRequest, actor: User) -> ReportRequest:
    if not may_issue_for(actor, asked.organ):
        raise PermissionDenied
    return _waiting(asked)


def _waiting(asked: ReportRequest) -> ReportRequest:
    lock_chain(asked.number)
    asked = ReportRequest.objects.select_related(
        "subject", "organ", "requested_by", "replaces__document__replaced_by"
    ).get(pk=asked.pk)
    if asked.state != State.WAITING:
        raise ValidationError(_("这项申请%(state)s，没有再次办理。") % {"state": asked.get_state_display()})
    return asked


def _answer(asked: ReportRequest, state: str, verb: str, actor: User, at: datetime) -> None:
    asked.state, asked.decided_by, asked.decided_at = state, actor, at
    asked.save()
    _record(asked, verb, actor, at)


def _record(asked: ReportRequest, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=asked.number,
        verb=verb,
        at=at,
        actor=actor,
        role="report_officer" if actor.is_staff else "applicant",
        organ=asked.organ,
        payload={"request": asked.pk, "subject": asked.subject_id, "channel": asked.channel}
        | ({"report": asked.report.number} if asked.report else {}),
    )
