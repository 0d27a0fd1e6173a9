"""The progress of a case, for those who may see all of it: how it stands, its steps, what was issued, shared and read."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.revealing import REVEALED, purpose_of
from applications.deadlines.models import Deadline
from applications.documents.models import Document, Kind
from applications.ledger.models import Event
from applications.ledger.selectors import readings_about
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.repairs.models import RepairCase
from applications.repairs.outcome import Outcome, outcome_of
from applications.repairs.selectors import documents_of
from applications.repairs.standing import CaseStanding, standings
from applications.sharing.models import Delivery
from rules.procedure import ROLE_LABELS, TABLE, Role, State, can_withdraw

EVENT_LABELS = {step.event: _(step.label) for step in TABLE} | {
    "repair.drafted": _("建立草稿"),
    "repair.commitment_signed": _("签署承诺书"),
    "repair.received": _("窗口、邮寄收件"),
    "repair.letter_served": _("文书送达"),
    "repair.improvements_noted": _("登记重要参考"),
    "repair.inquired": _("请认定单位核实履行情况"),
    "repair.inquiry_answered": _("认定单位答复核实"),
    "repair.urged": _("申请人催办"),
}

# In the history of a case: what is still to be done is named as its button.
HAPPENED = {
    "repair.submitted": _("申请已提交"),
    "repair.resubmitted": _("补正已提交"),
    "repair.withdrawn": _("申请已撤回"),
    "repair.objected": _("异议已提出"),
    "repair.commitment_signed": _("承诺书已签署"),
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
    REVEALED: _("显示联系方式和号码"),
}

STAFF = _("工作人员")
OFFICERS = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR)
PURPOSES = {
    "handling": _("办理这件申请"),
    "objection": _("处理异议"),
    "inquiry": _("核实履行情况"),
    "unit": _("认定单位了解本单位认定的信息"),
    "supervision": _("监督管理"),
    "other": _("其他履职需要"),
}


# More than anybody reads: of older ones it is said that there are some.
SHOWN_READINGS = 1000


@dataclass(frozen=True)
class Reading:
    """Who was shown what on a day, the last time ``at`` that moment: ``post`` is the one in which the reader took a step of
    the case, or no more than 工作人员."""

    at: datetime
    times: int
    organ: str
    post: str
    what: str
    purpose: str


@dataclass(frozen=True)
class Progress(CaseStanding):
    steps: list[tuple[str | Promise, Event]]
    # The latest first; whether there are older ones than these.
    readings: list[Reading]
    read_before: bool
    documents: list[Document]
    deliveries: list[Delivery]
    messages: list[Message]
    # What its letter says, where it did not end as was asked.
    outcome: Outcome | None

    @property
    def letters(self) -> list[Document]:
        """Those that hold, the latest first; certificates have a page of their own."""
        return [
            each for each in reversed(self.documents) if each.stands and each.kind != Kind.REPAIR_CERTIFICATE
        ]

    @property
    def earlier_letters(self) -> list[Document]:
        """All but the latest that holds: the older ones, and those that are void or replaced by others."""
        latest = self.letters[:1]
        return [each for each in reversed(self.documents) if each not in latest]

    @property
    def over(self) -> list[Deadline]:
        """The clocks that have come to their end."""
        return [clock for clock in self.clocks if not clock.is_open]

    @property
    def open(self) -> list[Deadline]:
        return [clock for clock in self.clocks if clock.is_open]

    @property
    def urged_at(self) -> datetime | None:
        """When the applicant urged the case today; None: not yet."""
        urged = [event.at for _label, event in self.steps if event.verb == "repair.urged"]
        return urged[-1] if urged and localdate(urged[-1]) == self.today else None

    @property
    def refused(self) -> bool:
        return self.case.status == State.REFUSED

    @property
    def can_withdraw(self) -> bool:
        return can_withdraw(self.case.status)


def _label(event: Event) -> str | Promise:
    # Whoever enters a paper has not signed it.
    return (
        SIGNED_ON_PAPER
        if event.payload.get("way") == "paper"
        else HAPPENED.get(event.verb, EVENT_LABELS[event.verb])
    )


def steps_of(case_number: str) -> list[tuple[str | Promise, Event]]:
    """The steps of a case, each with its name, its moment and who took it."""
    events = Event.objects.filter(chain=case_number, verb__in=EVENT_LABELS)
    named = events.select_related("actor", "organ").defer("actor__phone")
    return [(_label(event), event) for event in named.order_by("position")]


def _readings(case: RepairCase, steps: list[tuple[str | Promise, Event]]) -> tuple[list[Reading], bool]:
    events = list(
        readings_about(case.number, *READING_LABELS)
        .select_related("organ")
        .only("at", "verb", "actor_id", "payload", "organ__name", "organ__kind")
        .order_by("-pk")[: SHOWN_READINGS + 1]
    )
    posts: dict[int | None, str] = {}
    for _label, step in steps:
        if step.actor_id and step.role in OFFICERS:
            posts[step.actor_id] = gettext(ROLE_LABELS[Role(step.role)])
    found: dict[tuple[date, str, str, str, str], Reading] = {}
    for event in events[:SHOWN_READINGS]:
        organ = event.organ.name if event.organ else ""
        post, what = posts.get(event.actor_id) or str(STAFF), str(READING_LABELS[event.verb])
        key = localdate(event.at), organ, post, what, str(purpose_of_reading(event, case))
        known = found.get(key)
        found[key] = replace(known, times=known.times + 1) if known else Reading(event.at, 1, *key[1:])
    return list(found.values()), len(events) > SHOWN_READINGS


def purpose_of_reading(event: Event, case: RepairCase | None) -> str | Promise:
    """What the office had the file for; of what was revealed, what the officer said. ``case``: that it is about; None of what
    is about no case."""
    if event.verb == REVEALED:
        return purpose_of(event.payload)
    if event.verb == "objection.read":
        return PURPOSES["objection"]
    if case and event.verb == "inquiry.read" and event.organ_id != case.organ_id:
        return PURPOSES["inquiry"]
    if case and event.organ_id == case.organ_id:
        return PURPOSES["handling"]
    if event.organ is not None and event.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return PURPOSES["supervision"]
    from_the_unit = case is not None and event.organ_id == case.record.identifying_unit_id
    return PURPOSES["unit"] if from_the_unit else PURPOSES["other"]


def progress_of(case: RepairCase, today: date) -> Progress:
    (standing,) = standings([case], today)
    steps, documents = steps_of(case.number), list(documents_of(case))
    readings, read_before = _readings(case, steps)
    return Progress(
        **vars(standing),
        steps=steps,
        readings=readings,
        read_before=read_before,
        documents=documents,
        outcome=outcome_of(case, documents),
        deliveries=list(Delivery.objects.filter(about=case.number).order_by("position")),
        messages=list(
            # Of what came at the window or by post the messages are the officers' own.
            Message.objects.none()
            if case.filing.reception_id
            else Message.objects.filter(about=case.number, recipient=case.filing.applicant_id).order_by("id")
        ),
    )
