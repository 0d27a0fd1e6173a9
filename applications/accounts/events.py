"""What happens to accounts, as events of the ledger.

They hold ids alone. Of a sign-in with an address that has no account nothing is kept of what was typed.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from applications.accounts.limits import Limit, address_of, begin
from applications.accounts.models import User
from applications.ledger.services import record_event

# Failures at accounts are limited by account. Those at addresses without one are only limited by the visitor's
# network, of which an attacker may have thousands: what comes on top of this is refused, but not written down.
STRANGERS = Limit("failures-without-account", times=60, seconds=60)
STRANGERS_CHAIN = "sign-in"


def chain_of(user: User) -> str:
    return f"user-{user.pk}"


def record_account_event(
    *, user: User, verb: str, at: datetime, actor: User | None = None, payload: dict[str, Any] | None = None
) -> None:
    """One event of an account. ``actor`` None: whoever it was is not known to be the person."""
    with transaction.atomic():
        record_event(
            chain=chain_of(user),
            verb=verb,
            at=at,
            actor=actor,
            role="" if actor is None else "staff" if actor.is_staff else "user",
            organ=user.organ,
            payload=payload,
        )


def record_failed_sign_in(*, user: User | None, request: HttpRequest, at: datetime) -> None:
    """A wrong password for an account, or any for an address that has none (``user`` None)."""
    payload = {"from": origin_of(request)}
    if user is not None:
        record_account_event(user=user, verb="user.sign_in_failed", at=at, payload=payload)
    elif begin(STRANGERS, "all").admitted:
        with transaction.atomic():
            record_event(chain=STRANGERS_CHAIN, verb="user.sign_in_failed", at=at, payload=payload)


def origin_of(request: HttpRequest) -> str:
    """The visitor's network as a keyed digest: the same for tries from one place, readable for nobody."""
    return salted_hmac("origin", address_of(request), algorithm="sha256").hexdigest()[:16]
