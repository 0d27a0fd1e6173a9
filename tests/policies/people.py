"""The province's credit-management department: zheng and feng supervise there, so one proposes and one approves."""

from __future__ import annotations

from pathlib import Path

import pytest

from applications.accounts.models import Role, User
from applications.organs.models import Organ
from applications.policies.reading import read_policy
from rules.policy import Policy
from tests.fixtures import make_user

NOTICE = (Path(__file__).parents[2] / "rules/policies/jiangsu-2020-4.toml").read_text(encoding="utf-8")


@pytest.fixture
def province(db) -> Organ:
    return Organ.objects.create(
        code="js-fgw",
        name="江苏省发展和改革委员会",
        document_prefix="苏发改信",
        kind=Organ.Kind.CREDIT_MANAGEMENT,
        level=Organ.Level.PROVINCE,
        region="320000",
        uscc="11320000000000004D",
    )


@pytest.fixture
def zheng(province) -> User:
    return make_user("zheng@example.com", "郑省级", province, Role.SUPERVISOR)


@pytest.fixture
def feng(province) -> User:
    return make_user("feng@example.com", "冯省级", province, Role.SUPERVISOR)


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
