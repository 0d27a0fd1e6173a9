"""What templates/policies/explanation.html asks of an explanation: facts and days in words."""

from datetime import date
from typing import Any

from django import template
from django.utils.translation import gettext

from rules.eligibility import Assessment
from rules.explanation import Explanation, UsedFact, explain
from rules.facts import CONDUCTS, DOMAINS, PENALTIES, REPORT_ISSUERS, SEVERITIES
from rules.sentences import in_chinese

register = template.Library()

LISTS = {"penalties": PENALTIES, "domains": DOMAINS, "conducts": CONDUCTS}


@register.filter
def explained(assessment: Assessment) -> Explanation:
    """The tree of an assessment: ``with explanation=assessment|explained``."""
    return explain(assessment)


@register.filter
def fact(used: UsedFact) -> str:
    """One fact in words: 处罚种类：罚款."""
    return gettext("%(label)s：%(value)s") % {"label": gettext(used.label), "value": _value(used)}


@register.filter
def day(value: date | None) -> str:
    """A day in words; nothing for none."""
    return "" if value is None else _day(value)


def _day(value: date | str) -> str:
    moment = date.fromisoformat(value) if isinstance(value, str) else value
    return in_chinese(moment)


def _value(used: UsedFact) -> str:
    value: Any = used.value
    if not used.known:
        return gettext("没有写明")
    if value is None or value == []:
        return gettext("没有")
    match used.name:
        case "severity":
            return gettext(SEVERITIES[value])
        case "penalties" | "domains" | "conducts":
            return "、".join(gettext(LISTS[used.name][code]) for code in value)
        case "identified_on" | "decided_on" | "corrected_on":
            return _day(value)
        case "obligations":
            return "；".join(_duty(duty) for duty in value)
        case "commitment":
            consent = value.get("publication_consent")
            consented = gettext("同意公开") if consent else gettext("不同意公开")
            parts = [_dated(value, "signed_on", gettext("签署")), "" if consent is None else consented]
            return "，".join(part for part in parts if part)
        case "training":
            return _dated(value, "completed_on", gettext("完成"))
        case "credit_report":
            issuer = value.get("issuer")
            parts = [
                _dated(value, "issued_on", gettext("出具")),
                gettext(REPORT_ISSUERS[issuer]) if issuer else "",
            ]
            return "，".join(part for part in parts if part)
        case "statutory_bar":
            return str(value.get("basis", gettext("没有写明")))
        case "false_material":
            return gettext("有") if value else gettext("没有")
    return str(value)


def _duty(duty: dict[str, Any]) -> str:
    name = duty.get("name", gettext("未写明名称的义务"))
    if "fulfilled_on" not in duty:
        return gettext("%(name)s（履行情况没有写明）") % {"name": name}
    if duty["fulfilled_on"] is None:
        return gettext("%(name)s（尚未履行完毕）") % {"name": name}
    return gettext("%(name)s（%(day)s履行完毕）") % {"name": name, "day": _day(duty["fulfilled_on"])}


def _dated(value: dict[str, Any], key: str, done: str) -> str:
    found = value.get(key)
    return f"{_day(found)}{done}" if found else gettext("日期没有写明")
