from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.calendars.selectors import calendar
from applications.organs import regions
from rules.errors import InputError

MAX_WORKING_DAYS = 250


class CalculatorForm(forms.Form):
    start = forms.DateField(
        label=_("起算日"),
        widget=DayInput,
        help_text=_("提交、受理、决定或者收到异议的那一天，当天不计算在内"),
        error_messages={
            "required": _("请填写起算日，如 2026-11-20"),
            "invalid": _("请填写存在的日期，如 2026-11-20"),
        },
    )
    days = forms.IntegerField(
        label=_("工作日"),
        min_value=1,
        max_value=MAX_WORKING_DAYS,
        initial=3,
        error_messages={
            "required": _("请填写工作日数，如 3"),
            "invalid": _("请填写整数，如 3"),
            "min_value": _("最少1个工作日"),
            "max_value": _("最多%(limit_value)d个工作日"),
        },
    )
    region = forms.ChoiceField(
        label=_("办理机构所在地"),
        required=False,
        choices=lambda: (
            [("", _("不指定"))] + [(code, regions.name(code)) for code in sorted(regions.cities())]
        ),
        help_text=_("选择后计入当地的停工安排；不指定则只按全国的放假安排"),
        error_messages={"invalid_choice": _("请从列表中选择江苏省的设区市，或者不指定")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"start", "days", "region"} <= data.keys():
            try:
                self.due = calendar(data["region"] or None).due(data["start"], data["days"])
            except InputError as error:
                self.add_error("start", str(error.expected))
        return data
