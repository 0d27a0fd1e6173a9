"""From the content of a policy file to a Policy, checked to the last key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from rules.articles import article_number
from rules.facts import CONDUCTS, DOMAINS, PENALTIES, SEVERITIES
from rules.instruments import (
    CONDITIONS,
    EXCLUSIONS,
    MINIMUM_PERIOD,
    UNIT_LABELS,
    Clock,
    DomainRule,
    Exclusion,
    Policy,
    Severity,
    Source,
    SpecificSerious,
    Term,
    digest_of,
)
from rules.procedure import CLOCK_LABELS, LATER_CLOCKS
from rules.tables import Table, plain, read_toml

STARTS: Final = ("identified_on", "decided_on")
MISSED_NOTICE: Final = ("escalate", "deemed_accepted")

# Says how long the later clocks are where a text says nothing of them.
BASE: Final = Path(__file__).parent / "policies" / "jiangsu-2020-4.toml"


def parse_policy(content: Mapping[str, Any], where: str) -> Policy:
    """Read one policy; `where` names its file in errors. Raises PolicyFileError."""
    table = Table(content, where)
    document = table.text("document")
    policy_id = read_id(table)
    start, end = table.required_day("effective_from"), table.day("effective_to")
    if end is not None and end < start:
        raise table.fail("effective_to", "不得早于 effective_from")
    scope, parameters = table.table("scope"), table.table("parameters")
    severities = {
        code: _severity(code, each, document)
        for code, each in table.table("severities").named_tables(SEVERITIES).items()
    }
    if not severities:
        raise table.fail("severities", "至少应有一个失信等级")
    exclusions = tuple(
        _exclusion(code, each, document)
        for code, each in table.table("exclusions").named_tables(EXCLUSIONS).items()
    )
    listed = (
        _specific_serious(table.table("specific_serious"), document)
        if table.has("specific_serious")
        else None
    )
    if (listed is not None) != any(each.code == "specific_serious" for each in exclusions):
        raise table.fail("specific_serious", "应与 exclusions.specific_serious 同时出现")
    clocks = read_clocks(table.table("clocks"), document)
    for name in CLOCK_LABELS:
        if name not in clocks:
            if name not in LATER_CLOCKS:
                raise table.fail(f"clocks.{name}", "缺少这一项，应为表（键值对）")
            clocks[name] = _base_clocks()[name]
    policy = Policy(
        id=policy_id,
        title=table.text("title"),
        document=document,
        effective_from=start,
        effective_to=end,
        adopted=table.flag("adopted"),
        digest=digest_of(plain(content)),
        region_prefix=_region_prefix(scope),
        scope_source=read_source(scope, document),
        severities=severities,
        domain_rules=tuple(_domain_rule(each, document, severities) for each in table.tables("domain_rules")),
        exclusions=exclusions,
        specific_serious=listed,
        clocks=clocks,
        own_clocks=clocks,
        minimum_from=parameters.choice("minimum_from", STARTS),
        publicity_from=parameters.choice("publicity_from", STARTS),
        min_period_inclusive=parameters.flag("min_period_inclusive"),
        on_missed_correction_notice=parameters.choice("on_missed_correction_notice", MISSED_NOTICE),
        reapplication=read_term(table.table("reapplication"), document)
        if table.has("reapplication")
        else None,
        raw=plain(content),
    )
    for each in (scope, parameters, table):
        each.finish()
    return policy


def read_id(table: Table) -> str:
    """The identifier of a policy or overlay: small letters, digits and hyphens."""
    value = table.text("id")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise table.fail("id", "应由小写字母、数字和连字符组成")
    return value


def read_source(table: Table, document: str) -> Source:
    """The article that a rule rests on; without an article, a note must say why."""
    source = table.table("source")
    article = source.text("article") if source.has("article") else None
    note = source.text("note", "")
    if article is None and not note:
        raise source.fail("article", "缺少条号；条号不明的，应在 note 中说明")
    if article is not None:
        try:
            article_number(article)
        except ValueError:
            raise source.fail("article", f"应为中文数字的条号（如“四”“十一”），而不是“{article}”") from None
    found = Source(source.text("document", document), article, note)
    source.finish()
    return found


def read_term(table: Table, document: str) -> Term:
    """A period in months or years, with its source. An absent amount is unknown, and the source's note says so."""
    source = read_source(table, document)
    amount = table.number("amount")
    if amount is None and not source.note:
        raise table.fail("amount", "缺少数字；数字不明的，应在 source.note 中说明")
    term = Term(amount, table.choice("unit", UNIT_LABELS), source)
    table.finish()
    return term


def read_clocks(table: Table, document: str) -> dict[str, Clock]:
    """The working-day periods of the procedure."""
    clocks = {}
    for name, each in table.named_tables(CLOCK_LABELS).items():
        source = read_source(each, document)
        days = each.number("working_days")
        if days is None and not source.note:
            raise each.fail("working_days", "缺少数字；数字不明的，应在 source.note 中说明")
        clocks[name] = Clock(name, days, each.number("extension"), source)
        each.finish()
    return clocks


@lru_cache(maxsize=1)
def _base_clocks() -> dict[str, Clock]:
    base = Table(read_toml(BASE), BASE.name)
    return read_clocks(base.table("clocks"), base.text("document"))


def _region_prefix(scope: Table) -> str:
    value = scope.text("region_prefix", "")
    if not re.fullmatch(r"[0-9]{0,6}", value):
        raise scope.fail("region_prefix", "应为行政区划代码的前几位数字；空文字表示全国")
    return value


def _severity(code: str, table: Table, document: str) -> Severity:
    conditions = table.choices("conditions", CONDITIONS)
    minimum = read_term(table.table("minimum"), document) if table.has("minimum") else None
    if (minimum is not None) != (MINIMUM_PERIOD in conditions):
        raise table.fail("minimum", "应与 conditions 中的 minimum_period 同时出现")
    severity = Severity(
        code,
        table.text("label"),
        read_source(table, document),
        conditions,
        minimum,
        read_term(table.table("publicity"), document),
    )
    table.finish()
    return severity


def _exclusion(code: str, table: Table, document: str) -> Exclusion:
    source = read_source(table, document)
    exclusion = Exclusion(code, source, not table.flag("effect_unknown", default=False))
    if not exclusion.effect_known and not source.note:
        raise table.fail("effect_unknown", "效果不明的，应在 source.note 中说明")
    table.finish()
    return exclusion


def _specific_serious(table: Table, document: str) -> SpecificSerious:
    listed = SpecificSerious(
        frozenset(table.choices("domains", DOMAINS)),
        frozenset(table.choices("conducts", CONDUCTS)),
        frozenset(table.choices("penalties", PENALTIES)),
        read_term(table.table("publicity"), document),
    )
    if not listed.penalties:
        raise table.fail("penalties", "至少应有一种处罚")
    table.finish()
    return listed


def _domain_rule(table: Table, document: str, severities: Mapping[str, Severity]) -> DomainRule:
    """A longer minimum period of the instrument itself for some domains."""
    severity = table.choice("severity", severities)
    domains = table.choices("domains", DOMAINS)
    if not domains:
        raise table.fail("domains", "至少应有一个领域")
    if severities[severity].minimum is None:
        raise table.fail("minimum", "该失信等级没有最短期限可以延长")
    rule = DomainRule(
        severity,
        frozenset(domains),
        read_source(table, document),
        read_term(table.table("minimum"), document),
    )
    table.finish()
    return rule
