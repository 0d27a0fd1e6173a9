"""What happens to accounts, as events of the ledger.

They hold ids alone. Of a sign-in with an address that has no account nothing is kept of what was typed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from applications.accounts.limits import address_of
from applications.accounts.models import Strangers, User
from applications.ledger.locking import lock_chain
from applications.ledger.models import Event
from applications.ledger.services import record_event

# Failures at accounts are limited by account. Those at addresses without one are only limited by the visitor's
# network, of which an attacker may have thousands: one a minute is an event, the others are counted.
STRANGERS_CHAIN = "sign-in"
STRANGERS_EVERY = timedelta(minutes=1)


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
    """A wrong password for an account, or any for an address that has none (``user`` None).

    An event of strangers says how many before it have none (``others``, all that there ever were). Whichever it is, as
    many statements are made and one row is written: the time of the answer must not tell.
    """
    payload: dict[str, Any] = {"from": origin_of(request)}
    with transaction.atomic():
        others = Strangers.objects.values_list("failures", flat=True).first() or 0
        last = Event.objects.filter(chain=STRANGERS_CHAIN).order_by("position").values_list("at").last()
        if user is not None:
            chain, organ = chain_of(user), user.organ
        else:
            chain, organ = STRANGERS_CHAIN, None
            payload["others"] = others
        if user is None and last and timedelta(0) <= at - last[0] < STRANGERS_EVERY:
            _count_stranger()
        else:
            record_event(chain=chain, verb="user.sign_in_failed", at=at, organ=organ, payload=payload)


def _count_stranger() -> None:
    lock_chain(STRANGERS_CHAIN)
    counted, new = Strangers.objects.get_or_create(pk=1, defaults={"failures": 1})
    if not new:
        Strangers.objects.filter(pk=counted.pk).update(failures=F("failures") + 1)


def origin_of(request: HttpRequest) -> str:
    """The visitor's network as a keyed digest: the same for tries from one place, readable for nobody."""
    return salted_hmac("origin", address_of(request), algorithm="sha256").hexdigest()[:16]
