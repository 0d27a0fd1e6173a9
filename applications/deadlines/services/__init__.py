"""Everything that writes clocks. Whoever writes one locks its case's chain first (see ledger.locking)."""

from applications.deadlines.services.clocks import (
    Answer,
    assign_officer,
    cancel_deadlines,
    meet_deadline,
    meet_deadlines,
    start_deadline,
)
from applications.deadlines.services.sweep import say_what_is_due, sweep_deadlines

__all__ = [
    "Answer",
    "assign_officer",
    "cancel_deadlines",
    "meet_deadline",
    "meet_deadlines",
    "say_what_is_due",
    "start_deadline",
    "sweep_deadlines",
]
