"""Codes with right check digits that were given to nobody."""

from datetime import date

from stdnum.cn import ric, uscc

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# The province itself: no identity card was ever issued with it.
NO_COUNTY = "320000"


def make_uscc(kind: str, region: str, serial: int) -> str:
    """统一社会信用代码 of a body kind ("11", "91", …) in a region; both check digits hold (GB 32100, GB 11714)."""
    body = f"00{serial:06d}"
    rest = 11 - sum(_ALPHABET.index(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11
    inner = {10: "X", 11: "0"}.get(rest, str(rest))
    code = f"{kind}{region}{body}{inner}"
    return code + uscc.calc_check_digit(code)


def make_resident_id(born: date, serial: int) -> str:
    """A 公民身份号码 of a person born on a day; the division code marks it as invented."""
    number = f"{NO_COUNTY}{born:%Y%m%d}{serial:03d}"
    # The library's function takes all 18 characters and leaves the last out.
    return number + ric.calc_check_digit(number + "0")
