"""What a policy must say before the province can decide cases by it."""

from collections.abc import Iterator

from applications.organs import regions
from rules.facts import SEVERITIES
from rules.policy import Policy
from rules.procedure import CLOCK_LABELS

# The degrees with which identifying units mark their records (Article 18).
MARKED = ("general", "serious")


def gaps_of(policy: Policy) -> list[str]:
    """Why a policy cannot be adopted, one sentence a gap: a number that is not known decides nothing."""
    return list(_gaps(policy))


def _gaps(policy: Policy) -> Iterator[str]:
    if not regions.PROVINCE.startswith(policy.region_prefix):
        yield f"适用范围（行政区划代码以{policy.region_prefix}开头）不包括江苏省。"
    for code in MARKED:
        if code not in policy.severities:
            yield f"没有“{SEVERITIES[code]}失信”这一等级，而已认定的信息有这一等级。"
    for severity in policy.severities.values():
        if severity.minimum is not None and severity.minimum.amount is None:
            yield f"“{severity.label}”的最短期限不明。"
        if severity.publicity.amount is None:
            yield f"“{severity.label}”的公示期限不明。"
    for rule in policy.domain_rules:
        if rule.minimum is not None and rule.minimum.amount is None:
            yield f"“{policy.severities[rule.severity].label}”在部分领域的最短期限不明。"
    if policy.specific_serious is not None and policy.specific_serious.publicity.amount is None:
        yield "特定严重失信行为的公示期限不明。"
    for exclusion in policy.exclusions:
        if not exclusion.effect_known:
            yield f"不予修复情形的规定尚未核实（{exclusion.source.note}）。"
    for name, label in CLOCK_LABELS.items():
        if policy.clocks[name].working_days is None:
            yield f"“{label}”的期限不明。"
