from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.form_helper import helper
from applications.repairs.services.drafts import is_mistyped
from rules.sameness import plain_code, plain_number


class TrackForm(forms.Form):
    """The two things printed on a receipt that open a case's public progress page."""

    number = forms.CharField(
        label=_("办件编号"),
        help_text=_("印在回执上，例如 XF-320100-2026-004217-7。"),
        max_length=60,
        error_messages={"required": _("请输入办件编号，它印在回执和受理通知书上。")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label=_("查询码"),
        help_text=_("6位数字，印在回执上。"),
        max_length=20,
        error_messages={"required": _("请输入回执上的6位查询码。")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = helper(_("查询"))

    def clean_number(self) -> str:
        number = plain_number(self.cleaned_data["number"])
        if is_mistyped(number):
            raise forms.ValidationError(_("办件编号有数字输错或者颠倒了，请对照回执逐位检查。"))
        return number

    def clean_code(self) -> str:
        code = plain_code(self.cleaned_data["code"])
        if not (len(code) == 6 and code.isascii() and code.isdecimal()):
            raise forms.ValidationError(_("查询码是6位数字，请对照回执重新输入。"))
        return code


class ReminderForm(forms.Form):
    """Where a visitor of the self-check wants to be reminded."""

    email = forms.EmailField(
        label=_("电子邮箱"),
        help_text=_("例如 name@example.com。先收到一封中文的确认邮件，确认以后才登记。"),
        max_length=254,
        error_messages={
            "required": _("请填写接收提醒的电子邮箱。"),
            "invalid": _("电子邮箱的格式不对，应当像 name@example.com。"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = helper(_("发送确认邮件"))
