"""Who answers for a case: an officer takes it, hands it to a colleague, or gives it back to everybody of the role."""

from datetime import datetime

from django.db import transaction

from applications.accounts.models import User
from applications.deadlines.services import assign_officer
from applications.ledger.services import record_event
from applications.repairs import access
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.models import RepairCase
from rules.procedure import ROLE_LABELS, STATES, State
from rules.procedure import Role as ProcedureRole


@transaction.atomic
def assign_case(*, case: RepairCase, officer: User | None, actor: User, at: datetime) -> bool:
    """Let one officer answer for the clock that the case's state is about; None gives it back to the role.

    Reminders go to that officer while it is their turn. Returns whether anything changed. NotReady: no officer's
    turn, or not this officer's.
    """
    case = lock_case(case)
    role = access.turn_role(case)
    if role is None:
        if not access.may_see(actor, case):
            raise NotAllowed(f"{case} is not theirs")
        raise NotReady(f"申请{case.number}现为“{case.get_status_display()}”，没有需要承办的环节。")
    if not access.may_assign(actor, case):
        raise NotAllowed(f"assigning {case} needs the role {role}")
    if officer is not None and not access.may_handle(officer, case):
        raise NotReady(
            f"{officer.name}现在不能承办申请{case.number}：承办人应当是本单位的{ROLE_LABELS[ProcedureRole(role)]}人员，"
            "并且没有办理过要由他人复核的环节。"
        )
    clock = STATES[State(case.status)].owes
    assert clock is not None, f"{case.status} is an officer's turn and owes no clock"
    changed = assign_officer(case_number=case.number, kind=clock, officer=officer)
    if changed:
        record_event(
            chain=case.number,
            verb="repair.assigned",
            at=at,
            actor=actor,
            role=role,
            organ=actor.organ,
            payload={"officer": officer.pk if officer else None},
        )
    return bool(changed)
