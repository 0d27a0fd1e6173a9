"""How long a row's record would be public."""

from datetime import date
from functools import cache

from applications.policies.selectors import policy_in_force
from rules.eligibility import publicity_ends_on
from rules.facts import Facts


@cache
def publicity_end(
    decided_on: date,
    severity: str,
    penalties: tuple[str, ...],
    domains: tuple[str, ...],
    conducts: tuple[str, ...],
    on: date,
) -> date | None:
    """The last day of publicity under the policy in force on the day of the import."""
    facts = Facts(
        severity=severity,
        identified_on=decided_on,
        decided_on=decided_on,
        penalties=penalties,
        domains=domains,
        conducts=conducts,
        other_specific_serious_ground=None,
    )
    return publicity_ends_on(facts, policy_in_force(on=on))
