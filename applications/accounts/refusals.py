"""Acts that were refused leave a trace: an event in a chain of whoever tried.

Written where a request ends (credit_repair/refused.py), after all that was begun is undone, and never into the chain of what
it was about, which tells only what happened to it. The procedure says here what it refused and why; of what a view refuses
by itself the answer's status says as much. Of one person at most as many as the limit says are written in an hour; the next
one counts those that were not.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from applications.accounts.limits import Limit, begin
from applications.accounts.models import User
from applications.ledger.services import record_event

VERB = "act.refused"
CHAIN = "refused-"
LIMIT = Limit("refused-act", times=60, seconds=3600)
UNWRITTEN_SECONDS = 30 * 24 * 3600
# What a status says about why.
STATUS = {403: "permission", 404: "not_found", 405: "method", 409: "conflict"}
_HARMLESS = re.compile(r"[\w.:-]{1,64}", re.ASCII)

_noted: ContextVar[list[dict[str, str]] | None] = ContextVar("refusals of this request", default=None)


@contextmanager
def heard() -> Iterator[list[dict[str, str]]]:
    """What the procedure refuses meanwhile, in this order."""
    refusals: list[dict[str, str]] = []
    before = _noted.set(refusals)
    try:
        yield refusals
    finally:
        _noted.reset(before)


@contextmanager
def noted(*errors: type[Exception], act: str, about: str) -> Iterator[None]:
    """Any of the errors that ends the block is a refusal of the act; it goes on as it is.

    ``act``: a step of the procedure, or what was to be decided. ``about``: the chain of the ledger of what it was about;
    empty where it has none.
    """
    try:
        yield
    except errors as refusal:
        note(type(refusal).__name__, act=act, about=about)
        raise


def note(why: str, *, act: str, about: str) -> None:
    """The same of what a page refuses by itself. ``why``: the name of the error that the procedure would have raised."""
    refusals = _noted.get()
    if refusals is not None:
        refusals.append({"why": why, "act": act, **({"about": about} if about else {})})


def record_refusal(
    *, request: HttpRequest, status: int, refusals: list[dict[str, str]], csrf_failed: bool, at: datetime
) -> None:
    """One event for the request, where it was refused to somebody who has signed in. None for an address that is no page."""
    match, user = request.resolver_match, request.user
    why = "csrf" if csrf_failed else STATUS.get(status)
    if not (why or refusals) or match is None or not match.url_name or not isinstance(user, User):
        return
    payload: dict[str, Any] = {
        "page": match.view_name,
        "method": request.method,
        "status": status,
        "why": why,
        "arguments": {
            # A token is a key to its page.
            name: "…" if name == "token" else _harmless(value)
            for name, value in match.kwargs.items()
        },
        # Which law or rule refused is known better than which answer it got.
        **(refusals[-1] if refusals else {}),
    }
    unwritten = f"refused-act-unwritten:{user.pk}"
    if not begin(LIMIT, str(user.pk)).admitted:
        cache.add(unwritten, 0, UNWRITTEN_SECONDS)
        with suppress(ValueError):
            cache.incr(unwritten)
        return
    if missed := cache.get(unwritten):
        payload["unwritten"] = missed
    with transaction.atomic():
        record_event(
            chain=f"{CHAIN}{user.pk}",
            verb=VERB,
            at=at,
            actor=user,
            role="staff" if user.is_staff else "user",
            organ=user.organ,
            payload=payload,
        )
    if missed:
        with suppress(ValueError):
            cache.decr(unwritten, missed)


def _harmless(value: Any) -> Any:
    """A key as it is; what somebody made up may be anything, also a person's number."""
    if isinstance(value, int):
        return value
    text = str(value)
    return text if _HARMLESS.fullmatch(text) and not re.search(r"\d{15}", text) else "…"
