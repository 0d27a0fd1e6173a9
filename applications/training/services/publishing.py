"""What an organ's officers offer: courses on line, published edition by edition, and meetings (Articles 3, 14 and 16)."""

from datetime import datetime
from math import ceil
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.documents.templatetags.dates import zh_moment
from applications.ledger.locking import lock_chain
from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.training.access import may_organise
from applications.training.errors import NotPossible
from applications.training.models import Course, Edition, Enrolment, Meeting, Question

OPTIONS = range(2, 7)
TOLD = ("title", "place", "starts_at", "ends_at")


def _who(verb: str, offered: Course | Meeting) -> str:
    """Who did it last, as the beginning of a sentence; empty where nobody did."""
    last = Event.objects.filter(chain=offered.chain, verb=verb).order_by("-position").first()
    return who_acted(last.actor, last.at) if last else ""


def lock_unchanged(offered: Course | Meeting) -> None:
    """Lock what an officer saves. ValidationError: a colleague has saved it since the page was opened that is saved now."""
    locked = type(offered)._default_manager.select_for_update().get(pk=offered.pk)
    if locked.revision != offered.revision:
        raise ValidationError(saved_meanwhile(offered))


def saved_meanwhile(offered: Course | Meeting) -> str:
    """Who saved it last, and that nothing of somebody else's was written over it."""
    last = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(offered), object_id=str(offered.pk)
    ).first()
    who = who_acted(last.user, last.action_time) if last else who_acted(offered.made_by, offered.made_at)
    return _("%(who)s保存了修改，您填写的没有保存。请另开一页核对同事的修改，再保存这一页。") % {"who": who}


def _officer(actor: User, offered: Course | Meeting) -> None:
    if not may_organise(actor, offered.organ):
        raise PermissionDenied("training is its own organ's to publish and end")


def _record(offered: Course | Meeting, verb: str, actor: User, at: datetime, **payload: Any) -> None:
    record_event(
        chain=offered.chain, verb=verb, at=at, actor=actor, role="staff", organ=offered.organ, payload=payload
    )


def options_of(question: Question) -> list[str]:
    return [line.strip() for line in question.options.splitlines() if line.strip()]


def _problems(course: Course) -> list[str]:
    """Why a course cannot be published yet, each as a sentence that names what is wrong."""
    problems = []
    if not course.chapters.exists():
        problems.append(_("至少写一章。"))
    if not course.questions.exists():
        problems.append(_("至少出一道测验题：没有测验就无法确认合格。"))
    for number, question in enumerate(course.questions.all(), 1):
        options = options_of(question)
        if len(options) not in OPTIONS or len(set(options)) != len(options):
            problems.append(_("第%(n)d题：选项应当是2至6行，各不相同。") % {"n": number})
        elif question.right > len(options):
            problems.append(
                _("第%(n)d题：只有%(count)d个选项，正确的不能是第%(right)d个。")
                % {"n": number, "count": len(options), "right": question.right}
            )
    return problems


def compose(course: Course) -> dict[str, Any]:
    """The content of an edition of the course as it is written now (models.Edition)."""
    questions = [
        {"text": each.text, "options": options_of(each), "right": each.right, "why": each.why}
        for each in course.questions.all()
    ]
    return {
        "title": course.title,
        "summary": course.summary,
        "public_interest": course.public_interest,
        "needed": ceil(len(questions) * course.pass_percent / 100),
        "chapters": [{"title": each.title, "text": each.text} for each in course.chapters.all()],
        "questions": questions,
    }


@transaction.atomic
def publish_course(*, course: Course, actor: User, at: datetime) -> Edition:
    """Let anybody begin with the course as it is written now. Whoever has begun goes on with the edition begun with.

    PermissionDenied; ValidationError: what is lacking; NotPossible: it is published just so.
    """
    _officer(actor, course)
    lock_chain(course.chain)
    course.refresh_from_db()
    if problems := _problems(course):
        raise ValidationError(problems)
    content, last = compose(course), course.editions.order_by("-number").first()
    if last is None or last.content != content:
        last = Edition.objects.create(
            course=course,
            number=last.number + 1 if last else 1,
            content=content,
            published_by=actor,
            published_at=at,
        )
    elif course.state == Course.State.PUBLISHED:
        raise NotPossible(
            _("现在的内容与已发布的第%(n)d版相同，不用再发布。修改并保存以后再发布。") % {"n": last.number}
        )
    Course.objects.filter(pk=course.pk).update(state=Course.State.PUBLISHED)
    _record(course, "course.published", actor, at, edition=last.number)
    return last


