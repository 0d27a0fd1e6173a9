"""How what is personal is shown to whoever needs no more than to know it again: names, numbers, telephones, addresses.

The one place of it: pages, tables, letters and messages mask through this module.
"""

import re
from collections.abc import Callable

from rules.personal_numbers import find_personal_numbers, narrow

# An address as far as the city, county or district in it.
_PLACE = re.compile(r"^.{0,20}?[市县区](?=.)")


def mask_name(name: str) -> str:
    """张三 → 张*, 张小明 → 张*明."""
    if len(name) <= 1:
        return "*"
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def mask_identity(number: str) -> str:
    """The ends stay, at most half of it: 3201**********1234, E1*****78. Nothing of what is shorter than nine."""
    shown = 4 if len(number) >= 15 else 2 if len(number) > 8 else 0
    return number[:shown] + "*" * (len(number) - 2 * shown) + number[len(number) - shown :]


def mask_numbers(text: str) -> str:
    """The text with every number in it masked that looks like a person's: identity documents and telephones."""
    found = find_personal_numbers(text)
    if not found:
        return text
    plain, parts, done = narrow(text), list[str](), 0
    for each in found:
        parts += [plain[done : each.start], mask_identity(plain[each.start : each.end])]
        done = each.end
    return "".join([*parts, plain[done:]])


def mask_phone(phone: str) -> str:
    """Of a mobile telephone the head and the end: 138****1234; of any other number the last two digits. Empty stays empty."""
    digits = re.sub(r"\D", "", phone)
    if re.fullmatch(r"(86)?1\d{10}", digits):
        digits = digits[-11:]
        return f"{digits[:3]}****{digits[-4:]}"
    return "*" * max(0, len(digits) - 2) + digits[-2:] if len(digits) > 4 else "*" * len(phone)


def mask_email(address: str) -> str:
    """zhangsan@example.com → z***@example.com; what is no address is masked whole, and empty stays empty."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}***@{host}" if at else "*" * len(address)


def mask_address(address: str) -> str:
    """As far as the city, county or district, which tells where it is and not whose door: 南京市****. Empty stays empty."""
    known = _PLACE.match(address)
    return f"{known.group() if known else address[:2]}****" if address else ""


# By what it is.
MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "email": mask_email,
    "address": mask_address,
    "identity": mask_identity,
}
