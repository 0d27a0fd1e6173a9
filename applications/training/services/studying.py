"""Taking a course on line (Article 16): chapter by chapter, then the quiz, as often as it takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.subjects.access import may_act_for
from applications.subjects.models import Subject
from applications.training.errors import NotPossible
from applications.training.models import Course, Study
from applications.training.selectors import edition_of


def refuse_participant(user: User, subject: Subject) -> None:
    """PermissionDenied: staff, and whoever does not act for the subject; NotPossible: an account without a name."""
    if user.is_staff or not may_act_for(user, subject):
        raise PermissionDenied("training is taken by who acts for the subject")
    if not user.name.strip():
        raise NotPossible(_("您的账号没有填写姓名，证书无法写明参加人，所以不能参加。请联系办理机构。"))


@transaction.atomic
def begin_study(*, course: Course, subject: Subject, person: User, at: datetime) -> Study:
    """Begin with the latest edition; one that was begun and not finished is gone on with.

    PermissionDenied; NotPossible: the course is not open any more.
    """
    refuse_participant(person, subject)
    lock_chain(course.chain)
    course.refresh_from_db()
    begun = Study.objects.filter(course=course, person=person, subject=subject, passed_at=None).first()
    if begun:
        return begun
    if course.state != Course.State.PUBLISHED:
        raise NotPossible(_("这门课程已经停止，不能再开始。请选其他课程。"))
    study = Study.objects.create(
        course=course, edition=edition_of(course), person=person, subject=subject, begun_at=at
    )
    _record(study, "training.begun", at, edition=study.edition.number)
    return study


def _record(study: Study, verb: str, at: datetime, **payload: Any) -> None:
    payload = {"course": study.course_id, "subject": study.subject_id, **payload}
    record_event(
        chain=study.chain,
        verb=verb,
        at=at,
        actor=study.person,
        role="applicant",
        organ=study.course.organ,
        payload=payload,
    )


def read_chapter(*, study: Study, number: int) -> None:
    """Note that the chapter, counted from 1, was read; what was read stays read. Later ones come after it."""
    if number == study.chapters_read + 1:
        Study.objects.filter(pk=study.pk, chapters_read=number - 1).update(chapters_read=number)


@transaction.atomic
def hand_in(*, study: Study, answers: Sequence[int], tries: int, at: datetime) -> Study:
    """Mark the quiz. ``answers``: the number of an option for each question, 0 for none; ``tries``: how often it had been
    handed in when the page was shown. The same page a second time, and a quiz that was passed, change nothing.

    NotPossible: a chapter is not read, or a question has no answer.
    """
    lock_chain(study.chain)
    locked = Study.objects.select_related("edition", "course__organ", "person").get(pk=study.pk)
    if locked.passed_at or locked.tries != tries:
        return locked
    if not locked.all_read:
        raise NotPossible(_("还有章节没有读完，没有交卷。"))
    questions = locked.edition.questions
    if len(answers) != len(questions) or not all(
        0 < answer <= len(question["options"]) for answer, question in zip(answers, questions, strict=True)
    ):
        raise NotPossible(_("还有题目没有作答，没有交卷。"))
    locked.right = sum(
        answer == question["right"] for answer, question in zip(answers, questions, strict=True)
    )
    locked.answers, locked.tries = list(answers), tries + 1
    if locked.right >= locked.edition.needed:
        locked.passed_at = at
        _record(locked, "training.passed", at, right=locked.right, of=len(questions), tries=locked.tries)
    locked.save(update_fields=["answers", "tries", "right", "passed_at"])
    return locked
