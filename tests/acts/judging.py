"""What must be so after every act: refused, nothing changed; done, it was allowed and everything fits."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils.timezone import localdate

from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import User
from applications.deadlines.models import RUNNING, Deadline
from applications.ledger.models import READINGS, Event
from applications.ledger.verification import verify_ledger
from applications.records.models import DishonestyRecord, InformationObjection, SourceAct
from applications.repairs.errors import REFUSALS, StaleCase
from applications.repairs.models import Inquiry, RepairCase, RevocationProposal
from applications.repairs.services.queues import check_queues
from applications.repairs.turns import waiting_for
from rules.errors import InputError
from rules.procedure import CLOSED_STATES, OPEN_STATES, STATES, WAYS, Role, State, find_step
from tests.acts.acts import BY_NOBODY, OVERTAKEN, STEPS, Trying
from tests.acts.people import STAFF, World
from tests.acts.seen import Past, Seen

# With these an act is refused; anything else that it raises is a fault.
REFUSED = (*REFUSALS, PermissionDenied, ValidationError, InputError, NotProposed)
# Nobody is told more of these than that there is no such page.
WORDLESS = ("NotAllowed", "PermissionDenied")
DECISIONS = ("grant_decision", "refusal_decision", "revocation_decision")
OFFICERS = frozenset({Role.INTAKE, Role.REVIEWER, Role.APPROVER})
_APPS = ("repairs", "objections", "records", "deadlines", "documents", "sharing", "commitments", "ledger",
         "numbering", "notifications", "subjects", "files")  # fmt: skip


def tables() -> list[str]:
    """Those that an act could change."""
    models = [
        model for app in _APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    return [
        *(model._meta.db_table for model in models),
        "accounts_absence",
        "accounts_user",
        "accounts_staffrole",
    ]


def digest(asked: Iterable[str]) -> dict[str, str]:
    """Table → sum over all that it says."""
    found = {}
    with connection.cursor() as cursor:
        for table in asked:
            if table == "ledger_event":
                # Its rows never change, as verify_ledger proves. Opening a paper is an act of its own, which stays though
                # the decision after it is refused.
                cursor.execute(
                    "SELECT count(*), max(id) FROM ledger_event WHERE chain NOT LIKE %s", [f"{READINGS}%"]
                )
                found[table] = str(cursor.fetchone())
            else:
                cursor.execute(f'SELECT * FROM "{table}"')
                rows = sorted(map(repr, cursor.fetchall()))
                found[table] = hashlib.blake2b("\n".join(rows).encode()).hexdigest()
    return found


def must_be_refused(it: Trying) -> str:
    """Why an act is not this person's to do now; nothing where the law leaves it to the facts."""
    act, world, case = it.act, it.world, it.case
    if act.kind in STEPS:
        if case is None:
            return "there is no case"
        try:
            row = find_step(case.status, act.kind)
        except ValueError:
            return f"the table has no {act.kind} from {case.status}"
        who = "system" if act.kind in BY_NOBODY else act.who
        if not world.may_take(who, row.role, case):
            return f"{act.kind} is for {row.role}"
        if act.page == OVERTAKEN and act.kind not in ("deem_accepted", "revoke"):
            return "the page was overtaken"
        return _second_hand(it)
    record = world.record(act.which)
    unit = record.identifying_unit
    turn = STATES[State(case.status)].turn if case is not None else None
    before_officers = turn in OFFICERS
    fills_in = case is not None and world.fills_in(act.who, case)

    def of_case(*roles: str) -> bool:
        return case is not None and world.is_of(act.who, case.organ, *roles)

    own = world.acts_for(act.who, record)
    handles = of_case("intake", "reviewer", "approver")
    approves = world.is_of(act.who, unit, "approver")
    reception = case.filing.reception if case is not None else None
    may = {
        **dict.fromkeys(("start", "start_together", "join", "object_information"), own),
        **dict.fromkeys(("sign", "link", "unlink", "reuse", "take_out", "submit_together"), fills_in),
        "receive": any(world.is_of(act.who, world.organs[each], "intake") for each in ("unit", "bureau")),
        "serve": reception is not None and world.is_of(act.who, reception.organ, "intake"),
        "assign": before_officers and of_case(turn or "", "supervisor"),
        "be_away": act.who in STAFF and act.who not in world.dismissed,
        "be_back": act.who in STAFF,
        "propose_revocation": handles and case is not None and case.status == State.GRANTED,
        "reject_revocation": of_case("approver"),
        "draft_notice": of_case("intake") and turn == Role.INTAKE,
        "waive": of_case("supervisor") and turn == Role.INTAKE,
        "note_improvements_": handles and before_officers,
        "ask": handles and before_officers and case is not None and case.organ != unit,
        "answer": case is not None and approves,
        "propose_act_": world.is_of(act.who, unit, "intake", "reviewer"),
        **dict.fromkeys(("approve_act_", "reject_act_", "answer_information"), approves),
        "propose_remedies_": world.is_of(act.who, unit, "system_admin"),
        **dict.fromkeys(("approve_remedies_", "reject_remedies_"), act.who in ("ma", "sun")),
    }
    if not may.get(act.kind, True):
        return f"{act.kind} is not for {act.who}"
    return ""


