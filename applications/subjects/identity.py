"""Codes that identify a credit subject: validation, masking, and protection of identity numbers at rest."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications import at_rest
from applications.at_rest.fields import EncryptedCharField as EncryptedCharField  # migrations name it here
from applications.database.parts import HasPart
from rules.codes import is_resident_id, is_uscc
from rules.periods import add_years
from rules.sameness import plain_code, plain_name

ADULT_AGE = 18


class PlainField(models.CharField[Any, Any]):
    """The comparable form (rules.sameness) of another field, written with it whenever the row is saved.

    Its model is a WithPlainForms; ``QuerySet.update`` does not come by here.
    """

    def __init__(self, *args: Any, source: str = "", form: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.source, self.form = source, form
        super().__init__(*args, **{"editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.form(getattr(model_instance, self.source))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value


PlainField.register_lookup(HasPart)


class WithPlainForms(models.Model):
    """A model with PlainFields: they are saved with their sources, also where only some fields are."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            named = {*update_fields}
            plain = (field for field in self._meta.concrete_fields if isinstance(field, PlainField))
            update_fields = named | {field.name for field in plain if field.source in named}
        super().save(*args, update_fields=update_fields, **kwargs)


def identity_digest(identity_type: str, number: str) -> at_rest.Digest:
    """Of a document's type and normalised number."""
    return at_rest.digest("identity number digest", f"{identity_type}:{plain_code(number)}")


def digest_of_document(identity_type: str, number: str) -> at_rest.Digest | None:
    """For a column: None where a row has no document."""
    return identity_digest(identity_type, number) if number else None


def clean_uscc(value: str, confirmed: Collection[str] = ()) -> str:
    """The compact form of a valid 统一社会信用代码 (GB 32100); otherwise a ValidationError that says what is wrong.

    ``confirmed``: compact codes that stand so on a licence although they fail (confirmations.confirmed_codes).
    """
    compact = plain_code(value).replace("-", "")
    if len(compact) != 18:
        raise ValidationError(
            _("统一社会信用代码应为18位，现有%(n)d位。请核对营业执照。"), params={"n": len(compact)}
        )
    if compact in confirmed:
        return compact
    if is_resident_id(compact):
        raise ValidationError(_("这里填的是自然人的身份证号码，不是统一社会信用代码。"))
    if not is_uscc(compact):
        raise ValidationError(
            _("统一社会信用代码的校验位不正确，请核对是否有输错的字符（代码中没有 I、O、S、V、Z）。")
        )
    return compact


def clean_resident_id(value: str) -> str:
    """The compact form of a valid 公民身份号码 (GB 11643); otherwise a ValidationError that says what is wrong."""
    compact = plain_code(value)
    if len(compact) != 18:
        raise ValidationError(_("身份证号码应为18位，现有%(n)d位。"), params={"n": len(compact)})
    if not is_resident_id(compact):
        raise ValidationError(_("身份证号码不正确：出生日期或校验位有误，请核对。"))
    return compact


def clean_document_number(identity_type: str, value: str) -> str:
    """The compact form of an identity document's number; a ValidationError that says what is wrong."""
    if identity_type == "resident_id":
        return clean_resident_id(value)
    compact = plain_code(value)
    if identity_type == "other":
        # 其他-…: whatever the paper is, as it is written on it.
        if not (3 <= len(compact) <= 64 and compact.isprintable()):
            raise ValidationError(_("证件号码应为3至64个字，请照证件填写。"))
        return compact
    if not (5 <= len(compact) <= 20 and compact.isascii() and compact.isalnum()):
        raise ValidationError(_("证件号码应为5至20位字母和数字，请照证件填写。"))
    return compact


def is_of_age(identity_number: str, on: date) -> bool:
    """Whether the number says that a natural person was an adult on a day: that of a resident ID, or of the foreigners' card
    of 2023, which is built alike. False where the person was not, and where the number does not say."""
    if not re.fullmatch(r"\d{17}[\dX]", identity_number):
        return False
    try:
        born = date(int(identity_number[6:10]), int(identity_number[10:12]), int(identity_number[12:14]))
    except ValueError:
        return False
    # A year of age is complete when the birthday is over.
    return on > add_years(born, ADULT_AGE)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same to a person's eye (rules.sameness.plain_name)."""
    return one == other or plain_name(one) == plain_name(other)
