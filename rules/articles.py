"""The numbers of articles, as instruments write them."""

from __future__ import annotations

from typing import Final

NUMERALS: Final = "一二三四五六七八九"


def article_number(numeral: str) -> int:
    """The number of a Chinese numeral below 100: "四" is 4, "十八" is 18. Raises ValueError for another."""
    tens, ten, units = numeral.rpartition("十")
    digits = NUMERALS.index(units) + 1 if units else 0
    if not ten:
        return digits
    return 10 * (NUMERALS.index(tens) + 1 if tens else 1) + digits
