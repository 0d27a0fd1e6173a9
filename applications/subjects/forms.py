from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.subjects.confirmations import confirmed_codes
from applications.subjects.identity import clean_document_number, clean_uscc
from applications.subjects.models import Subject, SubjectChange


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("您要为谁办理？"),
        choices=Subject.Kind,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。"), "invalid_choice": _("请选择一项。")},
    )


class PersonClaimForm(forms.Form):
    """Name and identity document of a natural person."""

    name = forms.CharField(
        label=_("姓名"),
        max_length=200,
        help_text=_("与证件上的姓名一致。"),
        error_messages={"required": _("请填写姓名。")},
    )
    identity_type = forms.ChoiceField(label=_("证件类型"), choices=Subject.IdentityType)
    code = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        help_text=_("只用来与失信记录核对，加密保存，不会公开。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请填写证件号码。")},
    )

    def clean_code(self) -> str:
        return clean_document_number(self.cleaned_data.get("identity_type", ""), self.cleaned_data["code"])


class OrganisationClaimForm(KeepsFiles):
    """Name, code and proof of an organisation or individual business."""

    files_field, purpose = "proof", "claim-proof"
    files_needed = _("请上传营业执照或登记证书。")

    name = forms.CharField(
        label=_("名称"),
        max_length=200,
        help_text=_("与营业执照或登记证书上的名称一致。"),
        error_messages={"required": _("请填写名称。")},
    )
    code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=40,
        help_text=_("18位，印在营业执照或登记证书上。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请填写统一社会信用代码。")},
    )
    proof = forms.FileField(
        label=_("营业执照或登记证书"),
        required=False,
        allow_empty_file=True,
        help_text=_("加盖公章的复印件的扫描件或照片。PDF、JPG 或 PNG，不超过10 MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
    )

    def clean_code(self) -> str:
        return clean_uscc(self.cleaned_data["code"], confirmed_codes())


class RejectionForm(forms.Form):
    reason = forms.CharField(
        label=_("不予通过的原因"),
        max_length=500,
        help_text=_("申请人会看到。请写明哪里不符、怎样改正。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明不予通过的原因，申请人会看到。")},
    )


class ChangeForm(KeepsFiles):
    """What became of a subject, with the registration authority's paper."""

    files_field, purpose = "proof", "subject-change"
    files_needed = _("请上传登记机关的变更证明。")

    kind = forms.ChoiceField(label=_("变更"), choices=SubjectChange.Kind, widget=forms.RadioSelect)
    new_name = forms.CharField(
        label=_("新名称"), max_length=200, required=False, help_text=_("更名的填写，与新的营业执照一致。")
    )
    successor = forms.CharField(
        label=_("承继的主体的统一社会信用代码"),
        max_length=40,
        required=False,
        help_text=_("合并、分立的填写；分立为几个主体的，逐个登记。"),
    )
    changed_on = forms.DateField(label=_("变更日期"), widget=DayInput())
    document_number = forms.CharField(label=_("登记机关文号"), max_length=128, required=False)
    proof = forms.FileField(
        label=_("登记机关的变更证明"),
        required=False,
        allow_empty_file=True,
        help_text=_("PDF、JPG 或 PNG，不超过10MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
    )

    def clean_successor(self) -> Subject | None:
        code = self.cleaned_data["successor"]
        if not code:
            return None
        found = Subject.objects.filter(uscc=clean_uscc(code, confirmed_codes())).first()
        if found is None:
            raise ValidationError(_("信用主体中没有这个代码。承继的主体须先有记录或者经过认领。"))
        return found
