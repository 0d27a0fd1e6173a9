"""Which clocks a change of the calendar moves, or moved, as far as a person may see them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, overload

from django.db.models import QuerySet

from applications.accounts.models import User
from applications.calendars.impact import Move, Moves
from applications.calendars.in_force import CalendarSet
from applications.calendars.models import Recalculation
from applications.deadlines.access import visible_to
from applications.deadlines.models import Deadline
from applications.deadlines.moves import Effect, moved
from applications.ledger.models import Event
from applications.organs import regions
from applications.organs.models import Organ


class Rows(Sequence[Move]):
    """Effects or events, told as moves when a page of them is asked for."""

    def __init__(self, rows: Any, tell: Callable[[Any], list[Move]]) -> None:
        self._rows, self._tell = rows, tell

    def __len__(self) -> int:
        return self._rows.count() if isinstance(self._rows, QuerySet) else len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Move: ...
    @overload
    def __getitem__(self, index: slice) -> list[Move]: ...
    def __getitem__(self, index: int | slice) -> Move | list[Move]:
        if isinstance(index, slice):
            return self._tell(list(self._rows[index]))
        return self._tell([self._rows[index]])[0]


def moves_ahead(before: CalendarSet, after: CalendarSet, user: User | None) -> Moves:
    moves = moved(before, after)
    seen = [move for move in moves if user is None or _concerns(user, move.clock.organ_id, move.clock.region)]
    return Moves(len(moves), Rows(seen, _ahead))


def moves_done(recalculation: Recalculation, user: User) -> Moves:
    # The archive bears the moment of the approval that moved the clocks.
    events = Event.objects.filter(verb="deadline.moved", at=recalculation.at).order_by("id")
    if not _sees_all(user):
        events = events.filter(chain__in=visible_to(user).values("case_number"))
    return Moves(recalculation.moved, Rows(events, _done))


def _ahead(effects: list[Effect]) -> list[Move]:
    organs = Organ.objects.in_bulk({clock.organ_id for clock, _ in effects})
    return [
        Move(
            clock.id,
            clock.case_number,
            organs[clock.organ_id].name,
            str(Deadline.Kind(clock.kind).label),
            clock.started_on,
            clock.due_on,
            due.due_on,
            due.provisional,
        )
        for clock, due in effects
    ]


def _done(events: list[Event]) -> list[Move]:
    clocks = {
        (clock.case_number, clock.kind, clock.round): clock
        for clock in Deadline.objects.filter(
            case_number__in={event.chain for event in events}
        ).select_related("organ")
    }
    found = []
    for event in events:
        clock = clocks[event.chain, event.payload["clock"], event.payload["round"]]
        old, new = (date.fromisoformat(event.payload[end]) for end in ("from", "to"))
        found.append(
            Move(
                clock.pk,
                clock.case_number,
                clock.organ.name,
                clock.get_kind_display(),
                clock.started_on,
                old,
                new,
                provisional=False,
            )
        )
    return found


def _sees_all(user: User) -> bool:
    organ = user.organ
    return (
        organ is not None
        and organ.kind == Organ.Kind.CREDIT_MANAGEMENT
        and regions.covers(organ.region, regions.PROVINCE)
    )


def _concerns(user: User, organ_id: int, region: str) -> bool:
    """Whether a person may see a clock of an organ; access.may_see without the row."""
    organ = user.organ
    if organ is None:
        return False
    return organ.pk == organ_id or (
        organ.kind == Organ.Kind.CREDIT_MANAGEMENT and regions.covers(organ.region, region)
    )
