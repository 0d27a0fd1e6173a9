"""What a change of the calendar does, or did, to days and clocks, as far as a person may see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from applications.accounts.models import User
from applications.deadlines.access import visible_to
from applications.deadlines.calendars import schedule_of
from applications.deadlines.models import CalendarChange, CalendarNotice, Deadline, Recalculation
from applications.deadlines.moves import Effect, moved
from applications.deadlines.services.calendar_changes import outlook
from applications.ledger.models import Event
from applications.organs import regions
from applications.organs.models import Organ
from rules.calendar_years import statutory_numbers


class Told(NamedTuple):
    """What a calendar says about a day."""

    working: bool
    reason: str


class ChangedDay(NamedTuple):
    date: date
    old: Told
    new: Told


class Move(NamedTuple):
    """A clock and its end before and after."""

    clock_id: int
    case_number: str
    organ: str
    kind: str
    started_on: date
    old: date
    new: date
    provisional: bool


@dataclass(frozen=True)
class Impact:
    """``moved``: how many clocks in all; ``seen``: those that the person may see, for moves_of()."""

    days: list[ChangedDay] | None
    moved: int
    seen: Sequence[Effect] | QuerySet[Event]
    # Of the calendars that a proposed change starts from.
    version: str = ""


def impact_of(change: CalendarChange, user: User) -> Impact | None:
    """Of a proposed change what it would do now, of an approved one what it did; None of a rejected one.

    InputError: the calendar in force has no place for a proposed one.
    """
    if change.state == CalendarChange.State.PROPOSED:
        ahead = outlook(change)
        moves = moved(ahead.before, ahead.after)
        days = [
            ChangedDay(day.date, Told(day.old.working, day.old.reason), Told(day.new.working, day.new.reason))
            for day in ahead.changes
        ]
        seen = [move for move in moves if _concerns(user, move.clock.organ_id, move.clock.region)]
        return Impact(days, len(moves), seen, ahead.version)
    done = recalculation_of(change)
    if done is None:
        return None
    # The archive bears the moment of the approval that moved the clocks.
    events = Event.objects.filter(verb="deadline.moved", at=done.at).order_by("id")
    if not _sees_all(user):
        events = events.filter(chain__in=visible_to(user).values("case_number"))
    return Impact(_days_kept(change), done.moved, events)


def recalculation_of(change: CalendarChange) -> Recalculation | None:
    field = "notice" if isinstance(change, CalendarNotice) else "closure"
    return Recalculation.objects.filter(**{field: change}).first()


def moves_of(seen: Iterable[Effect | Event]) -> list[Move]:
    """A page of an Impact's clocks, or all of them."""
    found = list(seen)
    effects = [each for each in found if isinstance(each, Effect)]
    events = [each for each in found if isinstance(each, Event)]
    return [*_ahead(effects), *_done(events)]


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


def _days_kept(change: CalendarChange) -> list[ChangedDay] | None:
    """None for what was approved before the days were kept."""
    if change.changed_days is None:
        return None
    return [
        ChangedDay(date.fromisoformat(day["date"]), Told(*day["old"]), Told(*day["new"]))
        for day in change.changed_days
    ]


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


# -- What was read in a notice


class ReadHoliday(NamedTuple):
    """One holiday as it was understood: its runs of days off, and the days worked for them."""

    name: str
    spans: list[tuple[date, date]]
    days_off: int
    make_up: tuple[date, ...]
    # Working days that it takes out of the year.
    balance: int


@dataclass(frozen=True)
class ReadNotice:
    """A notice as the machine understood it, to be held against its text and against the law.

    ``statutory``: the days off that the law gives in the year, which ``balance`` must come to; None for an
    amendment, which is no whole year.
    """

    holidays: list[ReadHoliday]
    given_back: tuple[date, ...]
    balance: int
    statutory: int | None


def read_back(notice: CalendarNotice) -> ReadNotice:
    schedule = schedule_of(notice)
    holidays = [
        ReadHoliday(
            name=arranged.name,
            spans=[(off.start, off.end) for off in schedule.holidays if off.name == arranged.name],
            days_off=len(arranged.off),
            make_up=arranged.make_up,
            balance=arranged.balance,
        )
        for arranged in schedule.arrangements
    ]
    statutory = None if schedule.amends else sum(statutory_numbers(notice.year).values())
    return ReadNotice(holidays, schedule.given_back, schedule.balance, statutory)
