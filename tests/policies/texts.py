"""The Notice with pieces of its text replaced."""

from __future__ import annotations

from pathlib import Path

from applications.policies.reading import read_policy
from rules.policy import Policy

NOTICE = (Path(__file__).parents[2] / "rules/policies/jiangsu-2020-4.toml").read_text(encoding="utf-8")


def policy_text(*changes: tuple[str, str], policy_id: str = "jiangsu-2027-9") -> str:
    """The Notice as a new instrument of 2027, with pieces of its text replaced."""
    text = (
        NOTICE.replace('"jiangsu-2020-4"', f'"{policy_id}"')
        .replace("苏信用发〔2020〕4号", "苏信用发〔2027〕9号")
        .replace("2020-09-26", "2027-01-01")
        .replace("adopted = true", "adopted = false")
    )
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


# Serious conduct becomes repairable after 12 months instead of 6.
LONGER = ("[severities.serious.minimum]\namount = 6", "[severities.serious.minimum]\namount = 12")
# General conduct becomes repairable after 2 months instead of 3.
SHORTER = ("[severities.general.minimum]\namount = 3", "[severities.general.minimum]\namount = 2")


def new_policy(*changes: tuple[str, str], policy_id: str = "jiangsu-2027-9") -> Policy:
    return read_policy(policy_text(*changes, policy_id=policy_id))
