from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.language import day_in_words
from applications.subjects.confirmations import confirmed_codes
from applications.subjects.identity import clean_document_number, clean_uscc
from applications.subjects.models import Capacity, Subject, SubjectChange
from applications.subjects.services.claiming import capacities_for
from rules.acting import acting

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("您要为谁办理？"),
        choices=Subject.Kind,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。"), "invalid_choice": _("请选择一项。")},
    )


def proof_field(label: "StrOrPromise", help_text: "StrOrPromise") -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        allow_empty_file=True,
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
    )


class OrganisationForm(KeepsFiles):
    """Name, code and paper of an organisation or individual business."""

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
    proof = proof_field(
        _("营业执照或登记证书"),
        _(
            "加盖公章的复印件的扫描件或照片；代理的，加上加盖公章的授权委托书，合成一个文件。"
            "PDF、JPG 或 PNG，不超过10 MB。"
        ),
    )

    def clean_code(self) -> str:
        return clean_uscc(self.cleaned_data["code"], confirmed_codes())


class ClaimForm(KeepsFiles):
    """Who acts, for whom, in which capacity, and the paper that proves it."""

    files_field, purpose = "proof", "claim-proof"

    capacity = forms.ChoiceField(
        label=_("您的身份"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择您以什么身份办理。"), "invalid_choice": _("请选择一项。")},
    )
    scope = forms.ChoiceField(
        label=_("委托办理什么"),
        choices=[("all", _("全部信用修复事项")), ("one", _("只办理一条失信记录"))],
        widget=forms.RadioSelect,
        required=False,
        help_text=_("代理人填写，照授权委托书。"),
    )
    scope_document = forms.CharField(
        label=_("这条记录的决定书文号"),
        max_length=128,
        required=False,
        help_text=_("只办理一条的填写，例如：宁市监处罚〔2026〕15号。"),
    )
    ends_on = forms.DateField(
        label=_("授权截止日期"), required=False, widget=DayInput(), help_text=_("代理人填写，照授权委托书。")
    )

    def __init__(self, *args: Any, kind: str, today: date, keeps_proof: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capacity"].choices = [  # type: ignore[attr-defined]
            (each.value, each.label) for each in capacities_for(kind)
        ]
        last = acting().last_end(today)
        self.fields["ends_on"].help_text = _("代理人填写，照授权委托书，最晚到%(last)s。") % {
            "last": day_in_words(last)
        }
        if keeps_proof:
            # What was handed in stays, unless another is chosen.
            self.files_needed = ""  # type: ignore[misc]
            self.fields["proof"].help_text = _("不换的不用再选。PDF、JPG 或 PNG，不超过10 MB。")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("capacity") != Capacity.AGENT:
            cleaned |= {"scope_document": "", "ends_on": None}
        elif "ends_on" not in self.errors and not cleaned.get("ends_on"):
            self.add_error("ends_on", _("请填写授权委托书的截止日期。"))
        scope = cleaned.pop("scope", "")
        if cleaned.get("capacity") == Capacity.AGENT:
            if not scope and "scope" not in self.errors:
                self.add_error("scope", _("请选择委托办理什么。"))
            elif scope == "all":
                cleaned["scope_document"] = ""
            elif scope == "one" and not cleaned.get("scope_document"):
                self.add_error("scope_document", _("请填写这条记录的决定书文号。"))
        return cleaned


class PersonClaimForm(ClaimForm):
    """Name and identity document of a natural person."""

    files_needed = _("请上传身份证件。")
    field_order = ["capacity", "name", "identity_type", "code", "scope", "scope_document", "ends_on", "proof"]

    name = forms.CharField(
        label=_("姓名"),
        max_length=200,
        help_text=_("失信记录所记的人的姓名，与证件一致。"),
        error_messages={"required": _("请填写姓名。")},
    )
    identity_type = forms.ChoiceField(label=_("证件类型"), choices=Subject.IdentityType)
    code = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        help_text=_("只用来核对，加密保存，不会公开。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请填写证件号码。")},
    )
    proof = proof_field(
        _("身份证件"),
        _("证件两面的扫描件或照片；代理的，加上授权委托书，合成一个文件。PDF、JPG 或 PNG，不超过10 MB。"),
    )

    def clean_code(self) -> str:
        return clean_document_number(self.cleaned_data.get("identity_type", ""), self.cleaned_data["code"])


class OrganisationClaimForm(ClaimForm, OrganisationForm):
    field_order = ["capacity", "name", "code", "scope", "scope_document", "ends_on", "proof"]


def claim_form(kind: str) -> type[PersonClaimForm] | type[OrganisationClaimForm]:
    return PersonClaimForm if kind == Subject.Kind.NATURAL_PERSON else OrganisationClaimForm


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("原因（可以不填）"),
        max_length=200,
        required=False,
        help_text=_("对方会看到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RejectionForm(forms.Form):
    reason = forms.CharField(
        label=_("不予通过的原因"),
        max_length=500,
        help_text=_("申请人会看到。请写明哪里不符。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明不予通过的原因，申请人会看到。")},
    )
    advice = forms.CharField(
        label=_("请申请人怎么做"),
        max_length=500,
        required=False,
        help_text=_("例如：请上传在有效期内的营业执照。不填的，只告知可以改正后重新认领或者到窗口办理。"),
        widget=forms.Textarea(attrs={"rows": 3}),
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
