from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from applications.documents.numbering import clean_verification_code

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
