"""Writing to the archive (台账, Article 11)."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from applications.ledger.chain import GENESIS, event_hash
from applications.ledger.models import Event
from applications.organs.models import Organ


def record_event(
    *,
    chain: str,
    verb: str,
    at: datetime,
    actor: AbstractBaseUser | None = None,
    role: str = "",
    organ: Organ | None = None,
    payload: dict[str, Any] | None = None,
) -> Event:
    """Append one event to a chain, in the transaction of the change that it reports.

    ``actor`` None is the system. ``payload`` holds JSON primitives only: codes and ids, no personal data that
    must be forgotten one day. Two writers of the same chain collide on its next position and one fails, so
    callers first lock or compare-and-set the row that the chain is about.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record_event() must share the transaction of the change it reports")
    last = Event.objects.filter(chain=chain).order_by("-position").values_list("position", "hash").first()
    position, previous_hash = (last[0] + 1, last[1]) if last else (1, GENESIS)
    event = Event(
        chain=chain,
        position=position,
        verb=verb,
        actor_id=actor.pk if actor else None,
        role=role or ("system" if actor is None else "user"),
        organ=organ,
        at=at,
        payload=payload or {},
        previous_hash=previous_hash,
    )
    event.hash = event_hash(
        previous_hash=previous_hash,
        chain=chain,
        position=position,
        verb=verb,
        actor_id=event.actor_id,
        role=event.role,
        organ_id=event.organ_id,
        at=at,
        payload=event.payload,
    )
    event.save(force_insert=True)
    return event
