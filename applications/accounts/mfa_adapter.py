"""What the portal decides for the second factor of django-allauth: its words, its drawing, its secrets at rest."""

from io import BytesIO

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext_lazy as _

from applications import at_rest


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("现在不能关闭两步验证。"),
        "cannot_generate_recovery_codes": _("请先开启两步验证，再生成备用码。"),
        "incorrect_code": _("验证码不正确，或者已经过期。请填写验证器应用现在显示的6位数字。"),
        "unverified_email": _("请先确认您的电子邮箱，再开启两步验证。"),
    }

    def build_totp_svg(self, url: str) -> str:
        out = BytesIO()
        segno.make(url, micro=False).save(out, kind="svg", scale=4, xmldecl=False)
        return out.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return at_rest.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return at_rest.decrypt(encrypted_text.encode()).decode()
