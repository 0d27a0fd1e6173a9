"""The department's figures, and behind each the rows that it counts.

Every number of the desk comes from the figures (``counting``), and is the length of the list that it leads to.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.calendars.selectors import calendar, missing_year
from applications.deadlines.models import RUNNING, Deadline, Sweep
from applications.deadlines.selectors import last_sweep, sweep_is_stale
from applications.deadlines.spans import rank
from applications.ledger.models import Head
from applications.objections.models import Objection
from applications.organs import regions
from applications.organs.models import Organ
from applications.oversight import counting
from applications.oversight.counting import Counted
from applications.policies.models import PolicyAdoption
from applications.policies.selectors import adoption_in_force, policy_in_force
from applications.repairs.assessing import FINDING_LABELS
from applications.repairs.models import CorrectionNotice
from applications.sharing.models import Delivery
from rules.policy import Policy

# What can be asked of clocks, by the name that an address uses.
OPEN: Final = "open"
SOON: Final = "soon"
OVERDUE: Final = "overdue"
ENDED: Final = "ended"
LATE: Final = "late"
SHOWN: Final = {
    OPEN: gettext_lazy("办理中"),
    SOON: gettext_lazy("今天或者下一工作日到期"),
    OVERDUE: gettext_lazy("已逾期"),
    ENDED: gettext_lazy("今年办结"),
    LATE: gettext_lazy("今年逾期办结"),
}
DELIVERY_STATES: Final = {
    "waiting": [Delivery.Status.WAITING, Delivery.Status.SENDING],
    "dead": [Delivery.Status.DEAD],
}


@dataclass(frozen=True)
class Realm:
    """What a department sees, and the day on which it looks."""

    region: str
    today: date

    @property
    def prefix(self) -> str:
        return regions.prefix(self.region)

    @property
    def next_working_day(self) -> date:
        return calendar(self.region).due_on(self.today, 1)

    def conditions(self) -> dict[str, Q]:
        """What each name of SHOWN means, on this day."""
        ended = Q(met_on__gte=counting.new_year(self.today), met_on__lte=self.today)
        return {
            OPEN: RUNNING,
            SOON: RUNNING & Q(due_on__gte=self.today, due_on__lte=self.next_working_day),
            OVERDUE: RUNNING & Q(due_on__lt=self.today),
            ENDED: ended,
            LATE: ended & Q(days_late__gt=0),
        }


# -- The four clocks


@dataclass
class ClockLine:
    """One clock of one organ (None: of all). ``spans`` counts clocks that ended this year by working days."""

    organ: Organ | None
    counts: Counter[str] = field(default_factory=Counter)
    spans: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: "ClockLine") -> "ClockLine":
        return ClockLine(self.organ, self.counts + other.counts, self.spans + other.spans)

    @property
    def on_time(self) -> int | None:
        """Per cent of what ended this year or is overdue that was done in time."""
        all_due = self.counts[ENDED] + self.counts[OVERDUE]
        return None if not all_due else 100 * (self.counts[ENDED] - self.counts[LATE]) // all_due

    @property
    def median(self) -> int | None:
        return rank(self.spans, 50)

    @property
    def ninety_fifth(self) -> int | None:
        return rank(self.spans, 95)


@dataclass(frozen=True)
class ClockTable:
    """One kind of clock, all organs of the realm: the sum first."""

    kind: str
    label: str
    total: ClockLine
    lines: list[ClockLine]


def clocks(realm: Realm, *, shown: str = OPEN, kind: str = "", organ: str = "") -> QuerySet[Deadline]:
    """The clocks that a number of the desk counts."""
    found = Deadline.objects.filter(
        realm.conditions()[shown], organ__region__startswith=realm.prefix
    ).select_related("organ")
    if kind:
        found = found.filter(kind=kind)
    if organ:
        found = found.filter(organ__code=organ)
    return found.order_by("due_on", "id")


def clock_tables(realm: Realm, counted: Counted) -> list[ClockTable]:
    """The clocks by organ."""
    organs = {organ.pk: organ for organ in Organ.objects.filter(region__startswith=realm.prefix)}
    soon = realm.next_working_day
    lines = {
        (subject, organ): _line(organs[organ], counts, realm.today, soon)
        for (organ, subject), counts in counted.items()
        if subject in Deadline.Kind
    }
    return [
        _table(kind, label, [lines[kind, organ] for organ in organs if (kind, organ) in lines])
        for kind, label in Deadline.Kind.choices
    ]


def _line(organ: Organ, counted: Counter[str], today: date, soon: date) -> ClockLine:
    line = ClockLine(organ)
    for name, number in counted.items():
        what, _colon, value = name.partition(":")
        if what == counting.DUE:
            due_on = date.fromisoformat(value)
            line.counts[OPEN] += number
            line.counts[SOON] += number if today <= due_on <= soon else 0
            line.counts[OVERDUE] += number if due_on < today else 0
        elif what == counting.TOOK:
            line.counts[ENDED] += number
            line.spans[int(value)] += number
        else:
            line.counts[LATE] += number
    return line


def _table(kind: str, label: Any, own: list[ClockLine]) -> ClockTable:
    return ClockTable(kind, str(label), sum(own, ClockLine(None)), own)


# -- Refusals, corrections, objections


@dataclass(frozen=True)
class Refusal:
    """A refusal of this year with the conditions that failed."""

    case_number: str
    organ: str
    on: datetime
    failed: tuple[str, ...]


def refusals(realm: Realm, *, reason: str = "") -> list[Refusal]:
    """This year's refusals, the latest first; those for one finding code, if it is named."""
    events = counting.refused(realm.today).filter(organ__region__startswith=realm.prefix).order_by("-id")
    found = (
        Refusal(number, organ, at, tuple(payload.get("failed", ())))
        for number, organ, at, payload in events.values_list("chain", "organ__name", "at", "payload")
    )
    return [each for each in found if not reason or reason in each.failed]


