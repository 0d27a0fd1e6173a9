"""Setting every running clock to a new calendar, in one go."""

import gc
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from django.db.models.expressions import RawSQL
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.calendars.in_force import CalendarSet
from applications.calendars.models import Recalculation
from applications.deadlines.levels import ONE_DAY, Step, next_step
from applications.deadlines.models import Deadline, Escalation
from applications.deadlines.moves import Effect, RunningClock, effects
from applications.deadlines.recipients import Recipients
from applications.deadlines.selectors import running
from applications.deadlines.services.clocks import kept_days
from applications.deadlines.signals import deadlines_moved
from applications.deadlines.wording import marked
from applications.language import day_and_weekday
from applications.ledger.services import Entry, record_events
from applications.notifications.links import link_to
from applications.notifications.models import ALWAYS
from applications.notifications.services import MessageDraft, notify_many
from rules.workdays import WorkdayCalendar

_ROWS_A_WINDOW = 10_000
_CASES_IN_A_DIGEST = 50
_OVER = (Escalation.Level.BREACH, Escalation.Level.DAILY)


def recalculate(
    *, recalculation: Recalculation, before: CalendarSet, after: CalendarSet, at: datetime
) -> None:
    """Set every running clock to a new calendar; a ledger event and a message for each that moves.

    In the transaction in which it takes effect. Nobody starts, stops or escalates a clock meanwhile.
    """
    with garbage_kept():
        _recalculate(recalculation, before, after, at)


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Do not look for garbage among very many new objects that are all in use: it takes a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _recalculate(recalculation: Recalculation, before: CalendarSet, after: CalendarSet, at: datetime) -> None:
    recalculation.checked = running().count()
    touched = list(effects(before, after))
    _write(touched, before, after, today=localdate(at))
    moves = [effect for effect in touched if effect.moves]
    withdrawn = {
        move.clock
        for move in moves
        if move.clock.breached_on is not None and _breached_on(move, localdate(at)) is None
    }
    record_events(entries=[*_events(moves), *map(_breach_withdrawn, withdrawn)], at=at)
    recalculation.moved = len(moves)
    recalculation.save(update_fields=["checked", "moved"])
    _tell(moves, withdrawn, recalculation, at)
    deadlines_moved.send(Recalculation, recalculation=recalculation, moves=moves, at=at)


class _Group(NamedTuple):
    """Clocks whose rows become the same."""

    version: str
    started_on: date
    working_days: int
    breached_on: date | None
    step_on: date


def _write(touched: list[Effect], before: CalendarSet, after: CalendarSet, *, today: date) -> None:
    """Clocks of one start and one length have one end: a statement for each such group, not for each row.

    The rows are taken a window at a time, in their order, so that neighbours are written together.
    """
    raised_today = _raised_on(today) if touched else set()
    # Most clocks share their next step with thousands of others.
    steps: dict[tuple[object, ...], Step] = {}

    def step_from(calendar: WorkdayCalendar, started_on: date, due_on: date, first: date) -> Step:
        key = calendar.version, started_on, due_on, first
        if key not in steps:
            steps[key] = next_step(calendar, started_on, due_on, first)
        return steps[key]

    for start in range(0, len(touched), _ROWS_A_WINDOW):
        groups: dict[_Group, list[Effect]] = defaultdict(list)
        for effect in touched[start : start + _ROWS_A_WINDOW]:
            clock = effect.clock
            calendar = after.of(clock.region)
            group = _Group(
                version=calendar.version,
                started_on=clock.started_on,
                working_days=clock.working_days,
                breached_on=_breached_on(effect, today),
                step_on=_next_step_on(effect, calendar, today, raised_today, step_from),
            )
            groups[group].append(effect)
        for group, alike in groups.items():
            due = alike[0].due
            Deadline.objects.filter(pk__in=_keys(effect.clock.id for effect in alike)).update(
                due_on=due.due_on,
                provisional=due.provisional,
                named_days=kept_days(due),
                calendar_version=group.version,
                breached_on=group.breached_on,
                next_step_on=group.step_on,
            )
    untouched = running().order_by().values_list("organ__region", "calendar_version").distinct()
    for region, version in list(untouched):
        new = after.of(region).version
        if version == before.of(region).version != new:
            running().filter(organ__region=region, calendar_version=version).update(calendar_version=new)


def _keys(ids: Iterable[int]) -> RawSQL:
    """Very many keys as one parameter, for PostgreSQL and SQLite alike: a list of them takes seconds to put together."""
    return RawSQL("SELECT CAST(key AS bigint) FROM json_each(%s)", [json.dumps(dict.fromkeys(ids))])


