from django.http import HttpRequest

from applications.accounts.models import User

# What a column of whole numbers holds at most, in either database.
LARGEST_NUMBER = 2**63 - 1


class SignedInRequest(HttpRequest):
    """A request that passed ``login_required``: its user is a person, never anonymous."""

    user: User


def whole_number(text: str) -> int | None:
    """The id or version that an address or a form names; None for what can be none (not digits, too large)."""
    # The length first: Python itself refuses to read some thousands of digits.
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_NUMBER))):
        return None
    number = int(text)
    return number if number <= LARGEST_NUMBER else None
