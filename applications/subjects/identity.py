"""Codes that identify a credit subject: validation, masking, and protection of identity numbers at rest."""

import base64
import hashlib
import hmac
from functools import cache
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc


def _key(purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=settings.FIELD_KEY.encode()[:64], digest_size=32).digest()


@cache
def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("identity number at rest")))


class EncryptedCharField(models.TextField):
    """Text that is encrypted in the database and plain in Python. It cannot be searched; keep a digest for that."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return _cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return _cipher().decrypt(value.encode()).decode() if value else value


def identity_digest(identity_type: str, number: str) -> str:
    """Keyed SHA-256, 64 hexadecimal digits, of a document's type and normalised number."""
    message = f"{identity_type}:{number.strip().upper()}"
    return hmac.new(_key("identity number digest"), message.encode(), hashlib.sha256).hexdigest()


def clean_uscc(value: str) -> str:
    """The compact form of a valid 统一社会信用代码 (GB 32100); otherwise a ValidationError that says what is wrong."""
    compact = value.strip().upper().replace(" ", "").replace("-", "")
    if len(compact) != 18:
        raise ValidationError(
            _("统一社会信用代码应为18位，现有%(n)d位。请核对营业执照。"), params={"n": len(compact)}
        )
    if not uscc.is_valid(compact):
        raise ValidationError(
            _("统一社会信用代码的校验位不正确，请核对是否有输错的字符（代码中没有 I、O、S、V、Z）。")
        )
    return compact


def clean_resident_id(value: str) -> str:
    """The compact form of a valid 公民身份号码 (GB 11643); otherwise a ValidationError that says what is wrong."""
    compact = value.strip().upper().replace(" ", "")
    if len(compact) != 18:
        raise ValidationError(_("身份证号码应为18位，现有%(n)d位。"), params={"n": len(compact)})
    # python-stdnum also wants a known place of birth; codes of abolished counties stay valid in law.
    try:
        ric.get_birth_date(compact)
        if ric.calc_check_digit(compact[:-1]) != compact[-1]:
            raise ValueError
    except Exception:
        raise ValidationError(_("身份证号码不正确：出生日期或校验位有误，请核对。")) from None
    return compact


def mask_name(name: str) -> str:
    """张三 → 张*, 张小明 → 张*明."""
    if len(name) <= 1:
        return "*"
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def mask_identity(number: str) -> str:
    """First four and last four characters stay: 3201**********1234."""
    return number[:4] + "*" * max(0, len(number) - 8) + number[-4:] if len(number) > 8 else "*" * len(number)
