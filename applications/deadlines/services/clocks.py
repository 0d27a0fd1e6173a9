"""Starting, answering and ending the clocks of a case (Articles 8, 9, 11 and 13)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.calendars.selectors import calendar
from applications.database.locking import for_update
from applications.database.updating import update_many
from applications.deadlines.levels import next_step
from applications.deadlines.models import RUNNING, Deadline
from applications.ledger.locking import lock_chain
from applications.organs.models import Organ
from rules.errors import InputError
from rules.workdays import Due, NamedDay

# What is written of a clock that stops.
_STOPPED = ("met_on", "cancelled_on", "breached_on", "days_late", "next_step_on")


def kept_days(due: Due) -> dict[str, NamedDay]:
    """The holidays and make-up days of a period as a clock's row keeps them."""
    return {day.isoformat(): told for day, told in due.named_days.items()}


@transaction.atomic
def start_deadline(
    *,
    kind: str,
    organ: Organ,
    case_number: str,
    link: str,
    round: int,
    started_on: date,
    working_days: int,
    article: str,
    today: date | None = None,
    officer: User | None = None,
) -> Deadline:
    """Start a clock; the day on which it starts does not count.

    ``today`` is given where the clock is counted from a day of the past: nobody is reminded then of what was to be
    done before, but a breach is told.

    InputError: the start, or the end, lies outside the calendar. IntegrityError: this clock was started before.
    """
    lock_chain(case_number)
    days = calendar(organ.region)
    due = days.due(started_on, working_days)
    first_step_on = min(max(today or started_on, started_on), due.due_on + timedelta(days=1))
    return Deadline.objects.create(
        kind=kind,
        organ=organ,
        officer=officer,
        case_number=case_number,
        link=link,
        round=round,
        started_on=started_on,
        working_days=working_days,
        due_on=due.due_on,
        provisional=due.provisional,
        named_days=kept_days(due),
        calendar_version=days.version,
        article=article,
        next_step_on=next_step(days, started_on, due.due_on, first_step_on).on,
    )


@transaction.atomic
def meet_deadline(*, case_number: str, kind: str, on: date, round: int | None = None) -> list[Deadline]:
    """Stop the running clocks of a kind, or the one of that round, because the answer was given on this day.

    Late is late: the clock keeps the day of its breach and the working days it took longer. An answer that was
    given in time and is heard of later leaves no breach. None running is no error. InputError: the day lies
    before the clock's start.
    """
    lock_chain(case_number)
    clocks = _running(case_number, kind, round)
    for clock in clocks:
        _meet(clock, on)
        clock.save(update_fields=_STOPPED)
    return clocks


class Answer(NamedTuple):
    """What stops a clock of one case; the fields mean what they mean for meet_deadline()."""

    case_number: str
    kind: str
    on: date
    round: int | None = None


def meet_deadlines(*, answers: Collection[Answer]) -> None:
    """Stop the clocks of many cases, each as meet_deadline() does. The caller has locked their chains."""
    of_case = defaultdict(list)
    for answer in answers:
        of_case[answer.case_number].append(answer)
    met = []
    running = Deadline.objects.filter(RUNNING, case_number__in=of_case).select_related("organ")
    for clock in running.select_for_update(of=("self",)).order_by("pk"):
        for answer in of_case[clock.case_number]:
            if answer.kind == clock.kind and answer.round in (None, clock.round):
                _meet(clock, answer.on)
                met.append(clock)
    update_many(
        Deadline, _STOPPED, [(clock.pk, *(getattr(clock, name) for name in _STOPPED)) for clock in met]
    )


@transaction.atomic
def cancel_deadlines(
    *, case_number: str, on: date, kind: str = "", round: int | None = None
) -> list[Deadline]:
    """End the running clocks of a case, of a kind or of that round, without an answer being owed any more.

    A breach stays, with the working days that it lasted. InputError: the day lies before a clock's start.
    """
    lock_chain(case_number)
    clocks = _running(case_number, kind, round)
    for clock in clocks:
        _refuse_set_back(clock, on, _("终止"))
        clock.cancelled_on = on
        _stop(clock, on)
        clock.save(update_fields=_STOPPED)
    return clocks


@transaction.atomic
def assign_officer(*, case_number: str, kind: str, officer: User | None) -> int:
    """Let one officer answer for the running clocks of a kind in a case; None gives them back to the organ.

    Returns how many that changes.
    """
    lock_chain(case_number)
    chosen = Deadline.objects.filter(RUNNING, case_number=case_number, kind=kind)
    changed = chosen.filter(officer__isnull=False) if officer is None else chosen.exclude(officer=officer)
    return changed.update(officer=officer)


def _running(case_number: str, kind: str, round: int | None) -> list[Deadline]:
    """The running clocks of a case, locked; those of a kind or a round, if given. Written out, because nearly every step
    stops one."""
    clocks = Deadline.objects.raw(
        "SELECT * FROM deadlines_deadline WHERE case_number = %s AND met_on IS NULL AND cancelled_on IS NULL "
        f"ORDER BY id{for_update()}",
        [case_number],
    )
    return [clock for clock in clocks if kind in ("", clock.kind) and (round is None or clock.round == round)]


def _breach(clock: Deadline, stopped_on: date) -> tuple[date | None, int]:
    """The day of the breach, if there is one, and the working days from the last day until the clock stopped."""
    if stopped_on <= clock.due_on:
        return None, 0
    return clock.due_on + timedelta(days=1), calendar(clock.organ.region).count(clock.due_on, stopped_on)


def _refuse_set_back(clock: Deadline, on: date, verb: str) -> None:
    if on < clock.started_on:
        raise InputError(
            "on",
            _("“%(clock)s”期限自%(start)s起算，不能在此前的%(day)s%(verb)s，请核对日期")
            % {"clock": clock, "start": clock.started_on, "day": on, "verb": verb},
        )


def _meet(clock: Deadline, on: date) -> None:
    _refuse_set_back(clock, on, _("办结"))
    clock.met_on = on
    _stop(clock, on)


def _stop(clock: Deadline, on: date) -> None:
    clock.breached_on, clock.days_late = _breach(clock, on)
    if clock.next_step_on is not None and clock.next_step_on > on:
        clock.next_step_on = None
