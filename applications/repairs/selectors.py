"""The reads of the repairs app. What a person may see is in access.visible_to."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from applications.accounts.models import User
from applications.deadlines.models import RUNNING, Deadline
from applications.documents.models import Document, Kind
from applications.files.models import StoredFile
from applications.records.models import Annotation, DishonestyRecord
from applications.records.uses import Use
from applications.repairs.access import HANDLING_ROLES, visible_to
from applications.repairs.assessing import items_of
from applications.repairs.models import (
    IN_HAND,
    CorrectionItem,
    CorrectionNotice,
    Inquiry,
    Material,
    RepairCase,
)
from applications.repairs.turns import awaiting_reason, waiting_for
from applications.subjects.models import Subject
from rules.procedure import OPEN_STATES, STATE_LABELS, State, states_in_turn


def open_cases(record: DishonestyRecord) -> QuerySet[RepairCase]:
    """The applications for a record that are not decided, given up or closed."""
    return RepairCase.objects.filter(record=record, status__in=OPEN_STATES).select_related(
        "record__subject", "record__identifying_unit", "organ", "filing__applicant"
    )


def cases_under_way(subject: Subject, applicant: User) -> list[RepairCase]:
    """What somebody has in hand for a subject online: drafts, what is before officers, and decisions that can still be
    answered or change."""
    return list(
        RepairCase.objects.filter(
            record__subject=subject, filing__applicant=applicant, filing__reception=None
        )
        .exclude(status__in=(State.WITHDRAWN, State.NOT_ACCEPTED, State.CLOSED))
        .select_related("organ", "filing", "record__subject")
        .order_by("pk")
    )


def has_changed_since(document: Document) -> bool | None:
    """Whether the penalty that a letter of termination calls revoked was so by mistake and stands, the repair that the
    answer to an objection tells of was revoked, or the one that is certified does not stand. None: another letter."""
    if document.kind == Kind.REPAIR_CERTIFICATE:
        return not _still_certifies(document)
    if document.kind not in (Kind.TERMINATION_NOTICE, Kind.OBJECTION_RESULT):
        return None
    case = RepairCase.objects.select_related("record").get(number=document.about)
    if document.kind == Kind.OBJECTION_RESULT:
        return case.status == State.REVOKED
    return case.record.source_state != DishonestyRecord.SourceState.REVOKED


def documents_under(number: str) -> QuerySet[Document] | None:
    """What was issued in the case that has the number, or whose inquiry has it and was answered by a repair form. None
    where there is none."""
    answered = Inquiry.objects.filter(number=number, state=Inquiry.State.ANSWERED)
    of_case = answered.values_list("case__number", flat=True).first() or number
    case = RepairCase.objects.filter(number=of_case).select_related("filing__commitment").first()
    return documents_of(case) if case else None


def _still_certifies(document: Document) -> bool:
    """Whether what a certificate says is so today."""
    record = Annotation.objects.filter(
        case_number=document.about, decision_number=document.content["decision"]["number"]
    ).values_list("record__source_state", flat=True)
    return bool(record) and DishonestyRecord.SourceState.REVOKED not in record


def uses(records: Collection[int]) -> dict[int, Use]:
    """By the id of the record, the open application for it, as the records app asks (records.uses)."""
    found = RepairCase.objects.filter(record__in=records, status__in=OPEN_STATES).select_related("organ")
    return {
        case.record_id: Use(case.number, gettext(STATE_LABELS[State(case.status)]), case.organ.name)
        for case in found
    }


def cases_with(file: StoredFile) -> QuerySet[RepairCase]:
    """Every case that has the file among its materials, in the order in which chains are locked."""
    own = Q(own_materials__file=file)
    shared = Q(filing__materials__file=file, filing__materials__case=None)
    found = RepairCase.objects.filter(own | shared).select_related("filing", "organ")
    return found.order_by("number").distinct()


def first_clocks(numbers: Iterable[str]) -> dict[str, Deadline]:
    """By case number, of its running clocks the one that ends first, as far as its standing needs it (deadlines.wording)."""
    running = Deadline.objects.filter(RUNNING, case_number__in=list(numbers)).only(
        "case_number", "kind", "due_on", "provisional", "met_on", "cancelled_on", "breached_on", "days_late"
    )
    return {clock.case_number: clock for clock in running.order_by("-due_on", "-id")}


def officer_of_answer(case: RepairCase) -> int | None:
    """The id of the officer of the clock by which the latest submission had to be answered, if it had one."""
    return (
        Deadline.objects.filter(case_number=case.number, kind=Deadline.Kind.ACCEPTANCE, round=case.round)
        .values_list("officer_id", flat=True)
        .first()
    )


def officer_of(case: RepairCase) -> User | None:
    """Who has charge of the case now."""
    clock = (
        Deadline.objects.filter(RUNNING, case_number=case.number, officer__isnull=False)
        .select_related("officer")
        .first()
    )
    return clock.officer if clock else None


# The states in which a case is before an officer.
BEFORE_OFFICERS = [state for role in HANDLING_ROLES for state in states_in_turn(role)]


# What each list of a person's own asks besides that a case is in the person's queue.
OWN: dict[str, Callable[[date], Q]] = {
    "mine": lambda today: Q(),
    "mine_today": lambda today: Q(due_on=today),
    "mine_overdue": lambda today: Q(due_on__lt=today),
}


def in_queue(queue: str, user: User, today: date) -> Q:
    """The cases of one of the officers' lists, by its name in their address."""
    if queue in OWN:
        return waiting_for(user, today) & OWN[queue](today)
    match queue:
        case "taken":
            return Q(officer=user)
        case "open":
            return Q(status__in=BEFORE_OFFICERS)
        case "today":
            return Q(due_on=today)
        case "overdue":
            return Q(due_on__lt=today)
        case "correcting":
            return Q(status=State.CORRECTING)
        case "closed":
            return Q(status__in=states_in_turn(None))
    return Q()


