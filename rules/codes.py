"""Codes of organisations and persons by their standards: GB 32100 and GB 11643, with the registration number's digit.

Every function takes a plain code (rules.sameness.plain_code) and looks at nothing else.
"""

import re
from datetime import date
from functools import lru_cache

# GB 32100: no I, O, S, V, Z, which pass for digits or for each other.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
# 登记管理部门 → 机构类别. 54 is that of villagers' and residents' committees (民政), G1 that of the offices of
# organisations from abroad (公安): both came after the standard. 9 is 其他 everywhere.
AUTHORITIES = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "12349", "6": "129", "7": "129", "8": "19",
    "9": "1239", "A": "19", "G": "19", "N": "1239", "Y": "19",
}  # fmt: skip
_USCC = re.compile(rf"[{''.join(AUTHORITIES)}][1-9]\d{{6}}[{ALPHABET}]{{10}}", re.ASCII)

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# 11–15 … 61–65 and 71, 81–83 begin a resident's number, 9 that of a foreigner's card.
_PLACE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9\d")
OLDEST_BIRTH = 1900


def uscc_check_character(code: str) -> str:
    """The 18th character that belongs to the first 17. ValueError if one of them is not in the alphabet."""
    try:
        total = sum(_VALUES[character] * weight for character, weight in zip(code, _WEIGHTS, strict=False))
    except KeyError as wrong:
        raise ValueError(f"no character of a code: {wrong}") from None
    return ALPHABET[-total % 31]


def is_uscc_built(code: str) -> bool:
    """Whether the code has the parts of GB 32100: 18 places, a registrar, its type, six digits, the alphabet."""
    return bool(_USCC.fullmatch(code)) and code[1] in AUTHORITIES[code[0]]


# A file of records says the codes of its unit in every row, and each is asked about more than once.
_remembered = lru_cache(maxsize=4096)


@_remembered
def is_uscc(code: str) -> bool:
    """Whether this is a unified social credit code: built as one, with its check character."""
    return is_uscc_built(code) and uscc_check_character(code) == code[17]


def resident_check_character(number: str) -> str:
    """The 18th character of a resident's number, of its first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _RESIDENT_WEIGHTS, strict=False))
    return "10X98765432"[total % 11]


@_remembered
def is_resident_id(number: str) -> bool:
    """Whether this is somebody's 18-place number: a place, a birthday since 1900, the right check character.

    Foreigners' cards since 2023 are built alike.
    """
    if not re.fullmatch(r"\d{17}[\dXx]", number, re.ASCII) or not _PLACE.match(number):
        return False
    born = _day(number[6:10], number[10:12], number[12:14])
    if born is None or not OLDEST_BIRTH <= born.year <= 2099:
        return False
    return resident_check_character(number) == number[17].upper()


def is_old_resident_id(number: str) -> bool:
    """Whether this can be a number of 15 digits (before 1999): a place and a birthday of the last century.

    It has no check digit. A registration number of 15 digits, which has one, and a tax number, which ends with an
    organisation's code, are none.
    """
    if not re.fullmatch(r"\d{15}", number, re.ASCII) or not _PLACE.match(number) or number[0] == "9":
        return False
    if _day("19" + number[6:8], number[8:10], number[10:12]) is None:
        return False
    return not is_registration_number(number) and not is_organisation_code(number[6:])


def is_registration_number(number: str) -> bool:
    """Whether 15 digits are a 工商注册号 with its check digit (ISO 7064, MOD 11,10)."""
    if not re.fullmatch(r"\d{15}", number, re.ASCII):
        return False
    product = 10
    for digit in number[:14]:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return (product + int(number[14])) % 10 == 1


def is_organisation_code(code: str) -> bool:
    """Whether nine places are an 组织机构代码 with its check character (GB 11714)."""
    if not re.fullmatch(r"[0-9A-Z]{8}-?[0-9X]", code):
        return False
    total = sum(
        int(place, 36) * weight for place, weight in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=False)
    )
    return "0X987654321"[total % 11] == code[-1]


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
