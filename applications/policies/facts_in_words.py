"""The facts that a finding rests on, in the words of a page."""

from datetime import date
from typing import Any

from django.utils.translation import gettext

from applications.language import day_in_words, is_english
from applications.organs import regions
from rules.explanation import UsedFact
from rules.facts import CONDUCTS, DOMAINS, PENALTIES, REPORT_ISSUERS, SEVERITIES

LISTS = {"penalties": PENALTIES, "domains": DOMAINS, "conducts": CONDUCTS}


def in_words(used: UsedFact) -> str:
    """The value of one fact."""
    value: Any = used.value
    if not used.known:
        return gettext("没有写明")
    if value is None or value == [] or value is False:
        return gettext("没有")
    match used.name:
        case "severity":
            return gettext(SEVERITIES[value])
        case "region":
            return regions.name(value)
        case "penalties" | "domains" | "conducts":
            return gettext("、").join(gettext(LISTS[used.name][code]) for code in value)
        case "identified_on" | "decided_on" | "corrected_on":
            return day_in_words(date.fromisoformat(value))
        case "obligations":
            return gettext("；").join(_duty(duty) for duty in value)
        case "commitment":
            consent = value.get("publication_consent")
            consented = gettext("同意公开") if consent else gettext("不同意公开")
            parts = [_dated(value, "signed_on", gettext("签署")), "" if consent is None else consented]
            return gettext("，").join(part for part in parts if part)
        case "training":
            return _dated(value, "completed_on", gettext("完成"))
        case "credit_report":
            issuer = value.get("issuer")
            parts = [
                _dated(value, "issued_on", gettext("出具")),
                gettext(REPORT_ISSUERS[issuer]) if issuer else "",
            ]
            return gettext("，").join(part for part in parts if part)
        case "statutory_bar":
            return str(value.get("basis", gettext("有，依据没有写明")))
        case "false_material":
            return gettext("有")
    return str(value)


def _duty(duty: dict[str, Any]) -> str:
    name = duty.get("name", gettext("未写明名称的义务"))
    if "fulfilled_on" not in duty:
        return gettext("%(name)s（履行情况没有写明）") % {"name": name}
    if duty["fulfilled_on"] is None:
        return gettext("%(name)s（尚未履行完毕）") % {"name": name}
    return gettext("%(name)s（%(day)s履行完毕）") % {
        "name": name,
        "day": day_in_words(date.fromisoformat(duty["fulfilled_on"])),
    }


def _dated(value: dict[str, Any], key: str, done: str) -> str:
    found = value.get(key)
    if not found:
        return gettext("日期没有写明")
    between = " " if is_english() else ""
    return f"{day_in_words(date.fromisoformat(found))}{between}{done}"
