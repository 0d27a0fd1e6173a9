"""Who answers for a case: an officer takes it, hands it to a colleague, or gives it back to everybody of the role."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.deadlines.services import assign_officer
from applications.ledger.services import record_event
from applications.repairs import access
from applications.repairs.due_days import write_due_day
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
        raise NotReady(
            _("申请%(number)s现为“%(status)s”，没有需要承办的环节。")
            % {"number": case.number, "status": case.get_status_display()}
        )
    if not access.may_assign(actor, case):
        raise NotAllowed(f"assigning {case} needs the role {role}")
    if officer is not None and not access.may_handle(officer, case):
        raise NotReady(
            _(
                "%(name)s现在不能承办申请%(number)s：承办人应当是本单位的%(role)s人员，"
                "并且没有办理过要由他人复核的环节。"
            )
            % {"name": officer.name, "number": case.number, "role": ROLE_LABELS[ProcedureRole(role)]}
        )
    clock = STATES[State(case.status)].owes
    assert clock is not None, f"{case.status} is an officer's turn and owes no clock"
    changed = assign_officer(case_number=case.number, kind=clock, officer=officer)
    if changed:
        write_due_day(case)
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
