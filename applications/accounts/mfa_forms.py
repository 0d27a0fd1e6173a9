"""The forms of the second factor, in the portal's words."""

from typing import Any

from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _


def _reword(form: Any, help_text: Any) -> None:
    field = form.fields["code"]
    field.label, field.help_text = _("验证码"), help_text
    field.error_messages["required"] = _("请填写验证码。")
    field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


class AuthenticateForm(base.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, _("验证器应用现在显示的6位数字；手机不在身边的，填写一个没有用过的备用码。"))


class ReauthenticateForm(base.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, _("验证器应用现在显示的6位数字；手机不在身边的，填写一个没有用过的备用码。"))


class ActivateForm(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, _("扫描以后，应用里显示的6位数字。"))
