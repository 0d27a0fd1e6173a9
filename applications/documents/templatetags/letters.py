"""What only letters need: names of codes, and the moment of issue in the form that a PDF's metadata takes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django import template

from applications.documents.templatetags.dates import zh_date
from rules.facts import PENALTIES

register = template.Library()

NAMES = {**PENALTIES, "general": "一般失信", "serious": "严重失信"}


@register.filter
def named(value: str | Iterable[str]) -> str:
    """A code, or codes, in words; what is in words already stays as it is."""
    values = [value] if isinstance(value, str) else value
    return "、".join(NAMES.get(item, item) for item in values)


@register.simple_tag(takes_context=True)
def basis(context: template.Context) -> str:
    """The instrument that the letter rests on: the policy of the decision, else the Notice."""
    policy = context.get("policy") or {}
    title = policy.get("title") or "关于完善信用修复机制保障信用主体权益的通知"
    return f"《{title}》（{policy.get('document') or '苏信用发〔2020〕4号'}，以下简称《通知》）"


@register.filter
def due_date(due: Mapping[str, Any]) -> str:
    """{"date", "provisional", "awaits"} → 2026年12月3日（周四）, with a remark while the holidays of a year are not
    published on which it depends."""
    awaits = f"{year}年" if (year := due.get("awaits")) else "该年度"
    remark = f"（{awaits}放假安排尚未公布，公布后日期可能调整）" if due.get("provisional") else ""
    return zh_date(due["date"]) + remark


@register.filter
def utc_iso(value: datetime) -> str:
    """2026-12-02T06:03:09Z."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
