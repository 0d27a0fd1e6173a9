"""What a page showed when it was opened, so that nobody writes over what somebody else has saved since, unseen."""

import hashlib
import json
from typing import Any


def digest_of(shown: Any) -> str:
    """By which a page tells the service what it showed: of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()
