"""Handing in implementing rules: by ticking the usual cases, or as the text of an overlay."""

import json
import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.organs.models import Organ
from applications.policies.models import ImplementingRules
from applications.policies.reading import LONGEST_TEXT
from applications.policies.services import LONGEST_ID
from rules.articles import article_number
from rules.facts import DOMAINS
from rules.instruments import AGEING_CONDITIONS, CONDITIONS
from rules.policy import Policy

# What may stand before and after the number of an article.
AROUND_ARTICLE = ("第", "条")


class DocumentForm(KeepsFiles):
    """The attached document."""

    files_field, purpose = "document", "implementing-rules"
    files_needed = _("请上传印发的细则文件。")

    document = forms.FileField(
        label=_("细则文件"),
        required=False,
        allow_empty_file=True,
        help_text=_("印发的细则全文，PDF、JPG 或者 PNG，不超过10 MB。抄送时一并送达社会信用管理部门。"),
    )


class TextRulesForm(DocumentForm):
    text = forms.CharField(
        label=_("细则条件（TOML）"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )


class SimpleRulesForm(DocumentForm):
    """A longer minimum period, extra conditions and fresher papers for some domains, or for all records."""

    title = forms.CharField(label=_("名称"), max_length=200)
    document_number = forms.CharField(label=_("文号"), max_length=120)
    effective_from = forms.DateField(label=_("施行日期"), widget=DayInput)
    effective_to = forms.DateField(
        label=_("有效期至"), required=False, widget=DayInput, help_text=_("没有规定有效期的不填。")
    )
    domains = forms.MultipleChoiceField(
        label=_("适用领域"),
        choices=list(DOMAINS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("都不选，适用于本单位认定的全部信息。"),
    )
    article = forms.CharField(
        label=_("以下要求所在的条"),
        max_length=10,
        help_text=_("中文数字，如“三”。要求分列各条的，请改用文本填写。"),
    )
    minimum_general = forms.IntegerField(
        label=_("一般失信的最短期限（个月）"), required=False, min_value=1, max_value=36
    )
    minimum_serious = forms.IntegerField(
        label=_("严重失信的最短期限（个月）"), required=False, min_value=1, max_value=36
    )
    conditions_general = forms.MultipleChoiceField(
        label=_("一般失信增加的条件"),
        choices=[(code, CONDITIONS[code]) for code in AGEING_CONDITIONS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    age_training_completed = forms.IntegerField(
        label=_("培训须在多少个月以内"), required=False, min_value=1, max_value=36
    )
    age_credit_report_provided = forms.IntegerField(
        label=_("信用报告须在多少个月以内"), required=False, min_value=1, max_value=36
    )
    decision_days = forms.IntegerField(
        label=_("作出决定的期限（工作日）"),
        required=False,
        min_value=1,
        max_value=30,
        help_text=_("只能比省规定的期限短。"),
    )

    def __init__(self, *args: Any, unit: Organ, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.policy = unit, policy
        self.order_fields([name for name in self.fields if name != "document"] + ["document"])

    def clean_article(self) -> str:
        before, after = AROUND_ARTICLE
        article: str = self.cleaned_data["article"].strip().removeprefix(before).removesuffix(after)
        try:
            article_number(article)
        except ValueError:
            raise ValidationError(_("应为中文数字的条号，如“三”“十一”。")) from None
        return article

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("effective_from"), data.get("effective_to")
        if start and end and end < start:
            self.add_error("effective_to", _("不能早于施行日期。"))
        asked = [
            name for name in self.fields if name.startswith(("minimum_", "conditions_", "age_", "decis"))
        ]
        if not self.errors and not any(data.get(name) for name in asked):
            raise ValidationError(_("还没有填写任何要求：最短期限、条件、材料时限、办理期限至少填一项。"))
        return data

    def text(self) -> str:
        """What was filled in, as the text of an overlay."""
        data = self.cleaned_data
        lines = [
            f"id = {_quoted(next_id(self.unit))}",
            f"title = {_quoted(data['title'])}",
            f"document = {_quoted(data['document_number'])}",
            f"base = {_quoted(self.policy.id)}",
            f"effective_from = {_day(data['effective_from'])}",
        ]
        if data["effective_to"]:
            lines.append(f"effective_to = {_day(data['effective_to'])}")
        if data["domains"]:
            lines.append(f"domains = {json.dumps(data['domains'])}")
        source = f"source = {{ article = {_quoted(data['article'])} }}"
        for severity, added in (("general", data["conditions_general"]), ("serious", [])):
            lines += self._severity(severity, added, source)
        if data["decision_days"]:
            lines += ["", "[clocks.decision]", f"working_days = {data['decision_days']}", source]
        return "\n".join(lines) + "\n"

    def _severity(self, severity: str, added: list[str], source: str) -> list[str]:
        data = self.cleaned_data
        asked = {*added, *self.policy.severities[severity].conditions}
        months = data[f"minimum_{severity}"]
        ages = {code: data[f"age_{code}"] for code in AGEING_CONDITIONS if code in asked}
        ages = {code: age for code, age in ages.items() if age}
        if not (months or added or ages):
            return []
        table = f"severities.{severity}"
        lines = ["", f"[{table}]", source]
        if added:
            lines.append(f"conditions = {json.dumps(added)}")
        if months:
            lines += ["", f"[{table}.minimum]", f"amount = {months}", 'unit = "months"', source]
        for code, age in ages.items():
            lines += ["", f"[{table}.max_age.{code}]", f"amount = {age}", 'unit = "months"', source]
        return lines


class WithdrawForm(forms.Form):
    from_day = forms.DateField(label=_("自哪一天起废止"), widget=DayInput)
    reason = forms.CharField(
        label=_("理由或者废止文件的文号"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


def next_id(unit: Organ) -> str:
    """An id that the unit has not used: its own code and a running number."""
    stem = re.sub(r"[^a-z0-9]+", "-", unit.code.lower()).strip("-")[: LONGEST_ID - 5].strip("-") or "unit"
    used = set(ImplementingRules.objects.filter(unit=unit).values_list("rules_id", flat=True))
    number = len(used) + 1
    while f"{stem}-{number}" in used:
        number += 1
    return f"{stem}-{number}"


def _quoted(text: str) -> str:
    # JSON's way of quoting is TOML's as well.
    return json.dumps(text.strip(), ensure_ascii=False)


def _day(day: date) -> str:
    return day.isoformat()
