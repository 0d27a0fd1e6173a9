from django import forms
from django.utils.translation import gettext_lazy as _

from applications.reports.models import CreditReport


class SubjectSearchForm(forms.Form):
    term = forms.CharField(
        label=_("信用主体"),
        help_text=_("名称、统一社会信用代码或者证件号码，须完整一致。"),
        max_length=200,
        error_messages={"required": _("请输入完整的名称或者代码。")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": "40"}),
    )


class IssueForm(forms.Form):
    variant = forms.ChoiceField(
        label=_("版本"),
        choices=[
            (CreditReport.Variant.REPAIR, _("信用修复版：列示全部失信行为信息，已修复的附标注")),
            (CreditReport.Variant.PUBLIC, _("公开版：不列示已修复和公示期满的信息")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择报告版本。")},
    )
    purpose = forms.CharField(
        label=_("用途"),
        help_text=_("印在报告上，例如“申请信用修复”“参加投标”。"),
        max_length=200,
        error_messages={"required": _("请填写用途，例如“申请信用修复”。")},
        widget=forms.TextInput(attrs={"size": "40"}),
    )


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=_("作废原因"),
        help_text=_("不超过300字，只供内部查阅；核验页面只显示已作废和日期。"),
        max_length=300,
        error_messages={"required": _("请写明作废原因。")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