def refusal_count(counted: Counted) -> int:
    """How many there are in the figures."""
    return _sum(counted, counting.REFUSALS)[counting.ALL]


def refusal_reasons(counted: Counted) -> list[tuple[str, str, int]]:
    """Finding code, its label and how often a refusal rests on it, the most frequent first."""
    found = _sum(counted, counting.REFUSALS)
    codes = [(name.partition(":")[2], number) for name, number in found.most_common() if name != counting.ALL]
    return [(code, FINDING_LABELS.get(code, code), number) for code, number in codes]


def _sum(counted: Counted, subject: str) -> Counter[str]:
    """What the organs have together."""
    return sum((counts for (_organ, each), counts in counted.items() if each == subject), Counter())


def objections(realm: Realm, *, outcome: str | None = None) -> QuerySet[Objection]:
    """This year's objections by outcome; an empty outcome asks for those that are not handled yet."""
    within = Q(case__organ__region__startswith=realm.prefix)
    found = counting.objected(realm.today).filter(within).select_related("case__organ")
    return (found if outcome is None else found.filter(outcome=outcome)).order_by("-id")


def objection_outcomes(counted: Counted) -> list[tuple[str, str, int]]:
    """Outcome, its label and how many, also where there are none."""
    found = _sum(counted, counting.OBJECTIONS)
    labels = [(counting.UNHANDLED, _("尚未处理")), *Objection.Outcome.choices]
    return [(code, str(label), found[code]) for code, label in labels]


def repeated_corrections(realm: Realm) -> QuerySet[CorrectionNotice]:
    """Correction notices of this year that were not the first of their case (Article 8 asks for one)."""
    within = Q(case__organ__region__startswith=realm.prefix)
    return counting.asked_again(realm.today).filter(within).select_related("case__organ").order_by("-id")


def repeated_count(counted: Counted) -> int:
    """How many there are in the figures."""
    return _sum(counted, counting.CORRECTIONS)[counting.REPEATED]


# -- What runs by itself


def deliveries(realm: Realm, *, state: str = "waiting") -> QuerySet[Delivery]:
    """What the sharing platform has not receipted: still on its way, or given up."""
    return Delivery.objects.filter(
        status__in=DELIVERY_STATES[state], region__startswith=realm.prefix
    ).order_by("created_at")


@dataclass(frozen=True)
class SystemStatus:
    """Whether what must run by itself does, and by which rules."""

    waiting: int
    dead: int
    oldest: datetime | None
    sweep: Sweep | None
    sweep_stale: bool
    missing_year: int | None
    official_until: int
    policy: Policy
    adoption: PolicyAdoption | None
    head: Head | None

    def age(self, at: datetime) -> timedelta | None:
        return None if self.oldest is None else at - self.oldest


def system_status(realm: Realm, at: datetime) -> SystemStatus:
    """How it stands with what runs by itself."""
    queue = deliveries(realm).order_by().aggregate(count=Count("pk"), oldest=Min("created_at"))
    return SystemStatus(
        waiting=queue["count"],
        dead=deliveries(realm, state="dead").count(),
        oldest=queue["oldest"],
        sweep=last_sweep(),
        sweep_stale=sweep_is_stale(at),
        missing_year=missing_year(realm.today),
        official_until=max(calendar(realm.region).official_years),
        policy=policy_in_force(on=realm.today),
        adoption=adoption_in_force(realm.today),
        head=Head.objects.first(),
    )
