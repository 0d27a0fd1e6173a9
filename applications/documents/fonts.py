"""The fonts of the documents, and which characters they have: what none of them has would be printed as an empty box."""

import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

# In this order: the first that has a character sets it. The first is that of letters, a 宋体 with all of GB 2312; the second
# is drawn by the same hand and has more characters, but its 、 and 。 stand in the middle of their squares. The others have
# rare characters of names: Hanazono, of the same style, the extensions A to F of Unicode, BabelStone Han most of what came
# later; WenQuanYi has signs and other scripts.
FAMILIES = (
    "AR PL SungtiL GB",
    "AR PL UMing CN",
    "HanaMinA",
    "HanaMinB",
    "WenQuanYi Micro Hei",
    "BabelStone Han",
)
# Of what is a booklet of tables: a 黑体, whose outlines are half as long.
TABULAR = ("WenQuanYi Micro Hei", *(family for family in FAMILIES if family != "WenQuanYi Micro Hei"))
# Not printed: line ends, marks of direction, joiners and selectors of a variant, spaces.
UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def missing_characters(content: Any) -> list[str]:
    """The characters anywhere in a document's content (texts, and lists and mappings of them) that no font has, in order.

    A private-use character counts as missing even where a font has a drawing for it: it is not the one that was meant.
    """
    seen = dict.fromkeys(character for text in _texts(content) for character in text)
    return [character for character in seen if not _printable(character)]


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _texts(value)


def _printable(character: str) -> bool:
    code = ord(character)
    category = unicodedata.category(character)
    if category in UNSEEN or any(code in selectors for selectors in VARIATION_SELECTORS):
        return True
    if category == "Co":
        return False
    starts, ends = _coverage()
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    """First and last code points of the runs that the installed fonts have together, in order."""
    runs = sorted(run for family in FAMILIES for run in _runs(_charset(family).split()))
    starts: list[int] = []
    ends: list[int] = []
    for start, end in runs:
        if ends and start <= ends[-1] + 1:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def _runs(words: Iterable[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        first, _dash, last = word.partition("-")
        yield int(first, 16), int(last or first, 16)


def _charset(family: str) -> str:
    """What fontconfig says that the font has, as Pango is told it: "20-7e 3000 4e00-9fa5"; empty where not installed."""
    asked = ["fc-list", "--format", "%{charset}\n", family]
    return subprocess.run(asked, capture_output=True, check=True, text=True).stdout
