"""What an officer fills in about papers that came at the window or by post (Article 19)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles, SeveralFilesField
from applications.records.models import DishonestyRecord
from applications.repairs.models import MaterialKind, ProofOfService, Reception
from applications.repairs.signing_forms import TypedCode
from applications.subjects.models import Subject

ONE_FILE = {"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}
ONE_FILE_HINT = _("PDF、JPG 或 PNG，不超过10MB。")


class FindForm(forms.Form):
    identity_type = forms.ChoiceField(
        label=_("按什么查找"),
        choices=[("", _("统一社会信用代码")), *Subject.IdentityType.choices],
        required=False,
    )
    code = forms.CharField(label=_("代码或者证件号码"), max_length=64, help_text=_("完整填写，照证件输入。"))
    purpose = forms.CharField(
        label=_("查找的用途"),
        max_length=200,
        initial=_("当事人到窗口申请信用修复"),
        help_text=_("查找会记入台账。"),
    )


class ReceptionForm(KeepsFiles):
    files_field, purpose = "identity", "reception"
    files_needed = _("请上传核对过的证件的扫描件。")

    records = forms.MultipleChoiceField(
        label=_("要修复的失信行为信息"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一条失信行为信息。")},
    )
    channel = forms.ChoiceField(
        label=_("收件渠道"), choices=Reception.Channel.choices, widget=forms.RadioSelect
    )
    received_on = forms.DateField(
        label=_("收到材料的日期"),
        widget=DayInput(),
        help_text=_("第八条的3个工作日从这一天起算；邮寄的，填写收到邮件的日期，不是寄出的日期。"),
        error_messages={"invalid": _("请输入真实存在的日期，例如 2026-06-01。")},
    )
    came_as = forms.ChoiceField(
        label=_("来人（寄件人）身份"), choices=Reception.CameAs.choices, widget=forms.RadioSelect
    )
    came_name = forms.CharField(
        label=_("来人（寄件人）姓名"),
        max_length=80,
        help_text=_("与证件一致；法定代表人（负责人）已经变更的，填写现任姓名，收件后上传变更证明。"),
    )
    identity_type = forms.ChoiceField(label=_("核对的证件"), choices=Subject.IdentityType.choices)
    identity_number = forms.CharField(
        label=_("证件号码"), max_length=64, help_text=_("加密保存，页面上只显示首尾几位。")
    )
    identity = forms.FileField(
        label=_("证件扫描件"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs=ONE_FILE),
        help_text=ONE_FILE_HINT,
    )
    compared = forms.BooleanField(
        label=_("已核对证件与来人一致；邮寄的，已核对证件复印件与材料一致"),
        error_messages={"required": _("没有核对证件的，不能收件。")},
    )

    def __init__(self, *args: Any, records: list[tuple[DishonestyRecord, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["records"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (
                str(record.pk),
                f"{record}，{record.identifying_unit}，{record.decided_on:%Y-%m-%d}（{standing}）",
            )
            for record, standing in records
        ]


class PapersForm(forms.Form):
    kind = forms.ChoiceField(label=_("材料"), choices=MaterialKind.choices)
    uploads = SeveralFilesField(
        label=_("扫描件"), help_text=_("PDF、JPG 或 PNG，每个不超过10MB；信封可以作为其他材料上传。")
    )


class SignedForm(KeepsFiles, TypedCode):
    """What stands on the paper that was signed by hand."""

    files_field, purpose = "scan", "signed_commitment"
    files_needed = _("请上传签字（盖章）的信用修复承诺书扫描件。")

    signatory = forms.CharField(label=_("签署人姓名"), max_length=80)
    publication_consent = forms.TypedChoiceField(
        label=_("承诺书上勾选的公开意见"),
        choices=[("yes", _("同意公开")), ("no", _("不同意公开"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    scan = forms.FileField(
        label=_("签字（盖章）的承诺书扫描件"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs=ONE_FILE),
        help_text=ONE_FILE_HINT,
    )

    field_order = ["signatory", "code", "signed_on", "publication_consent", "scan"]

    def __init__(self, *args: Any, expected_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_code = expected_code


class CorrectionSentForm(forms.Form):
    received_on = forms.DateField(
        label=_("收到补正材料的日期"),
        widget=DayInput(),
        help_text=_("新的3个工作日从这一天起算。"),
        error_messages={"invalid": _("请输入真实存在的日期，例如 2026-06-01。")},
    )

    def __init__(self, *args: Any, today: date, told_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.told_on = today, told_on
        self.initial.setdefault("received_on", today)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("收到材料的日期不能晚于今天。"))
        if day < self.told_on:
            raise forms.ValidationError(
                _("收到补正材料的日期不能早于告知补正的日期（%(day)s）。"),
                params={"day": self.told_on.isoformat()},
            )
        return day


class ConfirmForm(forms.Form):
    confirmed = forms.BooleanField(label=_("当事人已书面表示撤回申请"))


class ProofForm(KeepsFiles):
    files_field, purpose = "scan", "proof_of_service"
    files_needed = _("请上传签收的送达回证扫描件；邮寄的，上传邮政签收凭证。")

    how = forms.ChoiceField(label=_("送达方式"), choices=ProofOfService.How.choices, widget=forms.RadioSelect)
    recipient = forms.CharField(label=_("签收人"), max_length=80)
    served_on = forms.DateField(
        label=_("送达日期"),
        widget=DayInput(),
        help_text=_("当面交付的日期；邮寄的，填写签收日期。"),
        error_messages={"invalid": _("请输入真实存在的日期，例如 2026-06-01。")},
    )
    tracking_number = forms.CharField(
        label=_("邮件号"), max_length=40, required=False, help_text=_("邮寄送达的必填。")
    )
    scan = forms.FileField(
        label=_("送达回证扫描件"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs=ONE_FILE),
        help_text=ONE_FILE_HINT,
    )
