from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts.access import has_role, roles_of
from applications.accounts.models import User
from applications.deadlines.calendars import in_force
from applications.deadlines.models import RUNNING, Deadline, Escalation, Sweep
from applications.deadlines.recipients import TURN
from applications.ledger.models import Event
from applications.organs import regions
from applications.organs.models import Organ
from rules.workdays import WorkdayCalendar

SWEEP_STALE_AFTER = timedelta(minutes=10)
# From this day on the department is told that next year's notice is not loaded: in most years it is out by then.
ALARM_FROM = (11, 1)


def calendar(region: str | None = None) -> WorkdayCalendar:
    """The working days that count for an organ of a region; without one, those of the whole country."""
    return in_force().of(region)


def clocks_of(case_number: str) -> QuerySet[Deadline]:
    """Every clock of a case, running or stopped, in the order in which they started."""
    return Deadline.objects.filter(case_number=case_number).order_by("started_on", "id")


def visible_to(user: User | AnonymousUser) -> QuerySet[Deadline]:
    """The queryset of access.may_see."""
    if not isinstance(user, User) or user.organ is None or not has_role(user):
        return Deadline.objects.none()
    mine = Q(organ=user.organ)
    if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        mine |= Q(organ__region__startswith=regions.prefix(user.organ.region))
    return Deadline.objects.filter(mine)


def escalations_visible_to(user: User | AnonymousUser) -> QuerySet[Escalation]:
    return Escalation.objects.filter(deadline__in=visible_to(user))


def turn_of(user: User | AnonymousUser) -> Q:
    """The clocks that a person has to answer: one's own, and those of the organ that are one's roles' turn."""
    held = roles_of(user)
    kinds = [kind for kind, roles in TURN.items() if held & set(roles)]
    mine = Q(officer_id=user.pk)
    if isinstance(user, User) and kinds:
        mine |= Q(officer=None, organ_id=user.organ_id, kind__in=kinds)
    return mine


def moves_of(clock: Deadline) -> QuerySet[Event]:
    """What the archive says about a clock's end being moved by a new calendar, the first first."""
    return Event.objects.filter(
        chain=clock.case_number,
        verb="deadline.moved",
        payload__clock=clock.kind,
        payload__round=clock.round,
    ).order_by("position")


def running() -> QuerySet[Deadline]:
    return Deadline.objects.filter(RUNNING)


def overdue(on: date) -> QuerySet[Deadline]:
    return running().filter(due_on__lt=on)


def sweep_is_stale(at: datetime) -> bool:
    """Whether no sweep has come to its end within the last 10 minutes."""
    return not Sweep.objects.filter(
        started_at__gt=at - SWEEP_STALE_AFTER, started_at__lte=at, finished_at__isnull=False
    ).exists()


def last_sweep() -> Sweep | None:
    return Sweep.objects.filter(finished_at__isnull=False).order_by("-started_at").first()


def missing_year(on: date) -> int | None:
    """The year whose holiday notice is overdue in the calendar on a day; None while all is well."""
    official = calendar().official_years
    if on.year not in official:
        return on.year
    if (on.month, on.day) >= ALARM_FROM and on.year + 1 not in official:
        return on.year + 1
    return None


def days_left(deadline: Deadline, on: date) -> int:
    """Working days that remain after a day until the clock ends; negative once it has."""
    return calendar(deadline.organ.region).count(on, deadline.due_on)
