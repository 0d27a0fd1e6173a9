"""What an applicant fills in. Each form is one page of the task list."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.form_helper import helper
from applications.accounts.kept_files import SeveralFilesField
from applications.accounts.suggesting import Suggested
from applications.organs.models import Organ
from applications.repairs.models import CaseObligation, CorrectionItem, Filing, RepairCase
from applications.repairs.registers import listed_institutions
from applications.repairs.sitting_forms import UsesAgain, with_kind
from rules.materials import KINDS, Kind


class DayField(forms.DateField):
    """A day up to ``latest``; the message says which day was typed."""

    widget = DayInput

    def __init__(self, *, latest: date, **kwargs: Any) -> None:
        super().__init__(widget=DayInput(), **kwargs)
        self.latest = latest
        self.error_messages["invalid"] = _("请输入真实存在的日期，例如 2026-06-01。")

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and day > self.latest:
            raise forms.ValidationError(_("日期不能晚于今天。"))
        return day


class StartForm(UsesAgain):
    organ = forms.ModelChoiceField(
        label=_("向哪个机构申请"),
        queryset=Organ.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        help_text=_(
            "依据第七条，可以向认定单位申请，也可以向公共信用信息工作机构申请。同一条信息同时只能由一个机构办理。"
        ),
    )

    def __init__(self, *args: Any, organs: list[Organ], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organ"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organ.objects.filter(pk__in=[organ.pk for organ in organs])
        field.label_from_instance = with_kind  # type: ignore[method-assign]
        self.initial.setdefault("organ", organs[0].pk)


class ContactForm(forms.Form):
    name = forms.CharField(label=_("经办人姓名"), max_length=80)
    phone = forms.RegexField(
        label=_("联系电话"),
        regex=r"^[0-9+\- ]{7,20}$",
        help_text=_("手机号码，或者带区号的固定电话。办理机构只为这件申请联系您。"),
        error_messages={"invalid": _("请输入7至20位的电话号码，只含数字、空格、+ 和 -。")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("保存并继续"))


class FulfilmentForm(forms.Form):
    """When the wrong was corrected, and one day for each duty that the record does not already show fulfilled."""

    def __init__(self, *args: Any, case: RepairCase, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corrected_on"] = DayField(
            label=_("失信行为在哪一天纠正完毕"),
            latest=today,
            initial=case.corrected_on,
            help_text=_("例如完成整改、停止违法行为的日期。"),
        )
        self.duties: dict[str, CaseObligation] = {}
        for duty in case.obligations.select_related("obligation"):
            if duty.obligation.fulfilled_on:
                continue
            name = f"duty_{duty.pk}"
            self.duties[name] = duty
            self.fields[name] = DayField(
                label=_("“%(duty)s”在哪一天履行完毕") % {"duty": duty.obligation},
                latest=today,
                initial=duty.fulfilled_on,
                required=False,
                help_text=_("%(source)s明确的义务。还没有履行完毕的，请先留空。")
                % {"source": duty.obligation.get_source_display()},
            )
        self.fields["improvements"] = forms.CharField(
            label=_("积极改善信用状况的行为（选填）"),
            required=False,
            max_length=2000,
            initial=case.improvements,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_(
                "例如参加公益性信用修复培训、志愿服务、社会公益活动，法定代表人参加信用修复培训：写明时间和内容。"
                "第十六条：可以作为信用修复的重要参考，不是修复的条件。"
            ),
        )
        self.helper = helper(_("保存并继续"))

    def fulfilled(self) -> dict[int, date | None]:
        return {duty.pk: self.cleaned_data[name] for name, duty in self.duties.items()}


class DatesAndProofForm(FulfilmentForm):
    """The same with the papers that show it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uploads"] = SeveralFilesField(
            label=_(KINDS[Kind.FULFILMENT].label),
            required=False,
            help_text=_("%(hint)sPDF、JPG 或 PNG，每个不超过10MB。现在没有的，可以以后再上传。")
            % {"hint": _(KINDS[Kind.FULFILMENT].hint)},
        )
        improvements = self.fields.pop("improvements")
        self.fields["improvements"] = improvements


class TrainingAndReportForm(forms.Form):
    training_certificate_number = forms.CharField(label=_("培训证书编号"), max_length=80)
    report_issuer = forms.ChoiceField(
        label=_("信用报告由谁出具"),
        widget=forms.RadioSelect,
        choices=Filing._meta.get_field("report_issuer").choices,  # type: ignore[arg-type]
    )
    report_institution = forms.CharField(
        label=_("信用服务机构名称"),
        max_length=100,
        required=False,
        help_text=_(
            "由信用服务机构出具的才填写，按报告上的全称。不在信用管理部门名单上的机构也可以填写，办理机构会核实出具方。"
        ),
        widget=Suggested(listed_institutions),
    )
    report_number = forms.CharField(label=_("信用报告编号"), max_length=80)

    field_order = [
        "training_completed_on",
        "training_certificate_number",
        "report_issuer",
        "report_institution",
        "report_issued_on",
        "report_number",
    ]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["training_completed_on"] = DayField(label=_("培训完成日期"), latest=today)
        self.fields["report_issued_on"] = DayField(label=_("信用报告出具日期"), latest=today)
        self.order_fields(self.field_order)
        self.helper = helper(_("保存并继续"))

    def clean_report_institution(self) -> str:
        name: str = self.cleaned_data["report_institution"]
        if not name and self.cleaned_data.get("report_issuer") == "credit_service_institution":
            raise ValidationError(_("请填写出具报告的信用服务机构的全称。"))
        return name


class UploadForm(forms.Form):
    uploads = SeveralFilesField(
        label=_("选择文件"),
        help_text=_(
            "PDF、JPG 或 PNG，每个不超过10MB；一件申请最多20个文件，合计不超过100MB。手机的 HEIC 照片会转成 JPG；Word 文件请先另存为 PDF。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("上传"))


class CorrectionAnswerForm(forms.Form):
    """Answer to one item of the notice: words, files, or both."""

    answer = forms.CharField(
        label=_("文字说明"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("上传了新材料的可以不填；无法提供的，请在这里说明理由。"),
    )
    uploads = SeveralFilesField(
        label=_("补正材料"), required=False, help_text=_("PDF、JPG 或 PNG，每个不超过10MB。")
    )

    def __init__(self, *args: Any, item: CorrectionItem, **kwargs: Any) -> None:
        kwargs["prefix"] = f"item{item.pk}"
        super().__init__(*args, **kwargs)
        self.item = item
        self.initial.setdefault("answer", item.answer)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
