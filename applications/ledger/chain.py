"""How an event is hashed. A verifier needs nothing else of the project than this description.

The hash is SHA-256 over the UTF-8 JSON (keys sorted, no spaces, no escapes) of ``[previous hash, chain,
position, verb, actor id or null, role, organ id or null, moment in UTC to the microsecond, payload]``.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
# One encoder for all: making it anew takes as long as using it.
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def event_hash(
    *,
    previous_hash: str,
    chain: str,
    position: int,
    verb: str,
    actor_id: int | None,
    role: str,
    organ_id: int | None,
    at: datetime,
    payload: dict[str, Any],
) -> str:
    # 2026-11-20T01:00:00.000000Z; strftime() takes three times as long.
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    fields = [previous_hash, chain, position, verb, actor_id, role, organ_id, moment, payload]
    return hashlib.sha256(_encode(fields).encode()).hexdigest()
