"""What a new calendar does to the clocks that run: read only, for the preview and for the recalculation."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from applications.calendars.in_force import CalendarSet
from applications.deadlines.selectors import running
from rules.workdays import Due, WorkdayCalendar

_FETCH = 5_000


class RunningClock(NamedTuple):
    """The columns of a running clock that a recalculation needs."""

    id: int
    kind: str
    case_number: str
    link: str
    organ_id: int
    region: str
    officer_id: int | None
    round: int
    started_on: date
    working_days: int
    due_on: date
    provisional: bool
    calendar_version: str
    next_step_on: date
    breached_on: date | None


_COLUMNS = ["organ__region" if name == "region" else name for name in RunningClock._fields]


class Effect(NamedTuple):
    """A clock whose row the new calendar changes; it moves if its end does."""

    clock: RunningClock
    due: Due

    @property
    def moves(self) -> bool:
        return self.due.due_on != self.clock.due_on


@dataclass
class _Comparison:
    """One region's calendar before and after."""

    before: WorkdayCalendar
    after: WorkdayCalendar
    changed: list[date] = field(init=False)
    dues: dict[tuple[date, int], Due] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.changed = [change.date for change in self.before.differs(self.after)]

    def effect(self, clock: RunningClock) -> Effect | None:
        key = clock.started_on, clock.working_days
        due = self.dues.get(key)
        if due is None:
            due = self.dues[key] = self.after.due(*key)
        if clock.calendar_version == self.after.version:
            return None
        # A row of neither calendar is told anew: what changed since is not known.
        if clock.calendar_version == self.before.version and not self._touches(clock, due):
            return None
        return Effect(clock, due)

    def _touches(self, clock: RunningClock, due: Due) -> bool:
        if due.provisional != clock.provisional:
            return True
        last = max(clock.due_on, due.due_on, clock.next_step_on)
        first = bisect_right(self.changed, clock.started_on)
        return first < len(self.changed) and self.changed[first] <= last


def effects(before: CalendarSet, after: CalendarSet) -> Iterator[Effect]:
    """Every running clock whose row the change of calendars touches, in the order of their rows."""
    regions: dict[str, _Comparison] = {}
    rows = running().order_by("id").values_list(*_COLUMNS)
    for clock in map(RunningClock._make, rows.iterator(chunk_size=_FETCH)):
        comparison = regions.get(clock.region)
        if comparison is None:
            comparison = regions[clock.region] = _Comparison(before.of(clock.region), after.of(clock.region))
        effect = comparison.effect(clock)
        if effect:
            yield effect


def moved(before: CalendarSet, after: CalendarSet) -> list[Effect]:
    """Every running clock that the change moves."""
    return [effect for effect in effects(before, after) if effect.moves]
