"""When two document numbers, codes or names are the same although they were typed differently.

Keyboards, word processors and other people's systems write one number with round, square or six-angle brackets, in
full or half width, with spaces or with characters that nobody sees. What was written is kept as it was written; these
forms decide whether it is known, and by them it is searched.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# What no eye sees and no number contains: soft hyphens, joiners, zero widths, marks of direction, fillers, tags.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_END_OF_LINE = re.compile("\r\n?|[\u2028\u2029]")
_HIDDEN = re.compile(f"{INVISIBLE.pattern}|{_END_OF_LINE.pattern}")
# They choose between the shapes of a character, so a text keeps them and a comparison does not.
VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_OPENING, _CLOSING = (
    "([{<«‹〈《「『【〔〖〘〚⟨⟦⁽₍︵︷︹︻︽︿﹁﹃﹇❨❪❬❮❰❲❴",
    ")]}>»›〉》」』】〕〗〙〛⟩⟧⁾₎︶︸︺︼︾﹀﹂﹄﹈❩❫❭❯❱❳❵",
)
_DASHES, _DOTS = "‐‑‒–—―−⁻₋─━ｰー﹘﹣", "·•・‧∙⋅."
_CHARACTERS = str.maketrans(
    dict.fromkeys(_OPENING, "〔") | dict.fromkeys(_CLOSING, "〕") | dict.fromkeys(_DASHES, "-")
)
_NAME_CHARACTERS = _CHARACTERS | str.maketrans(dict.fromkeys(_DOTS, "·"))


def visible(text: str) -> str:
    """The text without the characters that nobody sees, and with one sign for the end of a line."""
    if not _HIDDEN.search(text):
        return text
    return _END_OF_LINE.sub("\n", INVISIBLE.sub("", text))


def plain_code(text: str) -> str:
    """A code as it is compared and stored: half-width capitals without spaces and invisible characters."""
    return "".join(_plain(text, str.upper).split())


@lru_cache(maxsize=8192)
def plain_number(text: str) -> str:
    """A document number as it is compared: as a code, with every bracket 〔 or 〕 and every dash a hyphen."""
    return plain_code(text).translate(_CHARACTERS)


@lru_cache(maxsize=8192)
def plain_name(text: str) -> str:
    """A name as it is compared: width, case, spaces, kinds of bracket, of dash and of middle dot aside."""
    return "".join(_plain(text, str.casefold).translate(_NAME_CHARACTERS).split())


def plain_phone(text: str) -> str:
    """A telephone number as it is compared: its digits, without the code of the country."""
    digits = "".join(each for each in _plain(text, str.casefold) if each.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def _plain(text: str, in_one_case: Callable[[str], str]) -> str:
    if text.isascii():
        return in_one_case(text)
    form = in_one_case(unicodedata.normalize("NFKC", VARIANTS.sub("", INVISIBLE.sub("", text))))
    # The other case of a letter can have a plainer form.
    if not unicodedata.is_normalized("NFKC", form):
        form = in_one_case(INVISIBLE.sub("", unicodedata.normalize("NFKC", form)))
    return form