def _second_hand(it: Trying) -> str:
    """What one person must not do twice (Articles 9 and 13)."""
    case, actor = it.of_case, it.actor
    if it.act.kind in ("grant", "refuse", "uphold", "overturn"):
        events = Event.objects.filter(chain=case.number).order_by("-position")
        examined = events.filter(verb="repair.reviewed").first()
        decided = events.filter(verb__in=("repair.granted", "repair.refused")).first()
        before = [examined] if it.act.kind in ("grant", "refuse") else [examined, decided]
        if any(event is not None and event.actor_id == actor.pk for event in before):
            return "the same person had a hand in it before"
    if it.act.kind == "revoke":
        proposal = RevocationProposal.objects.filter(case=case).order_by("-pk").first()
        if proposal is not None and proposal.proposed_by_id == actor.pk:
            return "nobody decides on the own proposal"
    return ""


def refusal_faults(it: Trying, error: Exception, noted: list[dict[str, str]]) -> list[str]:
    """What is wrong with how an act was refused."""
    if not isinstance(error, REFUSED):
        return [f"{type(error).__name__}: {error}"]
    found = []
    if type(error).__name__ not in WORDLESS and not "".join(map(str, getattr(error, "args", ()))).strip():
        found.append(f"refused without a word: {type(error).__name__}")
    if isinstance(error, StaleCase) and it.act.page != OVERTAKEN:
        found.append(f"called overtaken, and is not: {error}")
    if it.act.kind in STEPS and isinstance(error, REFUSALS) and len(noted) > 1:
        found.append(f"{len(noted)} refusals of one act")
    return found


def faults(world: World, past: Past, *, queues: bool) -> list[str]:
    """What does not fit, as sentences. ``queues``: also of whose cases are whose, which takes the longest to ask."""
    found = list(check_queues(at=world.at))
    seen = Seen(world.records, past)
    for case in seen.cases:
        found += [f"{case.number} ({case.status}): {said}" for said in _of_case(seen, case)]
    if queues:
        found += _queues(world, seen.cases)
    for record in seen.records:
        found += [f"{record.reference}: {said}" for said in _of_record(seen, record)]
    return found + _clocks_of_others()


def final_faults(world: World, past: Past) -> list[str]:
    """The same, of all at the end of a story, with the whole ledger."""
    broken = verify_ledger(at=world.at).broken
    return faults(world, past, queues=True) + ([broken] if broken else [])


