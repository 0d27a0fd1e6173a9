from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.accounts.form_helper import helper
from applications.notifications.phones import DIGITS, plain_mobile


class PhoneForm(forms.Form):
    """The mobile telephone to which a code is sent."""

    number = forms.CharField(
        label=_("手机号码"),
        help_text=_("11位，例如 13812345678。系统先发一条验证码短信，输入验证码以后才发送其他短信。"),
        max_length=30,
        error_messages={"required": _("请填写手机号码。")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("获取验证码"))
        self.helper.form_action = reverse("notifications:phone")

    def clean_number(self) -> str:
        return plain_mobile(self.cleaned_data["number"])


class CodeForm(forms.Form):
    """The code of the SMS."""

    code = forms.CharField(
        label=_("验证码"),
        help_text=_("短信中的6位数字，10分钟内有效。"),
        max_length=20,
        error_messages={"required": _("请输入短信中的6位验证码。")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("确认手机号码"))
        self.helper.form_action = reverse("notifications:phone_code")

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if not (len(code) == DIGITS and code.isascii() and code.isdecimal()):
            raise forms.ValidationError(_("验证码是6位数字，请对照短信重新输入。"))
        return code
