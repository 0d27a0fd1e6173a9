"""How large a request may be. Each view that takes files says so here; any other takes forms of words alone.

What is larger is refused before a byte of it is read (credit_repair/middleware.py); the proxy in front has the same
numbers (docs/operations.md).
"""

from collections.abc import Callable
from typing import Any, TypeVar

V = TypeVar("V", bound=Callable[..., Any])

MEGABYTE = 1024 * 1024
# Fields, and what surrounds them; the longest form of words is well below it.
WORDS = 1 * MEGABYTE


def takes_files(*, megabytes: int) -> Callable[[V], V]:
    """The view takes files of so many megabytes in one request, all together."""

    def mark(view: V) -> V:
        view.body_bytes = megabytes * MEGABYTE + WORDS  # type: ignore[attr-defined]
        return view

    return mark


def body_limit(view: Callable[..., Any]) -> int:
    """The largest body, in bytes, that a request to the view may have."""
    limit: int = getattr(view, "body_bytes", WORDS)
    return limit
