from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from applications.accounts.access import has_role, roles_of
from applications.accounts.models import Role, User
from applications.accounts.selectors import supervisors_over
from applications.deadlines.access import may_confirm, may_decide
from applications.deadlines.calendars import in_force
from applications.deadlines.models import (
    RUNNING,
    CalendarChange,
    CalendarNotice,
    Deadline,
    Escalation,
    LocalClosure,
    Sweep,
)
from applications.ledger.models import Event
from applications.organs import regions
from applications.organs.models import Organ
from rules.procedure import CLOCKS
from rules.workdays import DayInfo, WorkdayCalendar

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
    kinds = [kind.value for kind, clock in CLOCKS.items() if held & set(clock.turn)]
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


@dataclass(frozen=True)
class Watch:
    """Whether the clocks are watched, and whether the last sweep could say all that there was to say."""

    last: Sweep | None
    stale: bool

    @property
    def failed(self) -> int:
        """What the last sweep failed at; a sweep that is not the last one any more says nothing."""
        return self.last.failed if self.last else 0

    @property
    def alarming(self) -> bool:
        return self.stale or self.failed > 0


def watch(at: datetime) -> Watch:
    """The state of the sweep, with one query. It is stale when none that has ended began in the last 10 minutes."""
    last = last_sweep(at)
    return Watch(last, stale=last is None or last.started_at <= at - SWEEP_STALE_AFTER)


def sweep_is_stale(at: datetime) -> bool:
    """Whether no sweep has come to its end within the last 10 minutes."""
    return watch(at).stale


def last_sweep(at: datetime | None = None) -> Sweep | None:
    """The last sweep that has come to its end; of those that began by a moment, if one is given."""
    ended = Sweep.objects.filter(finished_at__isnull=False)
    return (ended.filter(started_at__lte=at) if at else ended).order_by("-started_at").first()


def behind(sweep: Sweep) -> QuerySet[Deadline]:
    """The clocks about which something is left unsaid that was to be said before the day of a sweep."""
    return Deadline.objects.filter(next_step_on__lt=localdate(sweep.started_at))


def system_administrators() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True, staff_roles__role=Role.SYSTEM_ADMIN).distinct()


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


# -- The calendar and its changes


def deciders_of(change: CalendarChange) -> QuerySet[User]:
    """The queryset of access.may_decide; of a change without a proposer, those who may once it has one."""
    supervisors = supervisors_over(change.region if isinstance(change, LocalClosure) else regions.PROVINCE)
    if change.proposed_by is not None:
        supervisors = supervisors.exclude(pk=change.proposed_by.pk)
    return supervisors


def waiting_for(user: User | AnonymousUser) -> list[CalendarNotice | LocalClosure]:
    """The proposed changes of the calendar that a person may confirm or decide, the longest waiting first."""
    proposed = Q(state=CalendarChange.State.PROPOSED)
    changes: Iterable[CalendarNotice | LocalClosure] = chain(
        CalendarNotice.objects.filter(proposed), LocalClosure.objects.filter(proposed)
    )
    found = [change for change in changes if may_decide(user, change) or may_confirm(user, change)]
    return sorted(found, key=lambda change: change.proposed_at)


@dataclass(frozen=True)
class ClosedIn:
    """A day on which a region departs from the national calendar, and whether a count in a region goes by it."""

    region: str
    day: DayInfo
    counted: bool

    @property
    def place(self) -> str:
        return regions.name(self.region)


def closures_between(start: date, end: date, region: str | None) -> list[ClosedIn]:
    """The days after the start up to the end on which closures are in force: in a region and in the places in it.

    For None in every region.
    """
    calendars = in_force()
    near = {
        (closed.date, place)
        for place, closed in calendars.closures
        if start < closed.date <= end
        and (region is None or regions.covers(place, region) or regions.covers(region, place))
    }
    return [
        ClosedIn(place, told, region is not None and regions.covers(place, region))
        for day, place in sorted(near)
        if (told := calendars.of(place).day(day)).working != calendars.national.is_working(day)
    ]
