from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.organs.selectors import all_bureaus, bureau_at
from applications.reports.models import CreditReport
from applications.subjects.models import Capacity, Subject


def _purpose(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=_("用途"),
        help_text=_("印在报告上，例如“申请信用修复”“参加投标”。"),
        max_length=200,
        error_messages={"required": _("请填写用途，例如“申请信用修复”。")},
        **more,
    )


def _since() -> forms.DateField:
    return forms.DateField(
        label=_("报告期间自（可不填）"),
        help_text=_("只列示这一天以来作出的处罚决定，限公开版；不填的，不限期间。"),
        required=False,
        widget=DayInput,
    )


# As officers are asked; holders read what each is for.
VERSIONS = [
    (CreditReport.Variant.REPAIR, _("信用修复版：列示全部失信行为信息，已修复的附标注")),
    (CreditReport.Variant.PUBLIC, _("公开版：不列示已修复和公示期满的信息")),
]


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
        choices=VERSIONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择报告版本。")},
    )
    purpose = _purpose(widget=forms.TextInput(attrs={"size": "40"}))


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=_("作废原因"),
        help_text=_("不超过300字，只供内部查阅；核验页面只显示已作废和日期。"),
        max_length=300,
        error_messages={"required": _("请写明作废原因。")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AskForm(forms.Form):
    """What a holder asks for online."""

    variant = forms.ChoiceField(
        label=_("版本"),
        choices=[
            (
                CreditReport.Variant.REPAIR,
                _("信用修复版：列示全部失信行为信息，已修复的附标注，用于申请信用修复"),
            ),
            (CreditReport.Variant.PUBLIC, _("公开版：不列示已修复和公示期满的信息，用于投标、融资等")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择报告版本。")},
    )
    purpose = _purpose()
    since = _since()
    organ = forms.ModelChoiceField(
        label=_("出具单位"),
        queryset=all_bureaus(),
        error_messages={"required": _("请选择出具报告的公共信用信息工作机构。")},
        help_text=_("通常是住所地的公共信用信息工作机构；各机构出具的报告内容相同，都免费。"),
    )

    def __init__(self, *args: Any, region: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("organ", bureau_at(region))


class WindowForm(KeepsFiles):
    """What somebody asks for at the window."""

    files_field, purpose = "proof", "report-mandate"

    came = forms.CharField(label=_("来人姓名"), max_length=80)
    capacity = forms.ChoiceField(label=_("来人身份"), choices=[("", "—"), *Capacity.choices])
    proof = forms.FileField(
        label=_("授权委托书、介绍信"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
        help_text=_("代理人和工作人员必须上传，PDF、JPG 或 PNG，不超过10MB。法定代表人和本人核对证件即可。"),
    )
    variant = forms.ChoiceField(
        label=_("版本"),
        choices=VERSIONS,
    )
    wanted_for = _purpose()
    since = _since()


class NewSubjectForm(WindowForm):
    """The same for a subject of which nothing is known yet, as its licence or the person's document says."""

    purpose = "report-mandate-new"

    kind = forms.ChoiceField(label=_("类别"), choices=[("", "—"), *Subject.Kind.choices])
    name = forms.CharField(
        label=_("名称（姓名）"), max_length=200, help_text=_("照营业执照或者身份证件填写。")
    )
    identity_type = forms.ChoiceField(
        label=_("证件种类"),
        choices=[("", _("统一社会信用代码")), *Subject.IdentityType.choices],
        required=False,
    )
    code = forms.CharField(
        label=_("代码或者证件号码"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    legal_representative = forms.CharField(
        label=_("法定代表人（负责人）"), max_length=80, required=False, help_text=_("自然人不填。")
    )
    compared = forms.BooleanField(
        label=_("已核对营业执照或者身份证件的原件"),
        error_messages={"required": _("请核对证照原件后勾选，没有原件的不能登记。")},
    )
    field_order = ("kind", "name", "identity_type", "code", "legal_representative", "compared")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        person = cleaned.get("kind") == Subject.Kind.NATURAL_PERSON
        if cleaned.get("kind") and person != bool(cleaned.get("identity_type")):
            self.add_error("identity_type", gettext("自然人请选择证件种类，其他主体请选统一社会信用代码。"))
        return cleaned


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("没有出具的理由"),
        help_text=_("不超过300字，会告知申请人。"),
        max_length=300,
        error_messages={"required": _("请写明没有出具的理由，会告知申请人。")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PrintForm(forms.Form):
    copies = forms.IntegerField(label=_("打印份数"), min_value=1, max_value=50, initial=1)


class BatchForm(IssueForm):
    codes = forms.CharField(
        label=_("统一社会信用代码"),
        help_text=_("每行一个，最多500个。自然人的报告请逐份出具。"),
        max_length=20_000,
        error_messages={"required": _("请填写统一社会信用代码，每行一个。")},
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off"}),
    )
