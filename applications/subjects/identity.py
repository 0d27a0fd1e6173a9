"""Codes that identify a credit subject: validation, masking, and protection of identity numbers at rest."""

import hashlib
import hmac
import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidFormat
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.util import isdigits

from applications import at_rest


class EncryptedCharField(models.TextField[Any, Any]):
    """Text that is encrypted in the database and plain in Python. It cannot be searched; keep a digest for that."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return at_rest.encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return at_rest.decrypt(value.encode()).decode() if value else value


def identity_digest(identity_type: str, number: str) -> str:
    """Keyed SHA-256, 64 hexadecimal digits, of a document's type and normalised number."""
    message = f"{identity_type}:{_compact(number)}"
    return hmac.new(at_rest.key("identity number digest"), message.encode(), hashlib.sha256).hexdigest()


def _compact(value: str) -> str:
    """Capital letters without spaces, and plain ones where a Chinese keyboard typed wide ones."""
    return "".join(unicodedata.normalize("NFKC", value).upper().split())


def clean_uscc(value: str) -> str:
    """The compact form of a valid 统一社会信用代码 (GB 32100); otherwise a ValidationError that says what is wrong."""
    compact = _compact(value).replace("-", "")
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
    compact = _compact(value)
    if len(compact) != 18:
        raise ValidationError(_("身份证号码应为18位，现有%(n)d位。"), params={"n": len(compact)})
    # python-stdnum also wants a known place of birth; codes of abolished counties stay valid in law.
    try:
        if not (isdigits(compact[:-1]) and ric.calc_check_digit(compact) == compact[-1]):
            raise InvalidFormat
        ric.get_birth_date(compact)
    except StdnumError:
        raise ValidationError(_("身份证号码不正确：出生日期或校验位有误，请核对。")) from None
    return compact


def clean_document_number(identity_type: str, value: str) -> str:
    """The compact form of an identity document's number; a ValidationError that says what is wrong."""
    if identity_type == "resident_id":
        return clean_resident_id(value)
    compact = _compact(value)
    if not (5 <= len(compact) <= 20 and compact.isascii() and compact.isalnum()):
        raise ValidationError(_("证件号码应为5至20位字母和数字，请照证件填写。"))
    return compact


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same to a person's eye: width, case, spaces and kinds of middle dot aside."""

    def plain(name: str) -> str:
        text = unicodedata.normalize("NFKC", name).casefold()
        return "".join("·" if c in "·•・‧∙⋅." else c for c in text if not c.isspace())

    return plain(one) == plain(other)


def mask_name(name: str) -> str:
    """张三 → 张*, 张小明 → 张*明."""
    if len(name) <= 1:
        return "*"
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def mask_identity(number: str) -> str:
    """The ends stay, at most half of it: 3201**********1234, E1*****78. Nothing of what is shorter than nine."""
    shown = 4 if len(number) >= 15 else 2 if len(number) > 8 else 0
    return number[:shown] + "*" * (len(number) - 2 * shown) + number[len(number) - shown :]


# Resident IDs of 18 and 15 digits by the birthday in them, passports and travel permits by their letter, mobile phones.
_NUMBERS_IN_TEXT = re.compile(
    r"""(?<![0-9A-Za-z])(?:
        \d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]
      | \d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}
      | (?:[EGDSPHMCeghdspmc]\d{8} | [Ee][A-Za-z]\d{7})
      | 1[3-9]\d{9}
    )(?![0-9A-Za-z])""",
    re.VERBOSE,
)


# Digits and letters as a Chinese keyboard types them.
_WIDE = {
    wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}


def mask_numbers(text: str) -> str:
    """The text with every number in it masked that looks like a person's: identity documents and mobile phones."""

    def masked(found: re.Match[str]) -> str:
        number = found[0]
        # A company's code may look like a resident ID: its own check digit tells, unless both fit.
        company = uscc.is_valid(number) and ric.calc_check_digit(number) != number[-1]
        return number if company else mask_identity(number)

    plain = text.translate(_WIDE)
    result = _NUMBERS_IN_TEXT.sub(masked, plain)
    return text if result == plain else result
