"""How a case stands, from its row and its clocks alone: what a list and a page without sign-in may say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy

from applications.calendars.selectors import calendar
from applications.deadlines import wording
from applications.deadlines.models import Deadline, Escalation
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.repairs.models import RepairCase
from rules.procedure import CLOSED_STATES, OPEN_STATES, STATE_LABELS, STATES, Clock, State

# What is being done while a clock runs, as the middle of the sentence on top.
BUSY_WITH = {
    Clock.ACCEPTANCE: (gettext_lazy("审查材料是否齐全"), gettext_lazy("前答复")),
    Clock.DECISION: (gettext_lazy("审查您的申请"), gettext_lazy("前作出决定")),
    Clock.SHARING: (gettext_lazy("把决定推送到公共信用信息共享平台"), gettext_lazy("前完成")),
    Clock.OBJECTION: (gettext_lazy("核实您的异议"), gettext_lazy("前作出处理")),
}


@dataclass(frozen=True)
class CaseStanding:
    """What templates/repairs/sentence.html asks of a progress."""

    case: RepairCase
    today: date
    clocks: list[Deadline]
    # By the ids of late clocks: since when the department knows.
    told: dict[int, datetime]

    @property
    def running(self) -> Deadline | None:
        """The open clock that the sentence is about: the one that the state owes, else the one due first. Of two decisions on
        their way to the platform, a refusal and the grant that took its place, the later one is that of the state."""
        owed = STATES[State(self.case.status)].owes
        latest = {
            clock.kind: clock for clock in sorted(self.clocks, key=lambda clock: clock.pk) if clock.is_open
        }
        return min(latest.values(), key=lambda clock: (clock.kind != owed, clock.due_on), default=None)

    @property
    def late(self) -> bool:
        return self.running is not None and self.today > self.running.due_on

    @property
    def lateness(self) -> str:
        """How late the running clock is, in words; nothing where it is not."""
        if self.running is None or not self.late:
            return ""
        return wording.standing(self.running, calendar(self.case.organ.region), self.today).words

    @property
    def awaited(self) -> Deadline | None:
        """The running clock whose end the applicant waits for: an answer, or a grant on its way to the platform; what else is
        on its way there only once it is late."""
        waits = self.case.status in OPEN_STATES or self.case.status == State.GRANTED
        return self.running if waits or self.late else None

    @property
    def days_left(self) -> int:
        """Working days until the last day of the running clock, that day among them; 0 on the day itself."""
        if self.running is None:
            return 0
        # The clock knows the days that it counts, so that a list of many asks nothing more.
        return sum(bool(day.counted) and day.date > self.today for day in self.running.explanation)

    @property
    def department_told_at(self) -> datetime | None:
        """Since when the department knows that the running clock is late; None while it has not been told."""
        return self.told.get(self.running.pk) if self.running else None

    @property
    def repaired_since(self) -> bool:
        """Whether the record was repaired by an application after this one: nothing is left to apply for or dispute."""
        return self.case.status in CLOSED_STATES and hasattr(self.case.record, "annotation")

    @cached_property
    def applied_again(self) -> RepairCase | None:
        """The application for the same record that is open, where this one is over: no other can be begun beside it."""
        if self.case.status not in CLOSED_STATES:
            return None
        return self.case.record.cases.exclude(status__in=CLOSED_STATES).first()

    @property
    def upheld(self) -> bool:
        """Whether this is a refusal that an objection has not changed."""
        return self.case.status == State.REFUSED and hasattr(self.case, "objection")

    @property
    def busy_with(self) -> tuple[str, str]:
        if self.running is None:
            return "", ""
        doing, end = BUSY_WITH[Clock(self.running.kind)]
        return str(doing), str(end)

    @property
    def state(self) -> str:
        return gettext(STATE_LABELS[State(self.case.status)])


def standings(cases: Iterable[RepairCase], today: date) -> list[CaseStanding]:
    """The standing of each case, in the order given, with one query for the clocks of all, two more for the late."""
    listed = list(cases)
    clocks: dict[str, list[Deadline]] = defaultdict(list)
    for clock in Deadline.objects.filter(case_number__in=[case.number for case in listed]).order_by(
        "started_on", "id"
    ):
        clocks[clock.case_number].append(clock)
    told = _departments_told([clock for each in clocks.values() for clock in each], today)
    return [CaseStanding(case, today, clocks[case.number], told) for case in listed]


def _departments_told(clocks: Sequence[Deadline], today: date) -> dict[int, datetime]:
    """By the ids of those running clocks that are late: when a department was told of the breach, if it was."""
    late = [clock for clock in clocks if clock.is_open and today > clock.due_on]
    if not late:
        return {}
    breaches = list(
        Escalation.objects.filter(deadline__in=late, level=Escalation.Level.BREACH, recipients__gt=0)
    )
    messages = Message.objects.filter(
        about__in={clock.case_number for clock in late},
        key__startswith="escalation-",
        recipient__organ__kind=Organ.Kind.CREDIT_MANAGEMENT,
    )
    told = {key.partition("/")[0] for key in messages.values_list("key", flat=True)} if breaches else set()
    return {breach.deadline_id: breach.raised_at for breach in breaches if breach.message_key in told}
