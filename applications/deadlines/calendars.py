"""The calendar in force: the shipped notices, what was approved since, and each region's closures."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from typing import Any

from applications.deadlines.models import CalendarChange, CalendarNotice, LocalClosure, Recalculation
from applications.organs import regions
from rules.calendar_years import CalendarDay, YearCalendar, from_days
from rules.workdays import LocalClosure as ClosedDay
from rules.workdays import WorkdayCalendar, shipped_calendar


@dataclass
class CalendarSet:
    """One national calendar and the calendars of the regions that depart from it."""

    national: WorkdayCalendar
    # In the order of their approval: a later one decides about a day that an earlier one named.
    closures: tuple[tuple[str, ClosedDay], ...] = ()
    _regional: dict[str, WorkdayCalendar] = field(default_factory=dict)

    def of(self, region: str | None) -> WorkdayCalendar:
        """The calendar by which an organ of a region counts; the national one for None."""
        if region is None:
            return self.national
        if region not in self._regional:
            days = {closed.date: closed for place, closed in self.closures if regions.covers(place, region)}
            self._regional[region] = self.national.with_closures(days.values()) if days else self.national
        return self._regional[region]

    def with_year(self, schedule: YearCalendar) -> "CalendarSet":
        """With a notice added. InputError: it amends a year whose own notice is not out."""
        return CalendarSet(self.national.with_year(schedule), self.closures)

    def with_closure(self, closure: LocalClosure) -> "CalendarSet":
        """With a local closure added. InputError: a day outside the calendar."""
        days = tuple((closure.region, day) for day in closed_days(closure))
        self.national.with_closures(day for _, day in days)
        return CalendarSet(self.national, self.closures + days)


def schedule_of(notice: CalendarNotice) -> YearCalendar:
    days = (CalendarDay(date.fromisoformat(d["date"]), d["working"], d["name"]) for d in notice.days)
    return from_days(notice.year, days)


def closed_days(closure: LocalClosure) -> list[ClosedDay]:
    return [
        ClosedDay(closure.first_on + timedelta(days=n), closure.working, closure.name)
        for n in range((closure.last_on - closure.first_on).days + 1)
    ]


def in_force() -> CalendarSet:
    """The calendars as the last recalculation left them; kept in the process until there is another one."""
    version = (
        Recalculation.objects.order_by("-id").values_list("changes_version", flat=True).first() or NO_CHANGES
    )
    kept = _kept.get(version)
    if kept is None:
        found, kept = read_changes()
        # A change that is being approved right now is not the one that this version names.
        if found == version:
            _kept.clear()
            _kept[version] = kept
    return kept


def read_changes() -> tuple[str, CalendarSet]:
    """Version and calendars of all that is approved now, read anew."""
    notices = list(_approved(CalendarNotice.objects.all()))
    closures = list(_approved(LocalClosure.objects.all()))
    national = reduce(WorkdayCalendar.with_year, map(schedule_of, notices), shipped_calendar())
    days = tuple((closure.region, day) for closure in closures for day in closed_days(closure))
    return _version(notices, days), CalendarSet(national, days)


def _approved(changes: Any) -> Any:
    return changes.filter(state=CalendarChange.State.APPROVED).order_by("decided_at", "id")


def _version(notices: Iterable[CalendarNotice], days: tuple[tuple[str, ClosedDay], ...]) -> str:
    """Of the content, not of the rows: a process never takes one database's changes for another's."""
    content = [[n.year, n.days] for n in notices], [[region, *map(str, day)] for region, day in days]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


NO_CHANGES = _version((), ())
_kept: dict[str, CalendarSet] = {}
