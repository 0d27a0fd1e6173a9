"""Implementing rules under Article 18: reading them, and saying in words what they change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rules.errors import OverlayRefused
from rules.facts import DOMAINS, SEVERITIES
from rules.instruments import (
    AGEING_CONDITIONS,
    CONDITIONS,
    MINIMUM_PERIOD,
    DomainRule,
    Overlay,
    Policy,
    Term,
)
from rules.policy_file import read_clocks, read_id, read_source, read_term
from rules.procedure import CLOCK_LABELS
from rules.tables import Table, plain, read_toml

# What implementing rules may not touch at all: the key in the file, the clause, and why.
BEYOND_REACH: Final[dict[str, tuple[str, str]]] = {
    "scope": ("第二条", "适用范围由本通知规定"),
    "exclusions": ("第六条", "不予修复的情形只能由本通知和法律、法规、规章规定"),
    "specific_serious": ("第六条", "特定严重失信行为的范围由本通知规定"),
    "parameters": ("第四条、第五条", "期限的计算方法由本通知规定"),
}


def load_overlay(source: Path | str | Mapping[str, Any]) -> Overlay:
    """Read implementing rules from a TOML file or from its decoded content.

    Raises PolicyFileError with the key and the rule broken, OverlayRefused for what is beyond their reach.
    """
    if isinstance(source, Mapping):
        return parse_overlay(source, "实施细则")
    path = Path(source)
    return parse_overlay(read_toml(path), path.name)


def parse_overlay(content: Mapping[str, Any], where: str) -> Overlay:
    """Read implementing rules; `where` names their file in errors."""
    table = Table(content, where)
    for key, (clause, why) in BEYOND_REACH.items():
        if table.has(key):
            raise OverlayRefused(clause, why)
    document = table.text("document")
    start, end = table.required_day("effective_from"), table.day("effective_to")
    if end is not None and end < start:
        raise table.fail("effective_to", "不得早于 effective_from")
    domains = frozenset(table.choices("domains", DOMAINS)) if table.has("domains") else None
    if domains is not None and not domains:
        raise table.fail("domains", "至少应有一个领域；适用于本单位全部记录的，不写这一项")
    rules: list[DomainRule] = []
    dropped: list[tuple[str, str]] = []
    if table.has("severities"):
        for code, each in table.table("severities").named_tables(SEVERITIES).items():
            if each.has("publicity"):
                raise OverlayRefused("公示期限", "公示期限由国家规定，实施细则不得改变")
            dropped += [(code, condition) for condition in each.choices("without", CONDITIONS)]
            rules.append(_domain_rule(code, each, document, domains))
    overlay = Overlay(
        id=read_id(table),
        title=table.text("title"),
        document=document,
        base=table.text("base"),
        effective_from=start,
        effective_to=end,
        domains=domains,
        domain_rules=tuple(rules),
        dropped=tuple(dropped),
        clocks=read_clocks(table.table("clocks"), document) if table.has("clocks") else {},
        raw=plain(content),
    )
    for name, clock in overlay.clocks.items():
        if clock.working_days is None:
            raise table.fail(f"clocks.{name}.working_days", "缺少这一项，应为整数")
        if clock.extension is not None:
            raise OverlayRefused(CLOCK_LABELS[name], "实施细则不得增加延长期限")
    table.finish()
    if not (overlay.domain_rules or overlay.clocks):
        raise table.fail("severities", "细则没有增加任何条件，也没有缩短任何期限")
    return overlay


def _domain_rule(severity: str, table: Table, document: str, domains: frozenset[str] | None) -> DomainRule:
    conditions = table.choices("conditions", CONDITIONS)
    minimum = _known_term(table.table("minimum"), document) if table.has("minimum") else None
    if MINIMUM_PERIOD in conditions and minimum is None:
        raise table.fail("minimum", "增加 minimum_period 条件的，应写明期限")
    if minimum is not None and MINIMUM_PERIOD not in conditions:
        conditions = (MINIMUM_PERIOD, *conditions)
    max_age = {}
    if table.has("max_age"):
        ages = table.table("max_age").named_tables(AGEING_CONDITIONS)
        max_age = {code: _known_term(each, document) for code, each in ages.items()}
    sources = [term.source for term in (minimum, *max_age.values()) if term is not None]
    source = read_source(table, document) if table.has("source") or not sources else sources[0]
    table.finish()
    return DomainRule(severity, domains, source, minimum, conditions, max_age)


def _known_term(table: Table, document: str) -> Term:
    term = read_term(table, document)
    if term.amount is None:
        raise table.fail("amount", "缺少这一项，应为整数")
    return term


def describe_overlay(policy: Policy, overlay: Overlay) -> list[str]:
    """What the implementing rules change in `policy`, one Chinese sentence a change.

    Raises OverlayRefused where they cannot be laid over it.
    """
    policy.overlay(overlay)
    where = "、".join(DOMAINS[code] for code in DOMAINS if code in overlay.domains) if overlay.domains else ""
    realm = f"{where}领域的" if where else "本单位认定的"
    lines = []
    for rule in overlay.domain_rules:
        lines += _rule_changes(policy, rule, realm)
    for name, clock in overlay.clocks.items():
        before = policy.clocks[name]
        if before.working_days is None or clock.working_days != before.working_days:
            change = (
                f"由{before.working_days}个工作日（{before.source}）缩短" if before.working_days else "定"
            )
            lines.append(
                f"{CLOCK_LABELS[name]}的期限{change}为{clock.working_days}个工作日（{clock.source}）。"
            )
    if not lines:
        return [f"{overlay.document}与{policy.document}的要求相同，没有增加条件。"]
    period = f"自{overlay.effective_from.isoformat()}起"
    if overlay.effective_to is not None:
        period += f"至{overlay.effective_to.isoformat()}止"
    return [f"{period}施行：{lines[0]}", *lines[1:]]


def _rule_changes(policy: Policy, rule: DomainRule, realm: str) -> list[str]:
    severity = policy.severities[rule.severity]
    subject = f"{realm}{severity.label}"
    lines = []
    if rule.minimum is not None:
        before = severity.minimum
        if before is None:
            lines.append(f"{subject}：增加最短期限{rule.minimum}（{rule.minimum.source}）。")
        elif before.amount is None or rule.minimum.months > before.months:
            lines.append(
                f"{subject}：最短期限由{before}（{before.source}）延长为{rule.minimum}（{rule.minimum.source}）。"
            )
    for code in rule.conditions:
        if code != MINIMUM_PERIOD and code not in severity.conditions:
            lines.append(f"{subject}：增加条件“{CONDITIONS[code]}”（{rule.source}）。")
    for code, age in rule.max_age.items():
        lines.append(f"{subject}：“{CONDITIONS[code]}”的材料须在{age}以内（{age.source}）。")
    return lines
