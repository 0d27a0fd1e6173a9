"""Everything that writes clocks. Whoever writes one locks its case's chain first (see ledger.locking)."""

from applications.deadlines.services.calendar_changes import (
    NotProposed,
    approve,
    confirm,
    outlook,
    propose_closure,
    propose_notice,
    read_schedule,
    reject,
)
from applications.deadlines.services.clocks import (
    assign_officer,
    cancel_deadlines,
    meet_deadline,
    start_deadline,
)
from applications.deadlines.services.sweep import sweep_deadlines

__all__ = [
    "NotProposed",
    "approve",
    "assign_officer",
    "cancel_deadlines",
    "confirm",
    "meet_deadline",
    "outlook",
    "propose_closure",
    "propose_notice",
    "read_schedule",
    "reject",
    "start_deadline",
    "sweep_deadlines",
]
