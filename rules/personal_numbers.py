"""Numbers that belong to a person, found in a text: identity documents and telephones.

Each is either certain (its check character fits, or the words before it say what it is) or only looks like one.
Document numbers, amounts, codes of organisations and registration numbers are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.codes import (
    is_old_resident_id,
    is_organisation_code,
    is_resident_id,
    is_uscc,
)
from rules.sameness import plain_code

RESIDENT_ID, TRAVEL, MOBILE, LANDLINE = "resident_id", "travel_document", "mobile", "landline"

_BIRTHDAY = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_NUMBER = re.compile(
    rf"""
    (?:(?:电话|座机|传真|[Tt][Ee][Ll])(?:号码|号)?[ ]?[:：为是]?[ ]?)
        (?P<{LANDLINE}>\(?0[0-9]{{2,3}}\)?[ -]?[2-9][0-9]{{6,7}}|[2-9][0-9]{{6,7}})(?![0-9A-Za-z])
  | (?<![0-9A-Za-z])(?:
        (?P<{RESIDENT_ID}>[0-9]{{6}}[ -]?{_BIRTHDAY}[ -]?[0-9]{{3}}[0-9Xx]
          | [0-9]{{8}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{3}})
      | (?P<{TRAVEL}>[EGDSPHMCeghdspmc][0-9]{{8}} | [Ee][A-Za-z][0-9]{{7}} | [HMhm][0-9]{{10}})
      | (?P<{MOBILE}>(?:\+?86[ -]?)?1[3-9][0-9](?:[0-9]{{8}} | [ -][0-9]{{4}}[ -][0-9]{{4}}))
    )(?![0-9A-Za-z])
    """,
    re.VERBOSE,
)
# Seven digits are the least that any of them has; most texts have fewer and are done with this.
_ENOUGH_DIGITS = re.compile(r"\d(?:[\W_]?[\dXx]){6}")
# Torn apart by a space, the end of a line or a sign anywhere; then only the check character tells.
_TORN = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[\W_]?[0-9]){16}[\W_]?[0-9Xx](?![0-9A-Za-z])")
# Digits and letters as a Chinese keyboard types them.
_WIDE = {
    wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_SAYS_PERSON = re.compile(r"身份证|护照|通行证|证件|回乡证|台胞证|居留|手机|电话|联系方式|号码")
_SAYS_THING = re.compile(
    r"(?:批号|批次|编号|单号|许可证号?|注册号|登记号|文号|货号|型号|账号|条码|商品码)[:：为是]?\s*$"
)
_QUANTITY = re.compile(r"(?:\.[0-9]+)?\s*(?:[十百千万亿]|元|[余多]|吨|公斤|千克|克|升|件|个|台|只|份|平方米)")
_DATE = re.compile(rf"[A-Za-z]{_BIRTHDAY}")


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """``text[start:end]`` is the number; ``kind`` one of the four above; ``certain`` as the module says."""

    kind: str
    start: int
    end: int
    certain: bool


def narrow(text: str) -> str:
    """The text with half-width digits and letters, place by place."""
    return text if text.isascii() else text.translate(_WIDE)


def find_personal_numbers(text: str) -> list[PersonalNumber]:
    """Every number of a person in the text, in order. Places are the same in the narrow form of the text."""
    if not _ENOUGH_DIGITS.search(text):
        return []
    plain = narrow(text)
    found = list(_find(plain))
    for match in _TORN.finditer(plain):
        if is_resident_id(re.sub(r"[\W_]", "", match[0])):
            start, end = match.span()
            found = [each for each in found if each.end <= start or each.start >= end]
            found.append(PersonalNumber(RESIDENT_ID, start, end, certain=True))
    return sorted(found, key=lambda each: each.start)


def _find(text: str) -> Iterator[PersonalNumber]:
    for match in _NUMBER.finditer(text):
        kind = match.lastgroup or ""
        start, end = match.span(kind)
        certain = _is_certain(kind, match[kind], text[max(0, start - 12) : start], text[end : end + 6])
        if certain is not None:
            yield PersonalNumber(kind, start, end, certain)


def _is_certain(kind: str, written: str, before: str, after: str) -> bool | None:
    """None: this is no number of a person."""
    number = re.sub(r"[ -]", "", written).upper()
    if kind == LANDLINE:
        return True
    if kind == RESIDENT_ID and len(number) == 18:
        # A company's code may look like a resident's number: its own check character tells, unless both fit.
        return True if is_resident_id(number) else None if is_uscc(number) else False
    if kind == RESIDENT_ID and not is_old_resident_id(number):
        return None
    if kind == MOBILE and _QUANTITY.match(after):
        return None
    if _SAYS_THING.search(before):
        return False
    if kind == TRAVEL and not _SAYS_PERSON.search(before):
        # A letter and eight digits are also how batches and devices are numbered.
        return number[0] in "EG" and not _DATE.fullmatch(number)
    return True


def is_personal_code(code: str) -> bool:
    """Whether what stands in place of an organisation's code is a person's number, alone or with a suffix: the tax
    numbers of individual businesses were their owners' numbers and two digits."""
    plain = plain_code(code)
    if is_uscc(plain) and not is_resident_id(plain):
        return False
    if is_resident_id(plain[:18]) and len(plain) in (18, 20):
        return True
    if len(plain) in (15, 17) and is_old_resident_id(plain[:15]):
        return True
    if is_organisation_code(plain):
        return False
    return bool(find_personal_numbers(plain))
