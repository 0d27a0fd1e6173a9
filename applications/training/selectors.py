from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Case, Max, QuerySet, Value, When

from applications.training.models import Course, Edition, Enrolment, Meeting, Study, TrainingCertificate
from rules.sameness import plain_number


def open_courses() -> QuerySet[Course]:
    """The courses that anybody can begin, the latest first. What they say is their latest edition's."""
    courses = Course.objects.filter(state=Course.State.PUBLISHED)
    return courses.select_related("organ").order_by("-id")


def edition_of(course: Course) -> Edition:
    """The one that somebody who begins now takes."""
    return course.editions.latest("number")


def with_editions(courses: Iterable[Course]) -> list[tuple[Course, Edition]]:
    """Courses in their order, each with that edition."""
    listed = {course.pk: course for course in courses}
    latest = Edition.objects.filter(course__in=listed).values("course").annotate(latest=Max("pk"))
    editions = Edition.objects.in_bulk([each["latest"] for each in latest.order_by()])
    found = {edition.course_id: edition for edition in editions.values()}
    return [(course, found[pk]) for pk, course in listed.items()]


def meetings_to_come(at: datetime) -> QuerySet[Meeting]:
    """The published meetings that have not begun, the next first."""
    meetings = Meeting.objects.filter(state=Meeting.State.PUBLISHED, starts_at__gt=at)
    return meetings.select_related("organ").order_by("starts_at", "id")


def enrolled_in(meeting: Meeting) -> QuerySet[Enrolment]:
    """Who has, or had, a place that was not given up."""
    enrolments = meeting.enrolments.exclude(state=Enrolment.State.CANCELLED)
    return enrolments.select_related("person", "subject", "certificate").order_by("id")


def find_certificate(number: str) -> TrainingCertificate | None:
    """The certificate of this number, however it is typed, in our register; of several (two organisers may number alike) one
    that is valid. None where there is none. What was turned down was never registered."""
    valid_first = Case(When(state=TrainingCertificate.State.VALID, then=Value(0)), default=Value(1))
    found = TrainingCertificate.objects.filter(plain_number=plain_number(number))
    return (
        found.exclude(state=TrainingCertificate.State.REJECTED)
        .select_related("organ", "organiser", "subject", "document__pdf")
        .order_by(valid_first, "-id")
        .first()
    )


def latest_of(study: Study) -> TrainingCertificate | None:
    """The certificate of who passed, or the one that took its place; None where there is none yet."""
    found: TrainingCertificate | None = getattr(study, "certificate", None)
    while found is not None and (later := TrainingCertificate.objects.filter(replaces=found).first()):
        found = later
    return found


def latest_certificate(subject_id: int, on: date) -> TrainingCertificate | None:
    """The latest valid certificate of ours about a subject whose PDF can be handed in."""
    return (
        TrainingCertificate.objects.filter(
            subject=subject_id,
            state=TrainingCertificate.State.VALID,
            completed_on__lte=on,
            document__pdf__isnull=False,
        )
        .select_related("organ", "organiser", "document__pdf")
        .order_by("-completed_on", "-id")
        .first()
    )
