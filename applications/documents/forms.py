import hashlib
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.accounts.kept_files import KeepsFiles
from applications.documents.asking import Question, understand
from applications.documents.remedies import in_force
from applications.documents.seal_pictures import LARGEST, SMALLEST, check_measures
from applications.organs.models import Organ

MAX_MEGABYTES = 20


class AskForm(forms.Form):
    """A number or code, a PDF, or both. In a browser that can, the PDF stays there and its digest comes instead."""

    code = forms.CharField(
        label=_("文书上的编号或者核验码"),
        required=False,
        help_text=_(
            "核验码是末页二维码旁的16位字符，例如 7KQM-2XPA-9DWT-RH4C；也可以输入文号、报告编号、办件编号。"
            "大小写、全角半角、空格、连字符和括号的样式都不影响。"
        ),
        max_length=120,
        error_messages={
            "max_length": _("编号不超过%(limit_value)d个字符，现有%(show_value)d个。请只输入一个编号。")
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    pdf = forms.FileField(
        label=_("收到的PDF文件（可以不选）"),
        required=False,
        help_text=_("最大20 MB，可以把文件拖到这里。文件只用来计算摘要，不会保存。"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
    )
    sha256 = forms.RegexField(regex="^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def clean_code(self) -> Question | None:
        typed = self.cleaned_data["code"].strip()
        return understand(typed) if typed else None

    def clean_pdf(self) -> UploadedFile[bytes] | None:
        upload: UploadedFile[bytes] | None = self.cleaned_data["pdf"]
        if upload is None:
            return None
        if not upload.size:
            raise ValidationError(_("“%(name)s”是空文件。请重新选择。"), params={"name": upload.name})
        if upload.size > MAX_MEGABYTES * 1024 * 1024:
            raise ValidationError(
                _("“%(name)s”超过%(n)d MB，不会是本系统签发的文书。请核对所选文件。"),
                params={"name": upload.name, "n": MAX_MEGABYTES},
            )
        if upload.read(5) != b"%PDF-":
            raise ValidationError(
                _("“%(name)s”不是PDF文件。请选择收到的PDF原件；照片和扫描件请输入核验码，查到后逐项对照。"),
                params={"name": upload.name},
            )
        upload.seek(0)
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not (data["code"] or data["pdf"] or data["sha256"]):
            self.add_error("code", _("请输入文书上的编号或者核验码，或者选择收到的PDF文件。"))
        return data

    def digest(self) -> str:
        """The SHA-256 of the PDF, empty without one."""
        upload = self.cleaned_data["pdf"]
        if upload is None:
            digest: str = self.cleaned_data["sha256"]
            return digest
        counted = hashlib.sha256()
        for chunk in upload.chunks():
            counted.update(chunk)
        return counted.hexdigest()


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


class SealForm(KeepsFiles):
    files_field, purpose = "picture", "seal"
    files_needed = _("请上传印章图样。")

    picture = forms.FileField(
        label=_("印章图样"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "背景透明的 PNG：用彩色扫描（600 dpi）盖在白纸上的印章，抠去底色。红色、正圆，去掉四周空白后至少400像素宽。"
            "系统裁去四周的空白，重新编码后保存。"
        ),
        widget=forms.FileInput(attrs={"accept": ".png,image/png"}),
    )
    millimetres = forms.IntegerField(
        label=_("印章直径（毫米）"),
        min_value=SMALLEST,
        max_value=LARGEST,
        help_text=_("量印章实物的直径，文书照这个尺寸印出。"),
        error_messages={
            "required": _("请填写印章实物的直径。"),
            "invalid": _("请填写整数，例如 42。"),
            "min_value": _("印章直径不小于%(limit_value)s毫米，请按实物填写。"),
            "max_value": _("印章直径不超过%(limit_value)s毫米，请按实物填写。"),
        },
    )

    def clean_picture(self) -> UploadedFile[bytes] | None:
        upload: UploadedFile[bytes] | None = self.cleaned_data["picture"]
        if upload:
            check_measures(upload)
        return upload


class SealWithdrawalForm(forms.Form):
    grounds = forms.CharField(
        label=_("停用原因"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如印章遗失、损坏、更换，或者单位更名。"),
        error_messages={"required": _("请写明停用的原因。")},
    )
