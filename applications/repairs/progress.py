"""How a case stands, in words: the sentence on top, the clocks, the steps, what was issued and shared."""

from dataclasses import dataclass
from datetime import date

from applications.deadlines.models import Deadline
from applications.deadlines.selectors import clocks_of
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from rules.procedure import STATE_LABELS, TABLE, Clock, State

EVENT_LABELS = {step.event: step.label for step in TABLE} | {
    "repair.drafted": "建立草稿",
    "repair.commitment_signed": "签署承诺书",
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
    today: date
    steps: list[tuple[str, Event]]
    readings: list[Event]
    documents: list[Document]
    deliveries: list[Delivery]
    messages: list[Message]
    state: str
    refused: bool

    @property
    def late(self) -> bool:
        return self.running is not None and self.today > self.running.due_on

    @property
    def busy_with(self) -> tuple[str, str]:
        return BUSY_WITH[Clock(self.running.kind)] if self.running else ("", "")

    @property
    def shared(self) -> bool:
        return bool(self.deliveries) and self.deliveries[-1].status == Delivery.Status.DELIVERED


def progress_of(case: RepairCase, today: date) -> Progress:
    clocks = list(clocks_of(case.number))
    running = sorted((clock for clock in clocks if clock.is_open), key=lambda clock: clock.due_on)
    events = list(
        Event.objects.filter(chain=case.number).select_related("actor", "organ").order_by("position")
    )
    return Progress(
        clocks=clocks,
        running=running[0] if running else None,
        today=today,
        steps=[(EVENT_LABELS[event.verb], event) for event in events if event.verb in EVENT_LABELS],
        readings=[event for event in events if event.verb == "repair.material_read"],
        documents=list(Document.objects.filter(about=case.number).order_by("issued_at")),
        deliveries=list(Delivery.objects.filter(stream=case.number).order_by("position")),
        messages=list(Message.objects.filter(about=case.number, recipient=case.applicant).order_by("id")),
        state=STATE_LABELS[State(case.status)],
        refused=case.status == State.REFUSED,
    )
