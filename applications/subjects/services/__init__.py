"""Subjects, and who may act for them (Article 12)."""

from applications.subjects.services.claiming import (
    claim_subject,
    correct_claim,
    state_capacity,
    withdraw_claim,
)
from applications.subjects.services.deciding import decide_claim, record_proof_reading
from applications.subjects.services.ending import end_claim, end_powers
from applications.subjects.services.registering import register_subject

__all__ = [
    "claim_subject",
    "correct_claim",
    "decide_claim",
    "end_claim",
    "end_powers",
    "record_proof_reading",
    "register_subject",
    "state_capacity",
    "withdraw_claim",
]
