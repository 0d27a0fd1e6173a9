"""What a policy must say before the province can decide cases by it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

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
        yield _("适用范围（行政区划代码以%(region_prefix)s开头）不包括江苏省。") % {
            "region_prefix": policy.region_prefix
        }
    for code in MARKED:
        if code not in policy.severities:
            yield _("没有“%(severity)s失信”这一等级，而已认定的信息有这一等级。") % {
                "severity": SEVERITIES[code]
            }
    for severity in policy.severities.values():
        if severity.minimum is not None and severity.minimum.amount is None:
            yield _("“%(label)s”的最短期限不明。") % {"label": severity.label}
        if severity.publicity.amount is None:
            yield _("“%(label)s”的公示期限不明。") % {"label": severity.label}
    for rule in policy.domain_rules:
        if rule.minimum is not None and rule.minimum.amount is None:
            yield _("“%(label)s”在部分领域的最短期限不明。") % {
                "label": policy.severities[rule.severity].label
            }
    if policy.specific_serious is not None and policy.specific_serious.publicity.amount is None:
        yield _("特定严重失信行为的公示期限不明。")
    for exclusion in policy.exclusions:
        if not exclusion.effect_known:
            yield _("不予修复情形的规定尚未核实（%(note)s）。") % {"note": exclusion.source.note}
    for name, label in CLOCK_LABELS.items():
        if policy.clocks[name].working_days is None:
            yield _("“%(label)s”的期限不明。") % {"label": label}
