"""What a row says twice and differently: the amounts in its words against the amounts in its columns."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {
    sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")
} | {"〇": 0, "两": 2}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|[{''.join([*_DIGITS, *_TENS, *_MYRIADS])}]+)"
_BEFORE = r"(?:人民币|金额|共计|合计|总计|计|为|处|:|¥|￥|大写|小写|\()*"
_UNIT, _MYRIAD = "元", "万"
_SUM = r"(?P<{name}>{number})(?P<{name}_unit>[百千]?万|亿|千|百)?元"


def _sum(name: str) -> str:
    return _SUM.format(name=name, number=_NUMBER)


_FINE = re.compile(rf"罚款{_BEFORE}{_sum('after')}|{_sum('before')}(?:整|人民币|的|\))*罚款", re.ASCII)
_CONFISCATED = re.compile(rf"没收[^,;。\d罚]{{0,16}}?{_BEFORE}{_sum('after')}", re.ASCII)
_TEXTS = {"fine_amount": (_FINE, "罚款"), "confiscated_amount": (_CONFISCATED, "没收")}
YUAN = 10_000
_SHORT = 200


def contradicted_amounts(content: str, amounts: dict[str, Decimal | None]) -> dict[str, str]:
    """Column key → why its amount (万元) contradicts 处罚内容. A text that names no amount contradicts none, and one
    that names several agrees with each of them and with their sum."""
    found: dict[str, str] = {}
    if _UNIT not in content:
        return found
    for key, (_pattern, word) in _TEXTS.items():
        amount = amounts.get(key)
        if amount is None:
            continue
        stated = _stated(key, content) if len(content) <= _SHORT else _stated.__wrapped__(key, content)
        if stated and amount * YUAN not in (*stated, sum(stated)):
            found[key] = _(
                "处罚内容写的是%(word)s%(stated)s元，这里填的是%(amount)s万元，即%(yuan)s元，两者不一致。"
            ) % {
                "word": word,
                "stated": f"{_UNIT}、".join(map(_short, stated[:3])),
                "amount": _short(amount),
                "yuan": _short(amount * YUAN),
            }
    return found


@lru_cache(maxsize=2048)
def _stated(key: str, content: str) -> tuple[Decimal, ...]:
    """The amounts in yuan that the words name. Most decisions use the words of others."""
    pattern, word = _TEXTS[key]
    plain = "".join(unicodedata.normalize("NFKC", content).split())
    return tuple(_sums(pattern, plain)) if word in plain else ()


def _sums(pattern: re.Pattern[str], text: str) -> Iterator[Decimal]:
    for match in pattern.finditer(text):
        name = "after" if match["after"] else "before"
        number = match[name]
        value = Decimal(number.replace(",", "")) if number[0].isdigit() else Decimal(_in_digits(number))
        for sign in match[f"{name}_unit"] or "":
            value *= _MYRIADS.get(sign) or _TENS[sign]
        yield value


def _in_digits(words: str) -> int:
    """三万五千, 叁佰, 一亿零二十万 in digits."""
    total = part = digit = 0
    for sign in words:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _TENS:
            part, digit = part + (digit or 1) * _TENS[sign], 0
        elif sign == _MYRIAD:
            total, part, digit = total + (part + digit) * _MYRIADS[sign], 0, 0
        else:
            total, part, digit = (total + part + digit) * _MYRIADS[sign], 0, 0
    return total + part + digit


def _short(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
