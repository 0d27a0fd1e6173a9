from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from applications.accounts.access import roles_of
from applications.accounts.models import Role, User
from applications.calendars.selectors import calendar
from applications.deadlines.models import RUNNING, Deadline, Sweep
from applications.ledger.models import Event
from rules.procedure import CLOCKS

SWEEP_STALE_AFTER = timedelta(minutes=10)


def clocks_of(case_number: str) -> QuerySet[Deadline]:
    """Every clock of a case, running or stopped, in the order in which they started."""
    return Deadline.objects.filter(case_number=case_number).order_by("started_on", "id")


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
class SweepHealth:
    """Whether sweeps run, and whether the last one could say all that there was to say."""

    last: Sweep | None
    stale: bool

    @property
    def failed(self) -> int:
        """What the last sweep failed at; a sweep that is not the last one any more says nothing."""
        return self.last.failed if self.last else 0

    @property
    def alarming(self) -> bool:
        return self.stale or self.failed > 0


def sweep_health(at: datetime) -> SweepHealth:
    """The health of the sweep, with one query. It is stale when none that has ended began in the last 10 minutes."""
    last = last_sweep(at)
    return SweepHealth(last, stale=last is None or last.started_at <= at - SWEEP_STALE_AFTER)


def sweep_is_stale(at: datetime) -> bool:
    """Whether no sweep has come to its end within the last 10 minutes."""
    return sweep_health(at).stale


def last_sweep(at: datetime | None = None) -> Sweep | None:
    """The last sweep that has come to its end; of those that began by a moment, if one is given."""
    ended = Sweep.objects.filter(finished_at__isnull=False)
    return (ended.filter(started_at__lte=at) if at else ended).order_by("-started_at").first()


def behind(sweep: Sweep) -> QuerySet[Deadline]:
    """The clocks about which something is left unsaid that was to be said before the day of a sweep."""
    return Deadline.objects.filter(next_step_on__lt=localdate(sweep.started_at))


def system_administrators() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True, staff_roles__role=Role.SYSTEM_ADMIN).distinct()


def days_left(deadline: Deadline, on: date) -> int:
    """Working days that remain after a day until the clock ends; negative once it has."""
    return calendar(deadline.organ.region).count(on, deadline.due_on)