def _raised_on(today: date) -> set[tuple[int, str]]:
    return set(Escalation.objects.filter(on=today).values_list("deadline_id", "level"))


def _breached_on(effect: Effect, today: date) -> date | None:
    """A breach that the new calendar takes back never was one."""
    if effect.clock.breached_on is None or effect.due.due_on >= today:
        return None
    return effect.due.due_on + ONE_DAY


def _next_step_on(
    effect: Effect,
    calendar: WorkdayCalendar,
    today: date,
    raised_today: set[tuple[int, str]],
    step_from: Callable[[WorkdayCalendar, date, date, date], Step],
) -> date:
    """Where escalation goes on under the new calendar.

    What it would have said before today is not said any more, save that a breach nobody was told of is. Nobody hears
    twice on one day that a clock is over.
    """
    clock, due = effect
    first = today
    if due.due_on < today and clock.breached_on is None:
        first = due.due_on + ONE_DAY
    step = step_from(calendar, clock.started_on, due.due_on, first)
    if step.on == today and (
        (clock.id, step.level) in raised_today
        or (step.level == Escalation.Level.BREACH and clock.breached_on is not None)
        or (step.level in _OVER and any((clock.id, level) in raised_today for level in _OVER))
    ):
        step = step_from(calendar, clock.started_on, due.due_on, today + ONE_DAY)
    return step.on


def _events(moves: list[Effect]) -> list[Entry]:
    @cache
    def payload(kind: str, round: int, old: date, new: date) -> dict[str, str | int]:
        return {"clock": kind, "round": round, "from": old.isoformat(), "to": new.isoformat()}

    return [
        Entry(
            chain=clock.case_number,
            verb="deadline.moved",
            payload=payload(clock.kind, clock.round, clock.due_on, due.due_on),
        )
        for clock, due in moves
    ]


def _breach_withdrawn(clock: RunningClock) -> Entry:
    return Entry(
        chain=clock.case_number,
        verb="deadline.breach_withdrawn",
        payload={"clock": clock.kind, "round": clock.round, "due_on": clock.due_on.isoformat()},
    )


def _tell(
    moves: list[Effect], withdrawn: Collection[RunningClock], recalculation: Recalculation, at: datetime
) -> None:
    """Each officer is told once, with a list of the clocks; the applicants hear of each clock from the app above."""
    by_person: dict[int, list[Effect]] = defaultdict(list)
    for move, people in _people(moves, withdrawn, localdate(at)):
        for person in people:
            by_person[person].append(move)
    drafts = [
        MessageDraft(
            key=f"moved-{recalculation.pk}",
            recipient_id=person,
            subject=_("工作日历调整：%(count)d个期限变动") % {"count": len(mine)},
            body=_digest(mine, withdrawn),
            link=link_to("clocks"),
        )
        for person, mine in by_person.items()
    ]
    for channel in ALWAYS:
        notify_many(drafts=drafts, channel=channel, at=at)


def _digest(moves: list[Effect], withdrawn: Collection[RunningClock]) -> str:
    labels = dict(Deadline.Kind.choices)
    lines = []
    # What was called a breach comes first: whoever was told of it must read that it is none.
    for clock, due in sorted(moves, key=lambda move: move.clock not in withdrawn)[:_CASES_IN_A_DIGEST]:
        line = f"{clock.case_number} {labels[clock.kind]}：{day_and_weekday(clock.due_on)} → {marked(day_and_weekday(due.due_on), due.provisional)}"
        lines.append(line + (_("，原来的逾期不再成立") if clock in withdrawn else ""))
    if len(moves) > _CASES_IN_A_DIGEST:
        lines.append(_("……其余%(count)d个见工作台。") % {"count": len(moves) - _CASES_IN_A_DIGEST})
    return "\n".join(lines)


def _people(
    moves: list[Effect], withdrawn: Collection[RunningClock], on: date
) -> Iterator[tuple[Effect, Iterable[int]]]:
    """Each move with the ids of those who answer for the clock, and of those who were told of a breach that is none."""
    people = Recipients(on)
    rows = Deadline.objects.select_related("organ").in_bulk([clock.id for clock in withdrawn])
    for move in moves:
        clock = move.clock
        told = people.in_turn(clock.organ_id, clock.kind, clock.officer_id)
        if clock.id in rows:
            told = people.of(rows[clock.id], Escalation.Level.BREACH)
        yield move, [person.pk for person in told]
