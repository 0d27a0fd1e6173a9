"""Setting every running clock to a new calendar, in one go."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.deadlines.calendars import CalendarSet, in_force, read_changes
from applications.deadlines.ladder import ONE_DAY, Step, next_step
from applications.deadlines.models import (
    CalendarNotice,
    Deadline,
    Escalation,
    LocalClosure,
    Recalculation,
)
from applications.deadlines.moves import Effect, effects
from applications.deadlines.recipients import Recipients
from applications.deadlines.selectors import running
from applications.deadlines.services.clocks import explained
from applications.deadlines.signals import deadlines_moved
from applications.deadlines.wording import day
from applications.ledger.locking import lock_ledger
from applications.ledger.services import Entry, record_events
from applications.notifications.models import Message
from applications.notifications.services import Notice, notify_many
from rules.workdays import WorkdayCalendar, shipped_calendar

_ROWS_A_WINDOW = 10_000
_CASES_IN_A_DIGEST = 50


def follow_shipped_calendar(*, at: datetime) -> Recalculation | None:
    """Recalculate once after an upgrade has brought another shipped calendar; None where it has not."""
    if _follows_shipped():
        return None
    with transaction.atomic():
        lock_ledger()
        # Another sweep may have done it while this one waited.
        return None if _follows_shipped() else recalculate(before=in_force(), at=at)


def _follows_shipped() -> bool:
    last = Recalculation.objects.order_by("-id").values_list("shipped_version", flat=True).first()
    return last == shipped_calendar().version


def recalculate(
    *,
    before: CalendarSet,
    at: datetime,
    notice: CalendarNotice | None = None,
    closure: LocalClosure | None = None,
) -> Recalculation:
    """Set every running clock to the approved calendar; a ledger event and a message for each that moves.

    In the transaction of the approval. Nobody starts, stops or escalates a clock meanwhile.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("recalculate() must share the transaction of the change it follows")
    lock_ledger()
    version, after = read_changes()
    checked = running().count()
    touched = list(effects(before, after))
    _write(touched, before, after, today=localdate(at))
    moves = [effect for effect in touched if effect.moves]
    record_events(entries=[_event(move) for move in moves], at=at)
    recalculation = Recalculation.objects.create(
        at=at,
        changes_version=version,
        shipped_version=shipped_calendar().version,
        notice=notice,
        closure=closure,
        checked=checked,
        moved=len(moves),
    )
    _tell(moves, recalculation, at)
    deadlines_moved.send(Recalculation, recalculation=recalculation, moves=moves, at=at)
    return recalculation


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
    # Most clocks share their ladder with thousands of others.
    ladders: dict[tuple[object, ...], Step] = {}

    def step_from(calendar: WorkdayCalendar, started_on: date, due_on: date, first: date) -> Step:
        key = calendar.version, started_on, due_on, first
        if key not in ladders:
            ladders[key] = next_step(calendar, started_on, due_on, first)
        return ladders[key]

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
            Deadline.objects.filter(pk__in=[effect.clock.id for effect in alike]).update(
                due_on=due.due_on,
                provisional=due.provisional,
                explanation=explained(due),
                calendar_version=group.version,
                breached_on=group.breached_on,
                next_step_on=group.step_on,
            )
    for region in running().order_by().values_list("organ__region", flat=True).distinct():
        old, new = before.of(region).version, after.of(region).version
        if old != new:
            running().filter(organ__region=region, calendar_version=old).update(calendar_version=new)


def _raised_on(today: date) -> set[tuple[int, str]]:
    return set(Escalation.objects.filter(on=today).values_list("deadline_id", "rung"))


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
    """Where the ladder goes on under the new calendar.

    What it would have said before today is not said any more, save that a breach nobody was told of is.
    """
    clock, due = effect
    first = today
    if due.due_on < today and clock.breached_on is None:
        first = due.due_on + ONE_DAY
    step = step_from(calendar, clock.started_on, due.due_on, first)
    if step.on == today and (
        (clock.id, step.rung) in raised_today
        or (step.rung == Escalation.Rung.BREACH and clock.breached_on is not None)
    ):
        step = step_from(calendar, clock.started_on, due.due_on, today + ONE_DAY)
    return step.on


def _event(move: Effect) -> Entry:
    return Entry(
        chain=move.clock.case_number,
        verb="deadline.moved",
        payload={
            "clock": move.clock.kind,
            "round": move.clock.round,
            "from": move.clock.due_on.isoformat(),
            "to": move.due.due_on.isoformat(),
        },
    )


def _tell(moves: list[Effect], recalculation: Recalculation, at: datetime) -> None:
    """In the inbox a message for each clock; by e-mail one for each person, that lists them."""
    by_person: dict[int, list[Effect]] = defaultdict(list)
    inbox = []
    # Looked up once: there may be a hundred thousand of them.
    subject, body = _("期限变动：%(case)s %(clock)s"), _("工作日历已调整，该期限由%(old)s改为%(new)s届满。")
    labels = {kind.value: str(kind.label) for kind in Deadline.Kind}
    named = cache(day)
    for move, people in _responsible(moves):
        clock, due = move
        text = subject % {"case": clock.case_number, "clock": labels[clock.kind]}
        told = body % {"old": named(clock.due_on), "new": named(due.due_on)}
        for person in people:
            by_person[person].append(move)
            inbox.append(
                Notice(
                    key=f"moved-{recalculation.pk}-{clock.id}",
                    recipient_id=person,
                    subject=text,
                    body=told,
                    link=clock.link,
                    about=clock.case_number,
                )
            )
    notify_many(notices=inbox, channel=Message.Channel.INBOX, at=at)
    emails = [
        Notice(
            key=f"moved-{recalculation.pk}",
            recipient_id=person,
            subject=_("工作日历调整：%(count)d个期限变动") % {"count": len(mine)},
            body=_digest(mine, labels, named),
            link="/admin/deadlines/deadline/",
        )
        for person, mine in by_person.items()
    ]
    notify_many(notices=emails, channel=Message.Channel.EMAIL, at=at)


def _digest(moves: list[Effect], labels: dict[str, str], named: Callable[[date], str]) -> str:
    lines = [
        f"{clock.case_number} {labels[clock.kind]}：{named(clock.due_on)} → {named(due.due_on)}"
        for clock, due in moves[:_CASES_IN_A_DIGEST]
    ]
    if len(moves) > _CASES_IN_A_DIGEST:
        lines.append(_("……其余%(count)d个见工作台。") % {"count": len(moves) - _CASES_IN_A_DIGEST})
    return "\n".join(lines)


def _responsible(moves: list[Effect]) -> Iterable[tuple[Effect, list[int]]]:
    """Each move with the ids of those who answer for the clock."""
    active = set(
        User.objects.filter(
            pk__in={move.clock.officer_id for move in moves if move.clock.officer_id}, is_active=True
        ).values_list("pk", flat=True)
    )
    people = Recipients()
    for move in moves:
        officer = move.clock.officer_id
        yield (
            move,
            [officer]
            if officer in active
            else [user.pk for user in people.in_turn(move.clock.organ_id, move.clock.kind)],
        )