@transaction.atomic
def close_course(*, course: Course, actor: User, at: datetime) -> None:
    """Nobody begins with it any more; whoever has begun can finish. PermissionDenied; NotPossible: it is not open."""
    _officer(actor, course)
    lock_chain(course.chain)
    if not Course.objects.filter(pk=course.pk, state=Course.State.PUBLISHED).update(
        state=Course.State.CLOSED
    ):
        raise NotPossible(
            _("%(quicker)s停止这门课程，不用再停止。") % {"quicker": quicker}
            if (quicker := _who("course.closed", course))
            else _("这门课程没有在开放，不用停止。")
        )
    _record(course, "course.closed", actor, at)


@transaction.atomic
def publish_meeting(*, meeting: Meeting, actor: User, at: datetime) -> None:
    """Open it to enrolment. PermissionDenied; NotPossible: it is published or cancelled, or its last moment to enrol is over."""
    _officer(actor, meeting)
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.state != Meeting.State.DRAFT:
        raise NotPossible(_("这场培训现为“%(state)s”，不能发布。") % {"state": locked.get_state_display()})
    if locked.enrol_until <= at:
        raise NotPossible(_("报名截止时间已经过去，没有发布。请先修改时间。"))
    Meeting.objects.filter(pk=locked.pk).update(state=Meeting.State.PUBLISHED)
    _record(locked, "meeting.published", actor, at, places=locked.places)


@transaction.atomic
def change_meeting(*, meeting: Meeting, values: dict[str, Any], actor: User, at: datetime) -> None:
    """Write what an officer changed. Who is enrolled is told of another title, place or time.

    PermissionDenied; ValidationError: it is over or cancelled, or has fewer places than people.
    """
    _officer(actor, meeting)
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    lock_unchanged(meeting)
    if locked.state == Meeting.State.CANCELLED or locked.ends_at <= at:
        raise ValidationError(_("这场培训已经取消或者结束，不能再改。"))
    if values.get("places", locked.places) < locked.taken:
        raise ValidationError(
            {"places": _("已经有%(n)d人报名，名额不能更少。") % {"n": locked.taken}}, code="places"
        )
    changed = {name: value for name, value in values.items() if getattr(locked, name) != value}
    Meeting.objects.filter(pk=locked.pk).update(**changed, revision=locked.revision + 1)
    if locked.state != Meeting.State.PUBLISHED or not changed:
        return
    _record(locked, "meeting.changed", actor, at, fields=sorted(changed))
    meeting.refresh_from_db()
    if changed.keys() & {*TOLD}:
        _tell(
            meeting,
            f"meeting-changed/{meeting.pk}/{meeting.revision}",
            _("您报名的现场培训有变动：%(title)s") % {"title": meeting.title},
            (
                # Once it has begun nobody gives a place up.
                _("现在是：%(when)s，%(place)s。")
                if meeting.starts_at <= at
                else _("现在是：%(when)s，%(place)s。不能参加的，请在“我的培训”里取消报名，把名额让给别人。")
            )
            % {"when": when(meeting), "place": meeting.place},
            at,
        )


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, reason: str, actor: User, at: datetime) -> None:
    """It does not take place; who is enrolled is told why. PermissionDenied; ValidationError: no reason; NotPossible."""
    _officer(actor, meeting)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明取消的原因，已报名的人会看到。")})
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.state != Meeting.State.PUBLISHED or locked.starts_at <= at:
        raise NotPossible(
            _("%(quicker)s取消这场培训，不用再取消。") % {"quicker": quicker}
            if (quicker := _who("meeting.cancelled", meeting))
            else _("只有已发布、还没有开始的培训可以取消，没有取消。")
        )
    Meeting.objects.filter(pk=locked.pk).update(state=Meeting.State.CANCELLED, cancel_reason=reason)
    _record(locked, "meeting.cancelled", actor, at, enrolled=locked.taken)
    _tell(
        locked,
        f"meeting-cancelled/{locked.pk}",
        _("您报名的现场培训已取消：%(title)s") % {"title": locked.title},
        _("%(organ)s取消了原定于%(when)s的这场培训。原因：%(reason)s。可以另选一场，或者参加线上课程。")
        % {"organ": locked.organ, "when": when(locked), "reason": reason.rstrip("。")},
        at,
    )


def when(meeting: Meeting) -> str:
    """2026年12月3日 14:00—16:30."""
    starts, ends = localtime(meeting.starts_at), localtime(meeting.ends_at)
    until = f"{ends:%H:%M}" if starts.date() == ends.date() else zh_moment(ends)
    return f"{zh_moment(starts)}—{until}"


def _tell(meeting: Meeting, key: str, subject: str, body: str, at: datetime) -> None:
    enrolled = Enrolment.objects.filter(meeting=meeting, state=Enrolment.State.ENROLLED)
    people = [each.person for each in enrolled.select_related("person")]
    notify(key=key, recipients=people, subject=subject, body=body, at=at, link=link_to("training"))
