"""What an officer fills in about papers that came at the window or by post (Article 19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.examining import examined
from applications.accounts.kept_files import KeepsFiles, SeveralFilesField
from applications.accounts.models import User
from applications.files import pending
from applications.files.inspection import Inspected
from applications.masking import mask_phone
from applications.records.models import DishonestyRecord
from applications.repairs.forms import ContactForm, CorrectionAnswerForm
from applications.repairs.models import CorrectionItem, MaterialKind, ProofOfService, Reception
from applications.repairs.services.drafts import MAX_FILES
from applications.repairs.signing_forms import TypedCode
from applications.subjects.models import Subject

ONE_FILE = {"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}
ONE_FILE_HINT = _("PDF、JPG 或 PNG，不超过10MB。")


class WindowContactForm(ContactForm):
    """Who is to be called. A telephone that is kept already is shown masked (accounts.revealing), and stays where none is typed."""

    def __init__(self, *args: Any, stored: str, revealed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        if stored:
            self.fields["phone"].required = False
            if revealed:
                self.initial["phone"] = stored
            else:
                self.fields["phone"].help_text = _(
                    "已登记 %(phone)s。不更改的留空；更改的填写新的完整号码。"
                ) % {"phone": mask_phone(stored)}

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        return typed or self.stored


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
        error_messages={
            "required": _("请至少选择一条失信行为信息。"),
            "invalid_choice": _("所选的信息（%(value)s）现在不能收件，请按本页列出的信息重新选择。"),
        },
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


@dataclass(frozen=True, slots=True)
class KeptAt:
    """A good file that waits, and the field for which it came."""

    field: str
    asked: str
    file: Inspected

    @property
    def name(self) -> str:
        return f"{self.asked}：{self.file.name}"

    @property
    def pages(self) -> int:
        return self.file.pages


class CorrectionSentForm(forms.Form):
    """The answers to all items of a correction with their papers, and the day on which they came.

    Good files wait while something else is put right, as those of KeepsFiles do, each at its item; of a valid form
    ``cleaned_data`` has them examined.
    """

    # Where the page shows what waits (includes/kept_files.html).
    files_field, purpose, most = "received_on", "correction_sent", MAX_FILES

    received_on = forms.DateField(
        label=_("收到补正材料的日期"),
        widget=DayInput(),
        help_text=_("新的3个工作日从这一天起算。"),
        error_messages={"invalid": _("请输入真实存在的日期，例如 2026-06-01。")},
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        items: Sequence[CorrectionItem],
        today: date,
        told_on: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today, self.told_on = user, today, told_on
        self.initial.setdefault("received_on", today)
        self.asked: dict[str, str] = {}
        for number, item in enumerate(items, 1):
            self.asked[f"uploads_{item.pk}"] = _("第%(n)d项") % {"n": number}
            words = f"{number}. {item.get_material_kind_display()}：{item.defect} {item.requirement}"
            for name, field in CorrectionAnswerForm(item=item).fields.items():
                field.label = f"{words}（{field.label}）"
                self.fields[f"{name}_{item.pk}"] = field
        self.kept_reference = ""
        self.kept = self._waiting()

    def _waiting(self) -> list[KeptAt]:
        found = pending.find_examined(self.data.get("kept", ""), user=self.user, purpose=self.purpose)
        posted = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        places, dropped = posted.getlist("kept_at"), posted.getlist("dropped")
        return [
            KeptAt(place, self.asked[place], file)
            for at, (place, file) in enumerate(zip(places, found, strict=False))
            if place in self.asked and str(at) not in dropped
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, asked in self.asked.items():
            for upload in cleaned.get(name) or []:
                try:
                    self.kept.append(KeptAt(name, asked, examined(upload, user=self.user)))
                except ValidationError as refused:
                    self.add_error(name, refused)
            if name not in self.errors:
                cleaned[name] = [each.file for each in self.kept if each.field == name]
        return cleaned

    def keep_files(self) -> None:
        """Let the good files wait until the form is right; called where the form is shown again."""
        if not self.kept:
            return
        files = [each.file for each in self.kept]
        self.kept_reference = pending.keep_examined(files, user=self.user, purpose=self.purpose)
        if not self.kept_reference:
            for each in self.kept:
                self.add_error(
                    each.field,
                    _("“%(name)s”没有保留下来。请改正其他各项后再选择一次这个文件。")
                    % {"name": each.file.name},
                )
            self.kept = []

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
