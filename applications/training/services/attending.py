"""Taking part on site (Article 16): a place in a meeting, given up in time, and the list of who came."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.ledger.services import record_event
from applications.subjects.models import Subject
from applications.training.access import may_organise
from applications.training.errors import NotPossible
from applications.training.models import Enrolment, Meeting
from applications.training.selectors import enrolled_in
from applications.training.services.studying import refuse_participant

State = Enrolment.State


@transaction.atomic
def enrol(*, meeting: Meeting, subject: Subject, person: User, at: datetime) -> Enrolment:
    """Take a place. PermissionDenied; NotPossible: it is full, over, cancelled or not open, or the person has one."""
    refuse_participant(person, subject)
    _former(meeting, person, subject)
    # Whoever has a place sits on one, for however many subjects. One at a time, so that it is counted once.
    open_still = Meeting.objects.select_for_update().filter(
        pk=meeting.pk, state=Meeting.State.PUBLISHED, enrol_until__gt=at
    )
    standing = bool(open_still.first()) and has_place(meeting, person)
    # One statement, whose row stays locked: of two who come for the last place one gets it.
    taken = standing or open_still.filter(taken__lt=F("places")).update(taken=F("taken") + 1)
    # Again, now that nobody else comes between: the same button may have been pressed twice.
    former = _former(meeting, person, subject)
    if not taken:
        meeting.refresh_from_db()
        raise NotPossible(why_closed(meeting, at))
    if former:
        former.state, former.enrolled_at = State.ENROLLED, at
        former.save()
    enrolment = former or Enrolment.objects.create(
        meeting=meeting, person=person, subject=subject, enrolled_at=at
    )
    _record(enrolment, "training.enrolled", person, "applicant", at)
    return enrolment


def has_place(meeting: Meeting, person: User) -> bool:
    """Whether an enrolment of the person stands."""
    return meeting.enrolments.filter(person=person).exclude(state=State.CANCELLED).exists()


def _former(meeting: Meeting, person: User, subject: Subject) -> Enrolment | None:
    """The one that the person gave up; NotPossible where it stands."""
    former = Enrolment.objects.filter(meeting=meeting, person=person, subject=subject).first()
    if former and former.state != State.CANCELLED:
        raise NotPossible(_("您已经为这个主体报了名，不用再报。"))
    return former


def why_closed(meeting: Meeting, at: datetime, *, has_one: bool = False) -> str:
    """Why nobody can enrol; empty where somebody can. ``has_one``: one who has a place, and comes for another subject too."""
    if meeting.state == Meeting.State.CANCELLED:
        return _("这场培训已经取消，请另选一场。")
    if meeting.state != Meeting.State.PUBLISHED:
        return _("这场培训还没有发布。")
    if meeting.enrol_until <= at:
        return _("报名已经截止，请另选一场。")
    if meeting.taken >= meeting.places and not has_one:
        return _("名额已满。有人取消时会空出名额；也可以另选一场，或者参加线上课程。")
    return ""


@transaction.atomic
def give_up(*, enrolment: Enrolment, at: datetime) -> None:
    """Let somebody else have the place. NotPossible: it was given up before, or the meeting has begun."""
    meeting = Meeting.objects.select_for_update().get(pk=enrolment.meeting_id)
    locked = Enrolment.objects.select_related("person", "meeting__organ").get(pk=enrolment.pk)
    if locked.state != State.ENROLLED or meeting.starts_at <= at:
        raise NotPossible(_("报名已经取消，或者培训已经开始，没有再取消。"))
    Enrolment.objects.filter(pk=locked.pk).update(state=State.CANCELLED)
    if not has_place(meeting, locked.person):
        Meeting.objects.filter(pk=meeting.pk).update(taken=F("taken") - 1)
    _record(locked, "training.enrolment_cancelled", locked.person, "applicant", at)


@transaction.atomic
def note_attendance(*, meeting: Meeting, came: Collection[int], actor: User, at: datetime) -> list[Enrolment]:
    """Note who came, by the ids of their enrolments, and who did not; return those who came and have no certificate yet.

    Who has a certificate came: that is undone by voiding it. PermissionDenied; NotPossible: it is cancelled or not over.
    """
    if not may_organise(actor, meeting.organ):
        raise PermissionDenied("the list is kept by who organised the meeting")
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.state != Meeting.State.PUBLISHED or locked.ends_at > at:
        raise NotPossible(_("培训结束以后才能登记到场情况；已取消的不用登记。"))
    waiting = []
    for enrolment in enrolled_in(locked):
        if hasattr(enrolment, "certificate"):
            continue
        state = State.ATTENDED if enrolment.pk in came else State.ABSENT
        if enrolment.state != state:
            Enrolment.objects.filter(pk=enrolment.pk).update(state=state)
            enrolment.state = state
            verb = "training.attended" if state == State.ATTENDED else "training.absent"
            _record(enrolment, verb, actor, "staff", at)
        if state == State.ATTENDED:
            waiting.append(enrolment)
    return waiting


def _record(enrolment: Enrolment, verb: str, actor: User, role: str, at: datetime) -> None:
    payload: dict[str, Any] = {"meeting": enrolment.meeting_id, "subject": enrolment.subject_id}
    organ = enrolment.meeting.organ
    record_event(
        chain=enrolment.chain, verb=verb, at=at, actor=actor, role=role, organ=organ, payload=payload
    )
