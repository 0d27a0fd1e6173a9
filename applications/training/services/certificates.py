"""培训证书 (Articles 5, 7 and 16): issued here for who passed or attended; another organiser's recorded with its proof and looked
at by an officer; void, with the reason."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.accounts.opened import refuse_unopened
from applications.accounts.reading import reading_verb
from applications.accounts.selectors import staff_of
from applications.documents.models import Document, Kind
from applications.documents.services import alarming, issue_document, void_document
from applications.files.inspection import Inspected
from applications.files.services import store_upload, storing
from applications.language import as_kept
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.subjects.models import Subject
from applications.training.access import ORGANISING_ROLES, may_organise
from applications.training.errors import NotPossible
from applications.training.models import Enrolment, Meeting, Organiser, Study, TrainingCertificate
from rules.sameness import plain_number

State = TrainingCertificate.State
# What a corrected certificate leaves out: the officers correct the day of completion alone.
ITS_DAYS = ("begun_on", "starts_at", "ends_at")


@alarming()
@transaction.atomic
def issue_for_study(*, study: Study, at: datetime) -> TrainingCertificate:
    """The certificate of who passed the quiz; the one that there is, where there is one.

    NotPossible: it is not passed. Unprintable: no font has a character; what was passed stays passed.
    """
    lock_chain(study.chain)
    if found := TrainingCertificate.objects.filter(study=study).first():
        return found
    study.refresh_from_db()
    if study.passed_at is None:
        raise NotPossible(_("测验还没有合格，不能出具证书。"))
    edition = study.edition
    content = {
        "way": "online",
        "course": edition.title,
        "public_interest": edition.content["public_interest"],
        "begun_on": localdate(study.begun_at).isoformat(),
        "completed_on": localdate(study.passed_at).isoformat(),
        "chapters": len(edition.chapters),
        "questions": len(edition.questions),
        "needed": edition.needed,
        "right": study.right,
    }
    return _issue(study, content, study.course.organ, None, at, study=study)


@alarming()
@transaction.atomic
def issue_for_enrolment(*, enrolment: Enrolment, actor: User, at: datetime) -> TrainingCertificate:
    """The certificate of who came; the one that there is, where there is one. PermissionDenied; NotPossible; Unprintable."""
    meeting: Meeting = enrolment.meeting
    if not may_organise(actor, meeting.organ):
        raise PermissionDenied("the organiser's officers issue its certificates")
    lock_chain(enrolment.chain)
    if found := TrainingCertificate.objects.filter(enrolment=enrolment).first():
        return found
    enrolment.refresh_from_db()
    if enrolment.state != Enrolment.State.ATTENDED:
        raise NotPossible(_("没有登记为已参加，不能出具证书。"))
    content = {
        "way": "on_site",
        "course": meeting.title,
        "public_interest": meeting.public_interest,
        "place": meeting.place,
        "starts_at": localtime(meeting.starts_at).isoformat(),
        "ends_at": localtime(meeting.ends_at).isoformat(),
        "completed_on": localdate(meeting.ends_at).isoformat(),
    }
    certificate = _issue(enrolment, content, meeting.organ, actor, at, enrolment=enrolment)
    with as_kept():
        _tell(
            certificate,
            "issued",
            _("培训证书已经出具：%(title)s") % {"title": certificate.title},
            _("%(organ)s出具了证书（%(number)s）。在“我的培训”里可以下载；申请修复严重失信行为信息时使用。")
            % {"organ": certificate.organ, "number": certificate.number},
            at,
        )
    return certificate


def _issue(
    taken: Study | Enrolment,
    content: dict[str, Any],
    organ: Any,
    actor: User | None,
    at: datetime,
    **source: Any,
) -> TrainingCertificate:
    subject, person = taken.subject, taken.person
    with as_kept():
        document = issue_document(
            kind=Kind.TRAINING_CERTIFICATE,
            organ=organ,
            about=taken.chain,
            addressee=subject.name,
            content=content
            | {
                "person": person.name,
                "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
            },
            at=at,
            issued_by=actor,
        )
    certificate = TrainingCertificate.objects.create(
        organ=organ,
        number=document.number,
        plain_number=plain_number(document.number),
        subject=subject,
        person_name=person.name,
        person=person,
        title=content["course"],
        completed_on=date.fromisoformat(content["completed_on"]),
        state=State.VALID,
        document=document,
        recorded_at=at,
        **source,
    )
    _record(certificate, "training.certificate_issued", actor, "staff" if actor else "system", at)
    return certificate


@storing()
def record_outside(
    *,
    subject: Subject,
    organiser: Organiser,
    number: str,
    person_name: str,
    title: str,
    completed_on: date,
    proof: Inspected,
    person: User,
    at: datetime,
) -> TrainingCertificate:
    """Somebody who acts for the subject brings the certificate of another organiser; an officer looks at it.

    ``proof`` is stored with it or not at all. ValidationError by field: the organiser's list takes none any more, the day is
    yet to come, or the number was recorded before. The caller has asked whether the person acts for the subject.
    """
    locked = Organiser.objects.select_for_update().get(pk=organiser.pk)
    if not locked.active:
        raise ValidationError({"organiser": _("不再接受这个组织单位的证书，请联系登记单位。")})
    if completed_on > localdate(at):
        raise ValidationError({"completed_on": _("完成日期不能晚于今天。")})
    same = TrainingCertificate.objects.filter(organiser=locked, plain_number=plain_number(number))
    if same.exclude(state=State.REJECTED).exists():
        raise ValidationError({"number": _("这个编号已经登记过，请核对证书上的编号。")})
    certificate = TrainingCertificate.objects.create(
        organ=locked.organ,
        organiser=locked,
        number=number,
        plain_number=plain_number(number),
        subject=subject,
        person_name=person_name,
        person=person,
        title=title,
        completed_on=completed_on,
        state=State.WAITING,
        proof=store_upload(upload=proof, user=person, at=at),
        recorded_at=at,
    )
    _record(certificate, "training.certificate_recorded", person, "applicant", at)
    with as_kept():
        notify(
            key=f"training-certificate/{certificate.pk}/recorded",
            recipients=staff_of(locked.organ, *ORGANISING_ROLES),
            subject=_("有一份培训证书待核对"),
            body=_("%(organiser)s的证书（%(number)s），请对照证书原件的扫描件核对。")
            % {"organiser": locked, "number": number},
            at=at,
            link=link_to("trainingcertificate", certificate.pk),
        )
    return certificate


@transaction.atomic
def confirm_certificate(*, certificate: TrainingCertificate, actor: User, at: datetime) -> None:
    """The proof shows what was stated. PermissionDenied; NotPossible; Unopened: the officer has not looked at the proof."""
    locked = _waiting(certificate, actor)
    assert locked.proof is not None
    refuse_unopened(
        [locked.proof],
        reader=actor,
        about=locked.chain,
        verb=reading_verb(locked),
        act="training.certificate_confirmed",
    )
    _decide(locked, State.VALID, "", actor, at)
    _record(locked, "training.certificate_confirmed", actor, "staff", at)
    _tell(
        locked,
        "confirmed",
        _("培训证书核对通过：%(title)s") % {"title": locked.title},
        _("%(organ)s核对了您登记的证书（%(number)s），与扫描件一致。")
        % {"organ": locked.organ, "number": locked.number},
        at,
    )


@transaction.atomic
def reject_certificate(*, certificate: TrainingCertificate, reason: str, actor: User, at: datetime) -> None:
    """The proof does not show it. PermissionDenied; NotPossible; ValidationError: no reason."""
    locked = _waiting(certificate, actor)
    reason = _reason(reason)
    _decide(locked, State.REJECTED, reason, actor, at)
    _record(locked, "training.certificate_rejected", actor, "staff", at)
    _tell(
        locked,
        "rejected",
        _("培训证书核对未通过：%(title)s") % {"title": locked.title},
        _("证书（%(number)s）没有登记。原因：%(reason)s。改正以后可以重新登记。")
        % {"number": locked.number, "reason": reason.rstrip("。")},
        at,
    )


@transaction.atomic
def void_certificate(*, certificate: TrainingCertificate, reason: str, actor: User, at: datetime) -> None:
    """A valid certificate is no more, from this moment on. PermissionDenied; NotPossible; ValidationError: no reason."""
    if not may_organise(actor, certificate.organ):
        raise PermissionDenied("a certificate is voided by whoever issued or confirmed it")
    reason = _reason(reason)
    lock_chain(certificate.chain)
    locked = TrainingCertificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if locked.state != State.VALID:
        raise NotPossible(_how_it_stands(locked))
    if locked.document_id:
        void_document(document=Document.objects.get(pk=locked.document_id), reason=reason, actor=actor, at=at)
    locked.state, locked.reason = State.VOID, reason
    locked.save(update_fields=["state", "reason"])
    _record(locked, "training.certificate_voided", actor, "staff", at)
    _tell(
        locked,
        "voided",
        _("培训证书已作废：%(title)s") % {"title": locked.title},
        _("%(organ)s将证书（%(number)s）作废。原因：%(reason)s。")
        % {"organ": locked.organ, "number": locked.number, "reason": reason.rstrip("。")},
        at,
    )


@alarming()
@transaction.atomic
def reissue_certificate(
    *,
    certificate: TrainingCertificate,
    person_name: str,
    title: str,
    completed_on: date,
    actor: User,
    at: datetime,
) -> TrainingCertificate:
    """In the place of one of ours that is void, one that says it right; the subject as it is called today. Once.

    PermissionDenied; NotPossible: it is not void, not ours, or was replaced; ValidationError by field; Unprintable.
    """
    if not may_organise(actor, certificate.organ):
        raise PermissionDenied("a certificate is issued anew by whoever issued it")
    lock_chain(certificate.chain)
    old = TrainingCertificate.objects.select_related("document", "subject", "organ", "person").get(
        pk=certificate.pk
    )
    if old.state != State.VOID or old.document is None:
        raise NotPossible(_("只有本单位出具、已经作废的证书可以更正后重新出具。"))
    if new := TrainingCertificate.objects.filter(replaces=old).first():
        raise NotPossible(
            _("这份证书已被%(number)s取代，没有再出具。更正有误的，请作废那一份。") % {"number": new.number}
        )
    person_name, title = person_name.strip(), title.strip()
    for field, value in (("person_name", person_name), ("title", title)):
        if not value:
            raise ValidationError({field: _("不能为空。")})
    if completed_on > localdate(at):
        raise ValidationError({"completed_on": _("完成日期不能晚于今天。")})
    subject = old.subject
    with as_kept():
        document = issue_document(
            kind=Kind.TRAINING_CERTIFICATE,
            organ=old.organ,
            about=old.chain,
            addressee=subject.name,
            content={name: said for name, said in old.document.content.items() if name not in ITS_DAYS}
            | {
                "corrects": old.number,
                "course": title,
                "person": person_name,
                "completed_on": completed_on.isoformat(),
                "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
            },
            at=at,
            issued_by=actor,
            replaces=old.document,
        )
    new = TrainingCertificate.objects.create(
        organ=old.organ,
        number=document.number,
        plain_number=plain_number(document.number),
        subject=subject,
        person_name=person_name,
        person=old.person,
        title=title,
        completed_on=completed_on,
        state=State.VALID,
        document=document,
        replaces=old,
        recorded_at=at,
    )
    _record(new, "training.certificate_reissued", actor, "staff", at)
    with as_kept():
        _tell(
            new,
            "reissued",
            _("培训证书已经更正：%(title)s") % {"title": new.title},
            _("%(organ)s出具了更正后的证书（%(number)s），取代作废的%(old)s。在“我的培训”里可以下载。")
            % {"organ": new.organ, "number": new.number, "old": old.number},
            at,
        )
    return new


def _waiting(certificate: TrainingCertificate, actor: User) -> TrainingCertificate:
    """The row, locked."""
    if not may_organise(actor, certificate.organ):
        raise PermissionDenied("whoever keeps the list of organisers looks at their certificates")
    lock_chain(certificate.chain)
    locked = TrainingCertificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if locked.state != State.WAITING:
        raise NotPossible(_how_it_stands(locked))
    return locked


def _how_it_stands(certificate: TrainingCertificate) -> str:
    state = certificate.get_state_display()
    if certificate.decided_by and certificate.decided_at:
        who = who_acted(certificate.decided_by, certificate.decided_at)
        return _("%(who_acted)s核对，这份证书现为“%(state)s”，没有再办理。") % {
            "who_acted": who,
            "state": state,
        }
    return _("这份证书现为“%(state)s”，没有再办理。") % {"state": state}


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明原因，参加人会看到。")})
    if len(reason) > 300:
        raise ValidationError({"reason": _("原因不超过300字，现有%(n)d字。") % {"n": len(reason)}})
    return reason


def _decide(certificate: TrainingCertificate, state: State, reason: str, actor: User, at: datetime) -> None:
    certificate.state, certificate.reason = state, reason
    certificate.decided_by, certificate.decided_at = actor, at
    certificate.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _record(certificate: TrainingCertificate, verb: str, actor: User | None, role: str, at: datetime) -> None:
    payload: dict[str, Any] = {"certificate": certificate.pk, "subject": certificate.subject_id}
    if certificate.organiser_id:
        payload["organiser"] = certificate.organiser_id
    record_event(
        chain=certificate.chain,
        verb=verb,
        at=at,
        actor=actor,
        role=role,
        organ=certificate.organ,
        payload=payload,
    )


def _tell(certificate: TrainingCertificate, what: str, subject: str, body: str, at: datetime) -> None:
    notify(
        key=f"training-certificate/{certificate.pk}/{what}",
        recipients=[certificate.person],
        subject=subject,
        body=body,
        at=at,
        link=link_to("training"),
    )
