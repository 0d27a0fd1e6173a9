from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.documents.numbering import clean_verification_code
from applications.documents.remedies import in_force
from applications.organs.models import Organ

MAX_MEGABYTES = 20


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("核验码"),
        help_text=_("文书末页二维码旁的16位字符，例如 7KQM-2XPA-9DWT-RH4C。大小写和连字符都不影响。"),
        max_length=60,
        error_messages={"required": _("请输入核验码，它印在文书末页的二维码旁。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )

    def clean_code(self) -> str:
        code = clean_verification_code(self.cleaned_data["code"])
        if code is None:
            raise ValidationError(
                _("核验码应为16位，由数字2–9和英文字母组成，其中没有 0、1、I、L、O。请对照文书重新输入。")
            )
        return code


class CompareForm(forms.Form):
    pdf = forms.FileField(
        label=_("您收到的PDF文件"),
        help_text=_("最大20 MB。文件只用来计算摘要，不会保存。"),
        allow_empty_file=True,
        error_messages={"required": _("请选择要比对的PDF文件。")},
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"}),
    )

    def clean_pdf(self) -> UploadedFile[bytes]:
        upload: UploadedFile[bytes] = self.cleaned_data["pdf"]
        if not upload.size:
            raise ValidationError(_("“%(name)s”是空文件。请重新选择。"), params={"name": upload.name})
        if upload.size > MAX_MEGABYTES * 1024 * 1024:
            raise ValidationError(
                _("“%(name)s”超过%(n)d MB，不会是本系统签发的文书。请核对所选文件。"),
                params={"name": upload.name, "n": MAX_MEGABYTES},
            )
        if upload.read(5) != b"%PDF-":
            raise ValidationError(
                _("“%(name)s”不是PDF文件。请选择收到的PDF原件，照片和扫描件请用上面的要点逐项对照。"),
                params={"name": upload.name},
            )
        upload.seek(0)
        return upload


class RemediesForm(forms.Form):
    """The bodies of one of ``organs``, from a day on; begun with what holds of the one that the address names."""

    organ = forms.ModelChoiceField(
        label=_("机构"),
        queryset=Organ.objects.none(),
        error_messages={"invalid_choice": _("只能为自己维护的机构提出，请重新选择。")},
    )
    authority = forms.CharField(
        label=_("行政复议机关"),
        max_length=100,
        help_text=_(
            "全称。对县级以上地方人民政府工作部门的决定不服的，一般是本级人民政府（行政复议法第二十四条）"
        ),
        error_messages={"required": _("请填写行政复议机关的全称。")},
    )
    court = forms.CharField(
        label=_("管辖法院"),
        max_length=100,
        help_text=_("全称。行政案件实行集中管辖或者跨区域管辖的地方，填写实际管辖的法院"),
        error_messages={"required": _("请填写管辖法院的全称。")},
    )
    effective_from = forms.DateField(
        label=_("生效日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("自这一天起签发的文书照此写明，不能早于今天；复核晚于这一天的，自复核之日起"),
        error_messages={
            "required": _("请填写生效日期。"),
            "invalid": _("日期不正确，请按 2026-12-01 填写。"),
        },
    )

    def __init__(self, data: Any, *, organs: QuerySet[Organ], organ: str, on: date) -> None:
        begun = organs.filter(pk=organ).first() if organ.isascii() and organ.isdigit() else None
        held = in_force(begun, on) if begun else None
        super().__init__(
            data,
            initial={
                "organ": begun,
                "authority": held.authority if held else "",
                "court": held.court if held else "",
                "effective_from": on,
            },
        )
        self.fields["organ"].queryset = organs  # type: ignore[attr-defined]