def _of_case(seen: Seen, case: RepairCase) -> list[str]:
    found: list[str] = []
    steps = [event for event in seen.events[case.number] if "from" in event.payload]
    ways = [(event.payload["from"], event.payload["to"]) for event in steps]
    found += [f"no way leads from {a} to {b}" for a, b in ways if a != b and (a, b) not in WAYS]
    if any(before[1] != after[0] for before, after in pairwise(ways)):
        found.append("a step begins where the one before did not end")
    if case.status != (ways[-1][1] if ways else "draft"):
        found.append("the ledger ends in another state")
    found += _two_hands(steps)
    running = seen.running.get(case.number, [])
    due = min((clock.due_on for clock in running), default=None)
    if case.due_on != due:
        found.append(f"due {case.due_on}, by its clocks {due}")
    if len({clock.officer_id for clock in running} - {None}) > 1:
        found.append("two officers have it")
    if case.status not in OPEN_STATES and case.officer_id is not None:
        found.append("an officer has it, and nobody's turn it is")
    promise = case.filing.commitment
    if case.first_submitted_at and (
        promise is None or case.record_id not in {record.pk for record in promise.records.all()}
    ):
        found.append("no commitment names its record")
    if len([link for link in seen.links if link.case.filing_id == case.filing_id]) > 1:
        found.append("two links to sign")
    return found + _letters(seen, case, steps)


def _two_hands(steps: list[Event]) -> list[str]:
    found, reviewer, decider = [], None, None
    for event in steps:
        if event.verb == "repair.reviewed":
            reviewer = event.actor_id
        if event.verb in ("repair.granted", "repair.refused"):
            if event.actor_id == reviewer:
                found.append("who examined decided")
            decider = event.actor_id
        if event.verb in ("repair.upheld", "repair.overturned") and event.actor_id in (reviewer, decider):
            found.append("who had a hand in the refusal handled the objection")
    return found


def _letters(seen: Seen, case: RepairCase, steps: list[Event]) -> list[str]:
    """Each decision is delivered once and only the last one stands; every letter says what the clocks say."""
    found = []
    letters = seen.letters.get(case.number, [])
    named = {number for event in steps for number in event.payload.get("documents", {}).values()}
    of_steps = [one for one in letters if one.kind not in ("repair_form", "commitment")]
    served = {proof.document_id for proof in seen.proofs.get(case.pk, [])}
    if served != {one.pk for one in of_steps if case.filing.reception_id is not None}:
        found.append("other letters are to be served than were issued")
    if named != {one.number for one in of_steps}:
        found.append("the ledger names other letters than there are")
    by_number = {one.number: one for one in letters}
    order = [number for event in steps for number in event.payload.get("documents", {}).values()]
    decisions = [
        by_number[number] for number in order if number in by_number and by_number[number].kind in DECISIONS
    ]
    sent = seen.sent.get(case.number, [])
    if [one.number for one in decisions] != [one.payload["decision_number"] for one in sent]:
        found.append("decisions and deliveries differ")
    if [one.position for one in sent] != list(range(1, len(sent) + 1)):
        found.append("deliveries are not counted from 1 on")
    if decisions and decisions[-1].number != case.decision_number:
        found.append("its decision is not the last one")
    replaced = {one.number for one in decisions if one.pk in seen.replaced}
    if replaced != {one.number for one in decisions[:-1]}:
        found.append("an overtaken decision is not replaced, or the last one is")
    clocks = {(clock.kind, clock.round): clock for clock in seen.clocks.get(case.number, [])}
    receipts = [
        by_number[number] for number in order if number in by_number and by_number[number].kind == "receipt"
    ]
    for round, one in enumerate(receipts, 1):
        if one.content["answer_by"]["date"] != clocks["acceptance", round].due_on.isoformat():
            found.append(f"receipt {round} names another day than its clock")
    for one in letters:
        if one.kind == "acceptance_notice" and (
            one.content["decide_by"]["date"] != clocks["decision", 1].due_on.isoformat()
        ):
            found.append("the acceptance names another day than its clock")
        if one.kind == "objection_result" and one.content["new_decision"] not in (None, *by_number):
            found.append("an objection's result names a decision that is not")
        if one.content.get("case_number", case.number) != case.number:
            found.append(f"{one} speaks of another case")
    return found


