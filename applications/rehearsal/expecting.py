"""What must have followed by law from the steps in a journal: every clock, every level of escalation, who is told.

Stated here once more and in other words than in the apps that do it, from the Notice itself: 3 working days to
answer each submission (Article 8), 7 to decide from acceptance (9), 2 to share each decision (11), 5 to handle
an objection (13). Escalation: a reminder on the working day before the last day, again on the last day, the
breach on the day after it, and every working day from then on while the clock runs. A decision is shared on the
day on which the platform has it; where the portal is told later, escalation goes on until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from applications.rehearsal.counting import ONE_DAY, Days
from applications.rehearsal.journal import CalendarChange, Journal, Post, StepTaken

LENGTHS = {"acceptance": (3, "八"), "decision": (7, "九"), "sharing": (2, "十一"), "objection": (5, "十三")}
ANSWERS = {
    "accept": "acceptance",
    "request_correction": "acceptance",
    "decline": "acceptance",
    "grant": "decision",
    "refuse": "decision",
    "uphold": "objection",
    "overturn": "objection",
}
# Steps of which the applicant is told, each by one message: those of others.
TOLD = frozenset(ANSWERS)
# That a clock is over is said once a day, also on a day on which its last day changes.
OVER = frozenset({"breach", "daily"})
STATES = {
    "submit": "submitted",
    "resubmit": "submitted",
    "request_correction": "correcting",
    "accept": "accepted",
    "review": "under_review",
    "return": "accepted",
    "decline": "not_accepted",
    "grant": "granted",
    "refuse": "refused",
    "object": "objecting",
    "uphold": "refused",
    "overturn": "granted",
    "withdraw": "withdrawn",
}


class Key(NamedTuple):
    case_number: str
    kind: str
    round: int


class Level(NamedTuple):
    level: str
    on: date


@dataclass
class Clock:
    """One clock as it must be. ``moves``: the last days that it had one after the other."""

    organ: int
    started_on: date
    due_on: date = date.max
    provisional: bool = False
    counted: tuple[date, ...] = ()
    met_on: date | None = None
    cancelled_on: date | None = None
    # When the portal was told that it had been met, where that is not the same day.
    heard_on: date | None = None
    breached_on: date | None = None
    days_late: int = 0
    moves: list[tuple[date, date]] = field(default_factory=list)
    levels: dict[Level, frozenset[int]] = field(default_factory=dict)

    @property
    def stopped_on(self) -> date | None:
        return self.met_on or self.cancelled_on


class Expectation:
    """``clocks`` and, by case number, of how many steps the applicant is told and the state in the end."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.clocks: dict[Key, Clock] = {}
        self.told: dict[str, int] = dict.fromkeys(journal.cases, 0)
        self.states: dict[str, str] = {}
        self._calendars: dict[str, list[tuple[CalendarChange | None, Days]]] = {}
        self._of_case: dict[str, list[Clock]] = {}
        self._decisions: dict[str, int] = {}
        self._rounds: dict[str, int] = {}
        for step in journal.steps:
            self._follow(step)
        for key, clock in self.clocks.items():
            self._work_out(key, clock)

    def _follow(self, step: StepTaken) -> None:
        number, action, on, position, received_on = step
        if action == "receipt":
            clock = self.clocks[Key(number, "sharing", position)]
            clock.met_on, clock.heard_on = received_on, on
            # Of a repair that has reached the platform the applicant is told. Of a refusal nothing more, also
            # where it arrives when an objection has already turned it into a repair.
            self.told[number] += self.states[number] == "granted" and position == self._decisions[number]
            return
        self.states[number] = STATES[action]
        self.told[number] += action in TOLD
        if action in ANSWERS:
            kind = ANSWERS[action]
            answered = self._rounds[number] if kind == "acceptance" else 1
            self.clocks[Key(number, kind, answered)].met_on = on
        if action in ("submit", "resubmit"):
            self._rounds[number] = self._rounds.get(number, 0) + 1
            self._start(number, "acceptance", self._rounds[number], on)
        elif action == "accept":
            self._start(number, "decision", 1, on)
        elif action == "object":
            self._start(number, "objection", 1, on)
        elif action in ("grant", "refuse", "overturn"):
            self._decisions[number] = self._decisions.get(number, 0) + 1
            self._start(number, "sharing", self._decisions[number], on)
        elif action == "withdraw":
            for clock in self._of_case[number]:
                if clock.stopped_on is None:
                    clock.cancelled_on = on

    def _start(self, number: str, kind: str, round: int, on: date) -> None:
        clock = self.clocks[Key(number, kind, round)] = Clock(self.journal.cases[number][0], on)
        self._of_case.setdefault(number, []).append(clock)

    # -- Days

    def _calendars_of(self, region: str) -> list[tuple[CalendarChange | None, Days]]:
        """The calendars of a region one after the other, each with the change that brought it."""
        if region not in self._calendars:
            found: list[tuple[CalendarChange | None, Days]] = [(None, Days())]
            known: list[CalendarChange] = []
            for change in self.journal.changes:
                if change.region is None or change.region[:4] == region[:4]:
                    known.append(change)
                    found.append((change, Days(known)))
            self._calendars[region] = found
        return self._calendars[region]

    def _work_out(self, key: Key, clock: Clock) -> None:
        """Follow a clock from its start through every calendar to its stop, or to the rehearsal's last day."""
        post = self.journal.posts[clock.organ]
        length, _ = LENGTHS[key.kind]
        last = clock.heard_on or clock.stopped_on or self.journal.last_day
        calendars = self._calendars_of(post.region)
        for number, (change, days) in enumerate(calendars):
            following = calendars[number + 1][0] if number + 1 < len(calendars) else None
            if following and clock.started_on > following.on:
                continue
            # A change takes effect in the evening: what was stopped on that day had stopped before.
            if change and clock.due_on != date.max and last <= change.on and clock.stopped_on:
                break
            clock.counted = days.counted(clock.started_on, length)
            due_on = clock.counted[-1]
            if clock.due_on not in (date.max, due_on):
                clock.moves.append((clock.due_on, due_on))
            clock.due_on = due_on
            clock.provisional = days.is_provisional(clock.started_on, due_on)
            first = change.on if change and change.on > clock.started_on else clock.started_on
            until = min(last, following.on) if following else last
            over_today = any(level.on == first and level.level in OVER for level in clock.levels)
            for level in _levels(days, clock.started_on, due_on, until):
                if level.on > first or (level.on == first and not (over_today and level.level in OVER)):
                    clock.levels[level] = _told(key.kind, level.level, post)
            current = days
        if (clock.stopped_on or last) > clock.due_on:
            clock.breached_on = clock.due_on + ONE_DAY
            # However it came to its end, by an answer or by a withdrawal, it was late by then.
            if clock.stopped_on:
                clock.days_late = current.between(clock.due_on, clock.stopped_on)


def _levels(days: Days, started_on: date, due_on: date, until: date) -> Iterator[Level]:
    """The levels up to a day. A clock is not reminded of on the day on which it starts."""
    reminder = days.before(due_on)
    if started_on < reminder <= until:
        yield Level("reminder", reminder)
    if due_on <= until:
        yield Level("due", due_on)
    day = due_on + ONE_DAY
    if day <= until:
        yield Level("breach", day)
    while (day := day + ONE_DAY) <= until:
        if days.is_worked(day):
            yield Level("daily", day)


def _told(kind: str, level: str, post: Post) -> frozenset[int]:
    """Whose turn it is; from the last day on also the head; from the breach on also the department."""
    turn = {
        "acceptance": ("intake",),
        "decision": ("reviewer", "approver"),
        "sharing": ("system_admin", "supervisor"),
        "objection": ("approver",),
    }[kind]
    people = frozenset[int]().union(*(post.staff[role] for role in turn)) or post.staff["supervisor"]
    if level != "reminder":
        people |= post.staff["supervisor"]
    if level in ("breach", "daily"):
        people |= post.department
    return people
