"""Which policy applies: loading the shipped ones, choosing by day, laying implementing rules over one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from rules.errors import InputError, NoPolicyError, PolicyFileError
from rules.instruments import Clock, Overlay, Policy, Term
from rules.overlays import describe_overlay, load_overlay, parse_overlay
from rules.policy_file import parse_policy
from rules.tables import read_toml

__all__ = [
    "Clock",
    "Overlay",
    "Policy",
    "Term",
    "describe_overlay",
    "get_policy",
    "load_overlay",
    "load_policies",
    "load_policy_files",
    "parse_overlay",
    "parse_policy",
    "policy_for",
]

SHIPPED: Final = Path(__file__).parent / "policies"


@lru_cache(maxsize=1)
def load_policies() -> tuple[Policy, ...]:
    """The shipped policies, by the day from which they are in force."""
    return load_policy_files(SHIPPED)


def load_policy_files(folder: Path) -> tuple[Policy, ...]:
    """All policies of a folder. Raises PolicyFileError for a faulty file, and for adopted policies of one region
    that overlap or leave a gap.
    """
    policies = []
    for path in sorted(folder.glob("*.toml")):
        policy = parse_policy(read_toml(path), path.name)
        if path.stem != policy.id:
            raise PolicyFileError(path.name, "id", f"应与文件名相同（{path.stem}）")
        policies.append(policy)
    policies.sort(key=lambda policy: (policy.effective_from, policy.id))
    check_succession(policies)
    return tuple(policies)


def check_succession(policies: Iterable[Policy]) -> None:
    """Adopted policies of one region follow each other day by day. Raises PolicyFileError."""
    last: dict[str, Policy] = {}
    for policy in sorted(policies, key=lambda each: each.effective_from):
        if not policy.adopted:
            continue
        before = last.get(policy.region_prefix)
        if before is not None:
            if before.effective_to is None or before.effective_to >= policy.effective_from:
                raise PolicyFileError(policy.id, "effective_from", f"与 {before.id} 的施行期间重叠")
            if before.effective_to + timedelta(days=1) != policy.effective_from:
                raise PolicyFileError(policy.id, "effective_from", f"与 {before.id} 的施行期间之间有空档")
        last[policy.region_prefix] = policy


def get_policy(policy_id: str) -> Policy:
    """The shipped policy of that id. Raises InputError."""
    for policy in load_policies():
        if policy.id == policy_id:
            return policy
    known = "、".join(policy.id for policy in load_policies())
    raise InputError("policy", f"没有“{policy_id}”这一政策，应为 {known} 之一")


def policy_for(on: date, region: str | None = None, overlays: Iterable[Overlay] = ()) -> Policy:
    """The adopted policy in force on `on` (for `region`, if one is given), with the overlays in force that day.

    Raises NoPolicyError on a day, or for a region, that no adopted policy covers.
    """
    adopted = [policy for policy in load_policies() if policy.adopted]
    for policy in adopted:
        if policy.covers(on) and (region is None or region.startswith(policy.region_prefix)):
            for overlay in overlays:
                ended = overlay.effective_to is not None and overlay.effective_to < on
                if overlay.base == policy.id.partition("+")[0] and overlay.effective_from <= on and not ended:
                    policy = policy.overlay(overlay)
            return policy
    spans = "；".join(f"{policy.id} 自 {policy.effective_from.isoformat()} 起" for policy in adopted)
    raise NoPolicyError("on", f"{on.isoformat()} 没有适用的政策，应为政策施行期间内的日期（{spans}）")


def in_force(policy: Policy, on: date) -> Policy:
    """The same policy, if it is in force on `on`. Raises NoPolicyError."""
    if policy.covers(on):
        return policy
    until = f"至 {policy.effective_to.isoformat()}" if policy.effective_to else "起"
    raise NoPolicyError(
        "on",
        f"{on.isoformat()} 不在 {policy.id} 的施行期间内，应为 {policy.effective_from.isoformat()} {until}的日期",
    )
