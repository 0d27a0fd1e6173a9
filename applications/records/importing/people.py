"""Whom a row is about: the kind of subject, the document that names a person, the person's age."""

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applications.records.importing import cells
from applications.records.importing.refusal import Fault
from applications.subjects.identity import clean_document_number, is_of_age
from applications.subjects.models import Subject

_KINDS = {
    **dict.fromkeys(
        ["法人及非法人组织", "法人和非法人组织", "法人及其他组织", "法人和其他组织", "法人"],
        Subject.Kind.ORGANISATION,
    ),
    "个体工商户": Subject.Kind.INDIVIDUAL_BUSINESS,
    "自然人": Subject.Kind.NATURAL_PERSON,
}
_IDENTITY_TYPES = {
    "身份证": Subject.IdentityType.RESIDENT_ID,
    "护照号": Subject.IdentityType.PASSPORT,
    "港澳居民来往内地通行证": Subject.IdentityType.HK_MACAO_PERMIT,
    "台湾居民来往大陆通行证": Subject.IdentityType.TAIWAN_PERMIT,
    "外国人永久居留身份证": Subject.IdentityType.FOREIGN_RESIDENT_ID,
    "居民身份证": Subject.IdentityType.RESIDENT_ID,
    "护照": Subject.IdentityType.PASSPORT,
}
_OTHER_NAMED = re.compile(r"其他[-—–:(].+")


def read_kind(text: str) -> str:
    """A value of Subject.Kind."""
    kind = _KINDS.get(cells.fold(text))
    if kind is None:
        raise Fault(
            _("“%(text)s”不是行政相对人类别，应为法人及非法人组织、个体工商户、自然人之一。")
            % {"text": text[:40]}
        )
    return kind


def read_identity_type(text: str) -> str:
    """A value of Subject.IdentityType. The standard writes any other document as 其他-and what it is."""
    folded = cells.fold(text)
    found = _IDENTITY_TYPES.get(folded)
    if _OTHER_NAMED.fullmatch(folded):
        return Subject.IdentityType.OTHER
    if folded == cells.OTHER:
        raise Fault(_("请写明是什么证件，如“其他-军官证”。"))
    if found is None:
        raise Fault(
            _("不能识别证件类型“%(text)s”，应为%(known)s之一，或者写成“其他-证件名称”。")
            % {"text": text[:40], "known": "、".join(_IDENTITY_TYPES)}
        )
    return found


def read_number(identity_type: str, text: str) -> str:
    """The document's number; a masked one comes from a workbook of rejected rows."""
    if "*" in text:
        raise Fault(_("证件号码已遮盖（带 * 号），请按“原文件行号”对照原文件，填写完整的号码。"))
    return clean_document_number(identity_type, text)


def is_hidden_person(subject: dict[str, Any], decided_on: date) -> bool:
    """Whether a natural person was a minor at the decision, or the number does not say."""
    if subject["subject_kind"] != Subject.Kind.NATURAL_PERSON:
        return False
    return not is_of_age(subject["identity_number"], decided_on)
