"""How often something may be tried: the one place for the limits that django-allauth does not count itself.

Counted in the cache, exactly, however many tries run side by side: a try takes its number when it begins.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone


class Limit(NamedTuple):
    """At most ``times`` within ``seconds``, which begin with the first."""

    action: str
    times: int
    seconds: int


@dataclass(frozen=True)
class Try:
    """A try that was counted. ``left`` more are possible before ``until``; a refused one costs nothing."""

    admitted: bool
    left: int
    until: datetime
    counters: tuple[str, ...]
    cost: int = 1

    @property
    def wait(self) -> int:
        """Seconds until the next try is possible, for ``Retry-After``."""
        return max(1, round((self.until - timezone.now()).total_seconds()))

    def take_back(self, part: int | None = None) -> None:
        """It does not count: what was tried was right. Or a part of it does not, where it cost less."""
        part = self.cost if part is None else part
        for counter in self.counters:
            # A counter that is gone in the meantime counts nothing any more.
            with suppress(ValueError):
                cache.decr(counter, part)


def begin(limit: Limit, *things: str, cost: int = 1) -> Try:
    """Count one try for each of the things (an address, an account …); refused if it is too many for any of them.
    ``cost``: as how many it counts.

    What is refused must not be done. It is not counted, so that waiting helps.
    """
    counted: list[str] = []
    left, until = limit.times, timezone.now()
    for thing in things:
        counter, ends = _window(limit, thing)
        cache.add(counter, 0, 2 * limit.seconds)
        number = cache.incr(counter, cost)
        counted.append(counter)
        if number > limit.times:
            Try(False, 0, ends, tuple(counted), cost).take_back()
            return Try(False, 0, ends, ())
        left, until = min(left, limit.times - number), max(until, ends)
    return Try(True, left, until, tuple(counted), cost)


def _window(limit: Limit, thing: str) -> tuple[str, datetime]:
    """The counter of the window that runs now, and its end. The counter outlives its window, because some caches
    make a counter immortal that ends while it is counted up."""
    key = f"limit:{limit.action}:{sha256(thing.encode()).hexdigest()}"
    now = timezone.now().timestamp()
    cache.add(key, now, limit.seconds)
    started: float = cache.get(key, now)
    return f"{key}:{started}", datetime.fromtimestamp(started + limit.seconds, tz=UTC)


def plain_address(address: str) -> str:
    """An IPv4 address that came wrapped into IPv6 (::ffff:192.0.2.1) as what it is; any other unchanged."""
    parsed = ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def address_of(request: HttpRequest) -> str:
    """Whom a limit by address counts: an IPv4 address, or the /64 of an IPv6 one, for who has one has all of it.

    Behind the proxy (BEHIND_PROXY) it is the visitor's address, else that of the connection.
    """
    parsed: IPv4Address | IPv6Address = ip_address(get_adapter().get_client_ip(request))
    return str(parsed if isinstance(parsed, IPv4Address) else IPv6Network((parsed, 64), strict=False))


def clock_time(moment: datetime) -> str:
    """The moment as people here read it from a clock, rounded up to the minute: ``15:04``."""
    return f"{timezone.localtime(moment + timedelta(seconds=59)):%H:%M}"
