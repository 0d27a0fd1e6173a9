"""What pages of several rooms show together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from applications.accounts.models import User
from applications.calendars.selectors import calendar
from applications.deadlines.models import Deadline
from applications.ledger.models import Event
from applications.organs import regions
from applications.organs.models import Organ
from applications.policies.selectors import policy_in_force
from applications.repairs import access
from applications.repairs.models import RepairCase
from applications.repairs.progress import BUSY_WITH, EVENT_LABELS, departments_told, lateness
from rules.procedure import CLOSED_STATES, STATE_LABELS, Clock, State
from rules.workdays import Due


def answer_times(today: date) -> tuple[Due, Due]:
    """If an application is filed today: by when it is answered, and, accepted then, by when it is decided."""
    clocks = policy_in_force(on=today).clocks
    to_answer, to_decide = clocks["acceptance"].working_days, clocks["decision"].working_days
    # Only instruments that are not adopted leave these open.
    assert to_answer is not None and to_decide is not None
    answer = calendar().due(today, to_answer)
    return answer, calendar().due(answer.due_on, to_decide)


@dataclass(frozen=True)
class CaseStanding:
    """How a case stands, from its row and its clocks alone: what a list and a page without sign-in may say.

    Has what templates/repairs/sentence.html asks of a progress.
    """

    case: RepairCase
    today: date
    clocks: list[Deadline] = field(default_factory=list)
    # By the ids of late clocks: since when the department knows.
    told: dict[int, datetime] = field(default_factory=dict)

    @property
    def running(self) -> Deadline | None:
        """The clock that ends first among those that run."""
        return min((clock for clock in self.clocks if clock.is_open), key=lambda c: c.due_on, default=None)

    @property
    def late(self) -> bool:
        return self.running is not None and self.today > self.running.due_on

    @property
    def lateness(self) -> str:
        return lateness(self.running, self.case.organ.region, self.today)

    @property
    def department_told_at(self) -> datetime | None:
        return self.told.get(self.running.pk) if self.running else None

    @property
    def busy_with(self) -> tuple[str, str]:
        return BUSY_WITH[Clock(self.running.kind)] if self.running else ("", "")

    @property
    def shared(self) -> bool:
        return self.case.shared_at is not None

    @property
    def state(self) -> str:
        return STATE_LABELS[State(self.case.status)]


def standings(cases: Iterable[RepairCase], today: date) -> list[CaseStanding]:
    """The standing of each case, in the order given, with one query for the clocks of all, two more for the late."""
    listed = list(cases)
    clocks: dict[str, list[Deadline]] = defaultdict(list)
    for clock in Deadline.objects.filter(case_number__in=[case.number for case in listed]).order_by(
        "started_on", "id"
    ):
        clocks[clock.case_number].append(clock)
    told = departments_told([clock for each in clocks.values() for clock in each], today)
    return [CaseStanding(case, today, clocks[case.number], told) for case in listed]


def unfinished_cases(user: User, today: date) -> list[CaseStanding]:
    """A person's cases that somebody still has to do something about: first those that wait for the person."""
    cases = (
        access.visible_to(user)
        .exclude(status__in=sorted(CLOSED_STATES))
        .exclude(status=State.GRANTED, shared_at__isnull=False)
    )
    latest_first = cases.select_related("record__subject", "record__identifying_unit", "organ").order_by(
        "-edited_at"
    )
    found = standings(latest_first, today)
    return sorted(found, key=lambda standing: standing.case.status not in (State.CORRECTING, State.DRAFT))


def steps_of(case_number: str) -> list[tuple[str, Event]]:
    """The steps of a case with their moments, each with its name; without the people who took them."""
    events = Event.objects.filter(chain=case_number, verb__in=EVENT_LABELS).order_by("position")
    return [(EVENT_LABELS[event.verb], event) for event in events]


def credit_bureaus_by_region() -> dict[str, list[Organ]]:
    """Name of the province or the city → its credit bureaus, the province first, each with phone and address."""
    found: dict[str, list[Organ]] = defaultdict(list)
    for organ in Organ.objects.filter(kind=Organ.Kind.CREDIT_BUREAU).order_by("region", "code"):
        found[regions.name(regions.city_of(organ.region))].append(organ)
    return dict(found)
