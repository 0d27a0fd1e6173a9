"""What is tried next: what is due, what somebody left to be answered, or anything by anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from applications.accounts.absences import in_force
from applications.accounts.models import Absence
from applications.documents.models import Remedies
from applications.records.models import InformationObjection, SourceAct
from applications.repairs.models import (
    CorrectionItem,
    Inquiry,
    ProofOfService,
    RepairCase,
    RevocationProposal,
    SigningLink,
)
from applications.repairs.services.filings import commitment_is_current
from applications.sharing.models import Delivery
from rules.procedure import CLOSED_STATES, STATES, State, steps_from
from tests.acts.acts import FRESH, KINDS, LONG_AGO, OVERTAKEN, Act
from tests.acts.people import EVERYBODY, STAFF, World

HANDLING = ("intake", "reviewer", "approver")
# Of what may be done at any time, how often in a hundred.
TIME_PASSES, SOMEBODY_GOES = 8, 3
# Of the procedure, one in so many.
SELDOM = {"withdraw": 25, "decline": 5, "request_correction": 3, "return": 4}
# Beside it, so many times as often as the others.
OFTEN = {
    "propose_act_": 3, "approve_act_": 5, "receipt": 2, "waive": 8, "draft_notice": 2, "reject_revocation": 4,
    "be_back": 3, "link": 3, "sign_link": 5, "join": 3, "take_out": 3,
}  # fmt: skip


def likely(world: World, which: int, lot: int, manner: int) -> Act:
    """The next step of the case of a record by somebody whose it is, so that the far states are reached too."""
    case = world.case(which)
    begin = _beginning(which, lot, manner)
    if case is None:
        return begin
    if case.status == State.DRAFT and not _is_promised(case):
        return Act("sign", _somebody(world, "applicant", case, lot), which, manner)
    if case.status == State.SUBMITTED and lot % 10 == 3:
        # Nobody answers.
        return Act("wait", "xi", which, manner)
    if case.status in (State.OBJECTING, State.CORRECTING) and lot % 4 == 0:
        waits = case.record.acts.filter(state="proposed").exists()
        kind = "approve_act_" if waits else "propose_act_"
        able = WHO[kind](world, which) or ["wu"]
        return Act(kind, able[lot % len(able)], which, manner)
    if case.status == State.SUBMITTED and case.round > 1 and lot % 2:
        # Something is asked for a second time, which the head of the organ has to say a reason for.
        kind = "waive" if _waiting_for_a_reason().filter(notice__case=case).exists() else "draft_notice"
        able = WHO[kind](world, which) or ["wu"]
        return Act(kind, able[lot % len(able)], which, manner)
    # What ends a case at once, or takes it back, is seldom.
    rows = [
        row
        for row in steps_from(case.status)
        if row.role != "system" and lot % SELDOM.get(row.action, 1) == 0
    ]
    if not rows or (case.status in CLOSED_STATES and lot % 3 == 0):
        return begin
    row = rows[lot % len(rows)]
    action, who = row.action, _somebody(world, row.role, case, lot)
    if action == "revoke" and not case.revocation_proposals.filter(state="proposed").exists():
        return Act("propose_revocation", _somebody(world, "intake", case, lot), which, 1)
    review = case.reviews.last()
    if review is not None and action in ("grant", "refuse"):
        action = review.proposal
    if action == "submit" and manner > 3 and case.filing.cases.filter(status=State.DRAFT).count() > 1:
        action = "submit_together"
    return Act(action, who, which, manner)


def _is_promised(case: RepairCase) -> bool:
    signed = case.filing.commitment
    return signed is not None and signed.publication_consent and commitment_is_current(case)


def _beginning(which: int, lot: int, manner: int) -> Act:
    """Online, several records at once, or on paper."""
    applicant = ("alice", "alice", "carol", "carol")[which % 4]
    if lot % 5 == 1:
        return Act("start_together", applicant, which, manner % 3)
    if lot % 5 == 2:
        return Act("receive", ("wang", "ma", "qian")[lot % 3], which, manner)
    return Act("start", applicant, which, manner % 3)


def _somebody(world: World, role: str, case: RepairCase, lot: int) -> str:
    able = [name for name in EVERYBODY if world.may_take(name, role, case)]
    return able[lot % len(able)] if able else "wu"


# Kind → by whom it may be done with a record or its case, by name.
People = Callable[[World, int], list[str]]


def _named(*names: str) -> People:
    return lambda world, which: [name for name in names if name not in world.dismissed]


def _of_organ(*roles: str) -> People:
    def people(world: World, which: int) -> list[str]:
        case = world.case(which)
        return [name for name in STAFF if case and world.is_of(name, case.organ, *roles)]

    return people


def _applicant(world: World, which: int) -> list[str]:
    case = world.case(which)
    return [name for name in EVERYBODY if case and world.fills_in(name, case)]


def _owner(world: World, which: int) -> list[str]:
    return [name for name in EVERYBODY if world.acts_for(name, world.record(which))]


def _turn(world: World, which: int) -> list[str]:
    case = world.case(which)
    turn = case and STATES[State(case.status)].turn
    return _of_organ(str(turn), "supervisor")(world, which)


WHO: dict[str, People] = {
    **dict.fromkeys(("take_out", "submit_together", "sign", "reuse", "link", "unlink", "withdraw"), _applicant),
    **dict.fromkeys(("propose_revocation", "note_improvements_", "ask"), _of_organ(*HANDLING)),
    "assign": _turn,
    "draft_notice": _of_organ("intake"),
    "serve": _of_organ("intake"),
    "waive": _of_organ("supervisor"),
    "reject_revocation": _of_organ("approver"),
    "revoke": _of_organ("approver"),
    "propose_act_": _named("wang", "li", "duo"),
    **dict.fromkeys(("approve_act_", "reject_act_", "answer", "answer_information"), _named("zhao", "zhou", "duo")),
    "object_information": _owner,
    "be_away": _named("wang", "li", "zhao", "duo", "bao", "qian"),
    "be_back": _named("ma", "wang", "li", "zhao", "duo", "bao", "ban", "qian"),
    "propose_remedies_": _named("xi"),
    **dict.fromkeys(("approve_remedies_", "reject_remedies_"), _named("ma", "sun")),
    "receive": _named("wang", "ma", "qian"),
    **dict.fromkeys(("start_together", "join"), _owner),
}  # fmt: skip


def openings(world: World) -> dict[str, list[int]]:
    """What could be done now: kind → with which records."""
    found: dict[str, list[int]] = {}
    for kind, which in [*_with_records(world), *_of_the_house(world)]:
        found.setdefault(kind, []).append(which)
    return found


def _with_records(world: World) -> Iterator[tuple[str, int]]:
    latest: dict[int, RepairCase] = {}
    for case in RepairCase.objects.select_related("organ", "filing").order_by("pk"):
        latest[case.record_id] = case
    places = {record.pk: which for which, record in enumerate(world.records)}
    free = [pk for pk in places if pk not in latest or latest[pk].status in CLOSED_STATES]
    drafts = {case.record.subject_id for case in latest.values() if case.status == State.DRAFT}
    for record in world.records:
        which = places[record.pk]
        if record.pk in free:
            yield "join" if record.subject_id in drafts else "receive", which
            yield "start_together", which
        if (case := latest.get(record.pk)) is not None:
            for kind in _with_case(case):
                yield kind, which
        yield "object_information", which
    about = {case.number: case.record_id for case in latest.values()}
    by_case = {case.pk: case.record_id for case in latest.values()}
    open_rows: list[tuple[tuple[str, ...], list[int]]] = [
        (("answer",), _cases_of(Inquiry.objects.filter(state="open"))),
        (("revoke", "reject_revocation"), _cases_of(RevocationProposal.objects.filter(state="proposed"))),
        (("unlink", "sign_link"), _cases_of(SigningLink.objects.filter(used_at=None, revoked_at=None))),
        (("serve",), _cases_of(ProofOfService.objects.filter(served_on=None))),
    ]  # fmt: skip
    for kinds, cases in open_rows:
        yield from ((kind, places[by_case[pk]]) for pk in cases if pk in by_case for kind in kinds)
    for pk in _waiting_for_a_reason().values_list("notice__case", flat=True):
        if pk in by_case:
            yield "waive", places[by_case[pk]]
    acts = set(SourceAct.objects.filter(state="proposed").values_list("record", flat=True))
    for pk, which in places.items():
        yield from (
            (kind, which) for kind in (("approve_act_", "reject_act_") if pk in acts else ("propose_act_",))
        )
    for subject in InformationObjection.objects.filter(answered_at=None).values_list("subject", flat=True):
        yield "answer_information", next(places[r.pk] for r in world.records if r.subject_id == subject)
    for stream in Delivery.objects.exclude(status=Delivery.Status.DELIVERED).values_list("stream", flat=True):
        if stream in about:
            yield from ((kind, places[about[stream]]) for kind in ("receipt", "lose"))


def _waiting_for_a_reason() -> QuerySet[CorrectionItem]:
    return CorrectionItem.objects.filter(sent_at=None, notice_round__gt=1, exception_reason="")


def _cases_of(rows) -> list[int]:  # type: ignore[no-untyped-def]
    return list(rows.values_list("case", flat=True))


def _with_case(case: RepairCase) -> Iterator[str]:
    """What may be done beside the procedure while a case stands as it does."""
    turn = STATES[State(case.status)].turn
    if case.status == State.DRAFT and case.filing.reception_id is None:
        yield from ("link", "reuse", "submit_together")
        if case.filing.cases.filter(status=State.DRAFT).count() > 1:
            yield "take_out"
    if case.status == State.SUBMITTED:
        yield "draft_notice"
    if case.status == State.GRANTED:
        yield "propose_revocation"
    if turn is not None:
        yield "withdraw"
    if turn in HANDLING:
        yield from ("assign", "note_improvements_")
        if case.organ.code == "bureau":
            yield "ask"


def _of_the_house(world: World) -> Iterator[tuple[str, int]]:
    for which in range(len(world.records)):
        yield "be_away", which
        yield "propose_remedies_", which
    if Absence.objects.filter(in_force(localdate(world.at))).exists():
        yield "be_back", 0
    if Remedies.objects.filter(Q(state="proposed")).exists():
        yield from (("approve_remedies_", 0), ("reject_remedies_", 0))


def beside(world: World, dice: Random) -> Act:
    """What can be done now and is no step, by somebody who may as a rule; or time passes."""
    lot = dice.randrange(100)
    if lot < TIME_PASSES + SOMEBODY_GOES:
        return Act("wait" if lot < TIME_PASSES else "dismiss", "xi", dice.randrange(4), dice.randrange(8))
    found = openings(world)
    kind = dice.choice([kind for kind in sorted(found) for _each in range(OFTEN.get(kind, 1))])
    which = dice.choice(found[kind])
    able = WHO[kind](world, which) if kind in WHO else ["xi"]
    return Act(kind, dice.choice(able) if able else "wu", which, dice.randrange(8))


def anything(dice: Random) -> Act:
    page = dice.choice([FRESH] * 6 + [OVERTAKEN, LONG_AGO, LONG_AGO])
    return Act(dice.choice(KINDS), dice.choice(EVERYBODY), dice.randrange(16), dice.randrange(8), page)


def drawn(world: World, dice: Random) -> Act:
    lot = dice.random()
    if lot < 0.45:
        return likely(world, dice.randrange(4), dice.randrange(100), dice.randrange(8))
    return beside(world, dice) if lot < 0.75 else anything(dice)
