"""Which days count, and what waits to be decided about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from applications.accounts.models import User
from applications.calendars.access import may_confirm, may_decide
from applications.calendars.in_force import in_force
from applications.calendars.models import CalendarChange, CalendarNotice, LocalClosure, Recalculation
from applications.organs import regions
from rules.workdays import DayInfo, WorkdayCalendar

# From this day on the department is told that next year's notice is not loaded: in most years it is out by then.
ALARM_FROM = (11, 1)


def calendar(region: str | None = None) -> WorkdayCalendar:
    """The working days that count for an organ of a region; without one, those of the whole country."""
    return in_force().of(region)


def missing_year(on: date) -> int | None:
    """The year whose holiday notice is overdue in the calendar on a day; None while all is well."""
    official = calendar().official_years
    if on.year not in official:
        return on.year
    if (on.month, on.day) >= ALARM_FROM and on.year + 1 not in official:
        return on.year + 1
    return None


def waiting_for(user: User | AnonymousUser) -> list[CalendarNotice | LocalClosure]:
    """The proposed changes of the calendar that a person may confirm or decide, the longest waiting first."""
    proposed = Q(state=CalendarChange.State.PROPOSED)
    changes: Iterable[CalendarNotice | LocalClosure] = chain(
        CalendarNotice.objects.filter(proposed), LocalClosure.objects.filter(proposed)
    )
    found = [change for change in changes if may_decide(user, change) or may_confirm(user, change)]
    return sorted(found, key=lambda change: change.proposed_at)


def recalculation_of(change: CalendarChange) -> Recalculation | None:
    field = "notice" if isinstance(change, CalendarNotice) else "closure"
    return Recalculation.objects.filter(**{field: change}).first()


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
