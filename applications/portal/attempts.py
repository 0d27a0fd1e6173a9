"""How often a secret may be guessed: by one visitor, and about one thing."""

import hashlib
from contextlib import suppress

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

WRONG_TRIES = 5
WINDOW_SECONDS = 15 * 60


class Attempts:
    """The wrong tries of the last 15 minutes for the visitor's address and for a case number.

    A try is counted before the secret is compared and taken back when it is right, so tries that run side by
    side cannot slip past the limit. Numbers that do not exist are counted like those that do.
    """

    def __init__(self, request: HttpRequest, *, action: str, about: str) -> None:
        address = get_adapter().get_client_ip(request)
        digest = hashlib.sha256(about.encode()).hexdigest()
        self.keys = (f"attempts:{action}:ip:{address}", f"attempts:{action}:about:{digest}")

    def begin(self) -> bool:
        """Count one try; False, and nothing may be compared, if it is one too many. Such a try does not
        prolong the wait."""
        if any(cache.get(key, 0) >= WRONG_TRIES for key in self.keys):
            return False
        counts = []
        for key in self.keys:
            cache.add(key, 0, WINDOW_SECONDS)
            counts.append(cache.incr(key))
            # Some caches forget a key's lifetime when they count it up.
            cache.touch(key, WINDOW_SECONDS)
        return max(counts) <= WRONG_TRIES

    def take_back(self) -> None:
        """The try was right: it does not count."""
        for key in self.keys:
            # A key that is gone in the meantime counts nothing any more.
            with suppress(ValueError):
                cache.decr(key)
                cache.touch(key, WINDOW_SECONDS)
