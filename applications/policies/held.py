"""Policies are about nobody (accounts.holdings)."""

from applications.accounts.holdings import register
from applications.policies.models import ImplementingRules, PolicyAdoption, PolicyText

register(
    nothing={
        ImplementingRules: "rules of a unit",
        PolicyAdoption: "which rules are in force",
        PolicyText: "rules",
    }
)