def queue_counts(
    user: User, today: date, *queues: str, mine: QuerySet[RepairCase] | None = None
) -> dict[str, int]:
    """The lengths of lists that hold open cases only: what they cost is what is open.

    Two readings, for a person's own lists and for the others: what a person's own queue is takes long to say, and is so
    said once; ``mine`` are its cases, where they are known.
    """
    cases, found = visible_to(user), {}
    if own := [queue for queue in queues if queue in OWN]:
        mine = cases.filter(waiting_for(user, today)) if mine is None else mine
        found = mine.aggregate(**{queue: Count("pk", filter=OWN[queue](today)) for queue in own})
    # Each of the others is part of these two, whatever else it asks.
    some = cases.filter(Q(status__in=sorted(IN_HAND)) | Q(due_on__isnull=False))
    others = {queue: Count("pk", filter=in_queue(queue, user, today)) for queue in queues if queue not in OWN}
    found |= some.aggregate(**others)
    return {queue: found[queue] for queue in queues}


def drafts_in_hand(cases: Sequence[RepairCase]) -> tuple[set[int], set[int]]:
    """Of some cases those with a correction notice that has not gone out, and those where it waits for the head."""
    keys = [case.pk for case in cases if case.status == State.SUBMITTED]
    if not keys:
        return set(), set()
    drafted = CorrectionNotice.objects.filter(case__in=keys, sent_at=None).values_list("case", flat=True)
    waiting = RepairCase.objects.filter(awaiting_reason(), pk__in=keys).values_list("pk", flat=True)
    return {*drafted}, {*waiting}


def filed_materials(case: RepairCase) -> QuerySet[Material]:
    """What was filed with the case; what is gathered for the next round is not yet."""
    return case.materials.select_related("file__scan").filter(round__lte=case.round)


def standing_answer(case: RepairCase) -> Inquiry | None:
    """The latest answer of the identifying unit, unless its form was made void."""
    answered = case.inquiries.filter(state=Inquiry.State.ANSWERED).select_related(
        "unit", "document", "evidence"
    )
    latest = answered.order_by("pk").last()
    stands = latest and latest.document and latest.document.status == Document.Status.VALID
    return latest if stands else None


def was_confirmed(case: RepairCase) -> bool:
    """Whether the identifying unit, asked last, has confirmed everything that the record lists today: its form is a
    material of Article 7."""
    latest = standing_answer(case)
    return (
        latest is not None
        and latest.confirms
        and {answer["name"] for answer in latest.answers} >= set(items_of(case))
    )


def documents_of(case: RepairCase) -> QuerySet[Document]:
    """What was issued in a case, and the commitment of its filing, in the order of issue."""
    commitment = case.filing.commitment
    promised = Q(pk=commitment.document_id) if commitment else Q()
    issued = Document.objects.filter(Q(about=case.number) | promised)
    return issued.select_related("replaced_by").order_by("issued_at")


def correction_in_hand(case: RepairCase) -> QuerySet[CorrectionItem]:
    """The items that the applicant has to answer now: those of the notice sent for the last submission."""
    return CorrectionItem.objects.filter(notice__case=case, notice__round=case.round, sent_at__isnull=False)


def sent_notices(case: RepairCase) -> QuerySet[CorrectionNotice]:
    """The correction notices that went out, with their items and answers."""
    return case.correction_notices.exclude(sent_at=None).prefetch_related("items__exception_by")


def unsent_notice(case: RepairCase) -> CorrectionNotice | None:
    """A drafted correction notice that the applicant has not been sent."""
    return case.correction_notices.filter(round=case.round, sent_at=None).first()