def _queues(world: World, cases: list[RepairCase]) -> list[str]:
    """Each case that waits for an officer is in one person's queue, or in those of one role; no other is in any."""
    found, on = [], localdate(world.at)
    having: dict[int, set[str]] = {case.pk: set() for case in cases}
    people = User.objects.in_bulk([world.people[name].pk for name in STAFF])
    for name in STAFF:
        person = people[world.people[name].pk]
        for pk in RepairCase.objects.filter(waiting_for(person, on)).values_list("pk", flat=True):
            having[pk].add(name)
    for case in cases:
        names, turn = having[case.pk], STATES[State(case.status)].turn
        if turn not in OFFICERS:
            if names:
                found.append(f"{case.number} ({case.status}) is in the queue of {sorted(names)}")
            continue
        if not names:
            found.append(f"{case.number} ({case.status}) is in nobody's queue")
        if strangers := {
            name for name in names if not world.is_of(name, case.organ, turn or "", "supervisor")
        }:
            found.append(f"{case.number} ({case.status}) is in the queue of {sorted(strangers)}")
        holder = next((name for name in names if world.people[name].pk == case.officer_id), None)
        if holder and names != {holder}:
            found.append(f"{case.number} is {holder}'s, and in the queue of {sorted(names)}")
    return found


def _of_record(seen: Seen, record: DishonestyRecord) -> list[str]:
    found = []
    own = [case for case in seen.cases if case.record_id == record.pk]
    if sum(case.status not in CLOSED_STATES for case in own) > 1:
        found.append("two cases at once")
    granted = [case for case in own if case.status == State.GRANTED]
    annotation = getattr(record, "annotation", None)
    if bool(granted) != (annotation is not None):
        found.append(f"annotated: {annotation is not None}, repaired: {bool(granted)}")
    elif annotation is not None and annotation.decision_number != granted[0].decision_number:
        found.append("annotated by another decision")
    revoked = record.source_state == record.SourceState.REVOKED
    # What was over before it was withdrawn stays over.
    over = record.publicity == "expired" and (granted or revoked)
    if (record.publicity == "withdrawn") != (bool(granted) or revoked) and not over:
        found.append(f"publicity is {record.publicity}; repaired: {bool(granted)}, revoked: {revoked}")
    if record.publicity == "published" and record.publicity_ended_at is not None:
        found.append("public, and ended")
    if revoked and any(case.status in OPEN_STATES for case in own):
        found.append("its penalty is revoked, and an application goes on")
    positions = [row.position for row in seen.sent.get(record.reference, [])]
    if positions != list(range(1, len(positions) + 1)):
        found.append("deliveries are not counted from 1 on")
    return found


def _clocks_of_others() -> list[str]:
    """An inquiry, an objection to information and an act that waits each have their clock, and nothing else has one."""
    wanted = Counter(Inquiry.objects.filter(state=Inquiry.State.OPEN).values_list("number", flat=True))
    wanted.update(InformationObjection.objects.filter(answered_at=None).values_list("number", flat=True))
    kinds = ("verification", "information")
    running = Counter(Deadline.objects.filter(RUNNING, kind__in=kinds).values_list("case_number", flat=True))
    found = [f"{each}: {wanted[each]} clocks are owed, {running[each]} run" for each in {*wanted, *running}
             if wanted[each] != running[each]]  # fmt: skip
    closed = Inquiry.objects.filter(state=Inquiry.State.OPEN).exclude(case__status__in=OPEN_STATES)
    found += [f"{each} is open, and its case is not" for each in closed]
    waiting = SourceAct.objects.filter(state=SourceAct.State.PROPOSED, round__isnull=False)
    for act in waiting.select_related("record"):
        clocks = Deadline.objects.filter(RUNNING, case_number=act.record.reference, round=act.round)
        if not clocks.filter(kind="withdrawal").exists():
            found.append(f"act {act.pk} waits without its clock")
    return found
