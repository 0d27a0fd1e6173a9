"""From which day one may apply anew where a repair was revoked for false materials (Article 6)."""

from __future__ import annotations

from datetime import date

from rules.instruments import Policy
from rules.periods import first_day_after

__all__ = ["may_apply_again_on"]


def may_apply_again_on(revoked_on: date, policy: Policy) -> date | None:
    """The first day; None where the policy asks nobody to wait."""
    term = policy.reapplication
    if term is None or term.amount is None:
        return None
    return first_day_after(revoked_on, term.amount, term.unit)
