"""The calendar in force: the shipped notices, what was approved since, and each region's closures.

All take effect in one order: shipped notices on the day they were announced, the others when they were approved.
Whatever comes later decides about the days it names, be it a notice or a closure. One exception: the shipped
calendar is compiled from the gazette after the fact, so a whole year that it has stands in place of the same
year as it was approved here before.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q
from django.utils.timezone import localdate

from applications.calendars.models import CalendarChange, CalendarNotice, LocalClosure, Recalculation
from applications.organs import regions
from rules.calendar_years import CalendarDay, YearCalendar, from_days, shipped_notices
from rules.workdays import VERSION_LENGTH, WorkdayCalendar, shipped_calendar
from rules.workdays import LocalClosure as ClosedDay


@dataclass
class CalendarSet:
    """One national calendar and the calendars of the regions that depart from it."""

    national: WorkdayCalendar
    # In the order of their approval, without the days that a later notice has named.
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

    def version_around(self, region: str | None) -> str:
        """Of all the calendars that a change in a region can touch; of every one for None."""
        near = [
            (place, str(closed.date), closed.working, closed.reason)
            for place, closed in self.closures
            if region is None or regions.covers(place, region) or regions.covers(region, place)
        ]
        return _digest([self.national.version, near])[:VERSION_LENGTH]

    def with_year(self, schedule: YearCalendar) -> "CalendarSet":
        """With a notice added, which decides about every day that it names.

        InputError: it amends a year whose own notice is not out.
        """
        return CalendarSet(
            self.national.with_year(schedule),
            _without(self.closures, {day.date for day in schedule.days}),
        )

    def with_closure(self, closure: LocalClosure) -> "CalendarSet":
        """With a local closure added. InputError: a day outside the calendar."""
        days = tuple((closure.region, day) for day in closed_days(closure))
        for _, day in days:
            self.national.day(day.date)
        return CalendarSet(self.national, self.closures + days)


def _without(
    closures: Iterable[tuple[str, ClosedDay]], named: set[date]
) -> tuple[tuple[str, ClosedDay], ...]:
    return tuple((place, closed) for place, closed in closures if closed.date not in named)


def is_shipped_year(schedule: YearCalendar) -> bool:
    """Whether this gives the whole of a year that the shipped calendar has, and so has no say."""
    return not schedule.amends and shipped_calendar().year(schedule.year) is not None


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
    # Written out: every clock that starts or stops asks this.
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes_version FROM deadlines_recalculation ORDER BY id DESC LIMIT 1")
        found = cursor.fetchone()
    version = found[0] if found else NO_CHANGES
    kept = _kept.get(version)
    if kept is None:
        read, kept = read_changes()
        # A change that is being approved right now is not the one that this version names.
        if read == version:
            _kept.clear()
            _kept[version] = kept
    return kept


def read_changes() -> tuple[str, CalendarSet]:
    """Version and calendars of all that is approved now, read anew."""
    changes = approved_in_order()
    calendars = CalendarSet(shipped_calendar())
    for change in changes:
        since = _named_by_shipped_after(_decided_on(change))
        if isinstance(change, LocalClosure):
            with_closure = calendars.with_closure(change)
            calendars = CalendarSet(calendars.national, _without(with_closure.closures, since))
            continue
        schedule = schedule_of(change)
        if is_shipped_year(schedule):
            continue
        if schedule.amends:
            schedule = from_days(change.year, (day for day in schedule.days if day.date not in since))
        if schedule.days:
            calendars = calendars.with_year(schedule)
    return _version(changes), calendars


def approved_in_order() -> list[CalendarNotice | LocalClosure]:
    """Every approved change in the order of the approvals, whatever the clock on the wall showed.

    The recalculations tell the order. A change that is being approved right now has none yet and is the last.
    """
    done = Recalculation.objects.exclude(notice=None, closure=None).order_by("id")
    pairs = done.values_list("notice_id", "closure_id")
    turns: dict[tuple[int | None, int | None], int] = {pair: turn for turn, pair in enumerate(pairs)}
    approved = Q(state=CalendarChange.State.APPROVED)
    found: list[tuple[int, CalendarNotice | LocalClosure]] = []
    for notice in CalendarNotice.objects.filter(approved):
        found.append((turns.get((notice.pk, None), len(turns)), notice))
    for closure in LocalClosure.objects.filter(approved):
        found.append((turns.get((None, closure.pk), len(turns)), closure))
    return [change for _, change in sorted(found, key=lambda each: each[0])]


def _named_by_shipped_after(day: date) -> set[date]:
    """The days that shipped notices announced later than a day have named."""
    return {
        named.date
        for notice in shipped_notices()
        if notice.announced_on and notice.announced_on > day
        for named in notice.days
    }


def _version(changes: Sequence[CalendarNotice | LocalClosure]) -> str:
    """Of the content, not of the rows: a process never takes one database's changes for another's."""
    return _digest([[str(_decided_on(change)), change.summary()] for change in changes])


def _decided_on(change: CalendarNotice | LocalClosure) -> date:
    assert change.decided_at is not None
    return localdate(change.decided_at)


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


NO_CHANGES = _version(())
_kept: dict[str, CalendarSet] = {}
