"""How a case stands, in words: the sentence on top, the clocks, the steps, what was issued and shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from applications.deadlines import wording
from applications.deadlines.models import Deadline, Escalation
from applications.deadlines.selectors import calendar, clocks_of
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.ledger.selectors import readings_about
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from rules.procedure import STATE_LABELS, TABLE, Clock, State, can_withdraw

EVENT_LABELS = {step.event: step.label for step in TABLE} | {
    "repair.drafted": "建立草稿",
    "repair.commitment_signed": "签署承诺书",
}

# What an officer opened, as its applicant is told.
READING_LABELS = {
    "repaircase.read": _("查阅申请"),
    "objection.read": _("查阅异议"),
    "repair.material_read": _("打开材料"),
    "document.read": _("打开文书"),
}

# What is being done while a clock runs, as the middle of the sentence on top.
BUSY_WITH = {
    Clock.ACCEPTANCE: ("审查材料是否齐全", "前答复"),
    Clock.DECISION: ("审查您的申请", "前作出决定"),
    Clock.SHARING: ("把决定推送到公共信用信息共享平台", "前完成"),
    Clock.OBJECTION: ("核实您的异议", "前作出处理"),
}


@dataclass(frozen=True)
class Progress:
    clocks: list[Deadline]
    # The open clock that the sentence is about: the one due first.
    running: Deadline | None
    # Since when the department knows that this clock is late; None while it has not been told.
    department_told_at: datetime | None
    region: str
    today: date
    steps: list[tuple[str, Event]]
    # Day, organ, what was opened and how often; the latest first.
    readings: list[tuple[date, str, str, int]]
    documents: list[Document]
    deliveries: list[Delivery]
    messages: list[Message]
    state: str
    refused: bool
    can_withdraw: bool

    @property
    def late(self) -> bool:
        return self.running is not None and self.today > self.running.due_on

    @property
    def lateness(self) -> str:
        return lateness(self.running, self.region, self.today)

    @property
    def busy_with(self) -> tuple[str, str]:
        return BUSY_WITH[Clock(self.running.kind)] if self.running else ("", "")

    @property
    def shared(self) -> bool:
        return bool(self.deliveries) and self.deliveries[-1].status == Delivery.Status.DELIVERED


def lateness(clock: Deadline | None, region: str, today: date) -> str:
    """How late a running clock is, in words; nothing where it is not."""
    if clock is None or today <= clock.due_on:
        return ""
    return wording.lateness(calendar(region).count(clock.due_on, today))


def departments_told(clocks: Sequence[Deadline], today: date) -> dict[int, datetime]:
    """By the ids of those running clocks that are late: when a department was told of the breach, if it was."""
    late = [clock for clock in clocks if clock.is_open and today > clock.due_on]
    if not late:
        return {}
    breaches = list(
        Escalation.objects.filter(deadline__in=late, rung=Escalation.Rung.BREACH, recipients__gt=0)
    )
    messages = Message.objects.filter(
        about__in={clock.case_number for clock in late},
        key__startswith="escalation-",
        recipient__organ__kind=Organ.Kind.CREDIT_MANAGEMENT,
    )
    told = {key.partition("/")[0] for key in messages.values_list("key", flat=True)} if breaches else set()
    return {breach.deadline_id: breach.raised_at for breach in breaches if breach.message_key in told}


def _readings(case_number: str) -> list[tuple[date, str, str, int]]:
    counts = (
        readings_about(case_number, *READING_LABELS)
        .values_list(TruncDate("at"), "organ__name", "verb")
        .annotate(times=Count("pk"), latest=Max("pk"))
        .order_by("-latest")
    )
    return [
        (day, organ or "", str(READING_LABELS[verb]), times) for day, organ, verb, times, _latest in counts
    ]


def progress_of(case: RepairCase, today: date) -> Progress:
    clocks = list(clocks_of(case.number))
    running = min((clock for clock in clocks if clock.is_open), key=lambda clock: clock.due_on, default=None)
    steps = (
        Event.objects.filter(chain=case.number, verb__in=EVENT_LABELS)
        .select_related("actor", "organ")
        .order_by("position")
    )
    return Progress(
        clocks=clocks,
        running=running,
        department_told_at=departments_told([running], today).get(running.pk) if running else None,
        region=case.organ.region,
        today=today,
        steps=[(EVENT_LABELS[event.verb], event) for event in steps],
        readings=_readings(case.number),
        documents=list(Document.objects.filter(about=case.number).order_by("issued_at")),
        deliveries=list(Delivery.objects.filter(about=case.number).order_by("position")),
        messages=list(Message.objects.filter(about=case.number, recipient=case.applicant).order_by("id")),
        state=STATE_LABELS[State(case.status)],
        refused=case.status == State.REFUSED,
        can_withdraw=can_withdraw(case.status),
    )
