"""What a page showed when it was opened, so that nobody writes over what somebody else has saved since, unseen."""

import json
from typing import Any

from django.utils.crypto import salted_hmac


def digest_of(shown: Any) -> str:
    """By which a page tells the service what it showed: of anything that JSON can hold. Keyed, for a page also tells it of what
    it shows masked."""
    return salted_hmac("shown", json.dumps(shown, ensure_ascii=False), algorithm="sha256").hexdigest()
