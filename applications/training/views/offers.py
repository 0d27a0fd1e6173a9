"""What anybody may see: the courses, the meetings to come, and their calendar at a lasting address."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications.accounts.models import User
from applications.calendar_files import CalendarEvent, calendar_response
from applications.subjects.access import subjects_of
from applications.training.access import enrolments_of, studies_of
from applications.training.forms import ForWhomForm
from applications.training.models import Course, Enrolment, Meeting
from applications.training.selectors import edition_of, meetings_to_come, open_courses, with_editions
from applications.training.services.attending import why_closed

A_PAGE = 20
# A calendar is read again and again, each time as a whole.
IN_CALENDAR = 200


@require_safe
def offered(request: HttpRequest) -> HttpResponse:
    """Both lists, each with pages of its own."""
    courses = Paginator(open_courses(), A_PAGE).get_page(request.GET.get("courses"))
    meetings = Paginator(meetings_to_come(timezone.now()), A_PAGE).get_page(request.GET.get("meetings"))
    calendar = settings.SITE_URL + reverse("training:calendar")
    return render(
        request,
        "training/offered.html",
        {
            "courses": courses,
            "shown": with_editions(courses),
            "meetings": meetings,
            "calendar": calendar,
        },
    )


def for_whom(request: HttpRequest) -> ForWhomForm | None:
    """The question, for somebody who may take part; None for visitors and officers."""
    user = request.user
    if not isinstance(user, User) or user.is_staff:
        return None
    posted = request.POST if request.method == "POST" else None
    return ForWhomForm(posted, subjects=subjects_of(user).order_by("name", "pk"))


def course_page(
    request: HttpRequest, course: Course, form: ForWhomForm | None, problem: str = ""
) -> HttpResponse:
    user = request.user
    mine = studies_of(user).filter(course=course) if isinstance(user, User) else []
    context = {
        "course": course,
        "edition": edition_of(course),
        "form": form,
        "mine": mine,
        "problem": problem,
        "opens": course.state == Course.State.PUBLISHED,
        "organ": course.organ,
    }
    status = 409 if problem else 422 if form and form.errors else 200
    return render(request, "training/course.html", context, status=status)


@require_safe
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """One course; also after it was closed, which it says: somebody may have kept the address."""
    return course_page(request, published_course(pk), for_whom(request))


def published_course(pk: int) -> Course:
    courses = Course.objects.exclude(state=Course.State.DRAFT).select_related("organ")
    return get_object_or_404(courses, pk=pk)


def meeting_page(
    request: HttpRequest, meeting: Meeting, form: ForWhomForm | None, problem: str = ""
) -> HttpResponse:
    user = request.user
    found = (
        enrolments_of(user).filter(meeting=meeting) if isinstance(user, User) else Enrolment.objects.none()
    )
    mine = list(found.exclude(state=Enrolment.State.CANCELLED).order_by("id"))
    closed = why_closed(meeting, timezone.now(), has_one=bool(mine))
    more = form is not None and form.is_for_others_than([each.subject_id for each in mine])
    context = {
        "meeting": meeting,
        "form": form,
        "mine": mine,
        # Who comes already reads only of what is open still, for whom else.
        "offered": meeting.state == Meeting.State.PUBLISHED and (not mine or (more and not closed)),
        "problem": problem,
        "closed": closed,
        "begun": meeting.starts_at <= timezone.now(),
        "organ": meeting.organ,
    }
    status = 409 if problem else 422 if form and form.errors else 200
    return render(request, "training/meeting.html", context, status=status)


@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    return meeting_page(request, published_meeting(pk), for_whom(request))


def published_meeting(pk: int) -> Meeting:
    meetings = Meeting.objects.exclude(state=Meeting.State.DRAFT).select_related("organ")
    return get_object_or_404(meetings, pk=pk)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """All meetings to come, for a calendar that subscribes to the address."""
    now = timezone.now()
    coming = meetings_to_come(now)[:IN_CALENDAR]
    return calendar_response([_event(request, each, now) for each in coming], "training")


@require_safe
def meeting_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    found = published_meeting(pk)
    return calendar_response([_event(request, found, timezone.now())], f"training-{found.pk}")


def _event(request: HttpRequest, meeting: Meeting, at: datetime) -> CalendarEvent:
    return CalendarEvent(
        uid=f"meeting-{meeting.pk}@{request.get_host()}",
        starts=meeting.starts_at,
        ends=meeting.ends_at,
        summary=_("信用修复培训：%(title)s") % {"title": meeting.title},
        description=_("%(organ)s组织。参加前请核对页面上的时间和地点。") % {"organ": meeting.organ},
        url=settings.SITE_URL + reverse("training:meeting", args=[meeting.pk]),
        written_at=at,
        place=meeting.place,
        reminder=timedelta(hours=-2),
        cancelled=meeting.state == Meeting.State.CANCELLED,
    )
