"""The progress of a case, for those who may see all of it: how it stands, its steps, what was issued, shared and read."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.documents.models import Document
from applications.ledger.models import Event
from applications.ledger.selectors import readings_about
from applications.notifications.models import Message
from applications.repairs.models import RepairCase
from applications.repairs.selectors import documents_of
from applications.repairs.standing import CaseStanding, standings
from applications.sharing.models import Delivery
from rules.procedure import TABLE, State, can_withdraw

EVENT_LABELS = {step.event: step.label for step in TABLE} | {
    "repair.drafted": _("建立草稿"),
    "repair.commitment_signed": _("签署承诺书"),
    "repair.received": _("窗口、邮寄收件"),
    "repair.letter_served": _("文书送达"),
    "repair.improvements_noted": _("登记重要参考"),
    "repair.inquired": _("请认定单位核实履行情况"),
    "repair.inquiry_answered": _("认定单位答复核实"),
}

SIGNED_ON_PAPER = _("登记纸上签署的承诺书")

# What an officer opened, as its applicant is told.
READING_LABELS = {
    "repaircase.read": _("查阅申请"),
    "objection.read": _("查阅异议"),
    "inquiry.read": _("查阅核实事项"),
    "repair.material_read": _("打开材料"),
    "document.read": _("打开文书"),
    "repaircase.archived": _("下载档案"),
}


@dataclass(frozen=True)
class Progress(CaseStanding):
    steps: list[tuple[str | Promise, Event]]
    # Day, organ, what was opened and how often; the latest first.
    readings: list[tuple[date, str, str, int]]
    documents: list[Document]
    deliveries: list[Delivery]
    messages: list[Message]

    @property
    def refused(self) -> bool:
        return self.case.status == State.REFUSED

    @property
    def can_withdraw(self) -> bool:
        return can_withdraw(self.case.status)


def _label(event: Event) -> str | Promise:
    # Whoever enters a paper has not signed it.
    return SIGNED_ON_PAPER if event.payload.get("way") == "paper" else EVENT_LABELS[event.verb]


def steps_of(case_number: str) -> list[tuple[str | Promise, Event]]:
    """The steps of a case, each with its name, its moment and who took it."""
    events = Event.objects.filter(chain=case_number, verb__in=EVENT_LABELS)
    return [(_label(event), event) for event in events.select_related("actor", "organ").order_by("position")]


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
    (standing,) = standings([case], today)
    return Progress(
        **vars(standing),
        steps=steps_of(case.number),
        readings=_readings(case.number),
        documents=list(documents_of(case)),
        deliveries=list(Delivery.objects.filter(about=case.number).order_by("position")),
        messages=list(
            # Of what came at the window or by post the messages are the officers' own.
            Message.objects.none()
            if case.filing.reception_id
            else Message.objects.filter(about=case.number, recipient=case.filing.applicant).order_by("id")
        ),
    )
