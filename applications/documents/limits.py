"""How often one visitor may ask a page that knows secrets."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone


def within_limit(request: HttpRequest, *, action: str, per_minute: int) -> bool:
    """Count one request of this visitor's address; False if it is one too many in this minute."""
    minute = int(timezone.now().timestamp() // 60)
    key = f"limit:{action}:{get_adapter().get_client_ip(request)}:{minute}"
    # The first of the minute makes the counter; it outlives its minute only to be swept by the cache.
    cache.add(key, 0, timeout=120)
    return cache.incr(key) <= per_minute
