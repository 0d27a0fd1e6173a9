"""The outbox to the sharing platform (Article 11: within 2 working days of the decision).

The decision's own transaction writes the delivery; ``on_commit`` is a nudge; the sweep is the guarantee.
"""

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from kombu.exceptions import OperationalError

from applications.sharing.models import Delivery

log = logging.getLogger(__name__)


def enqueue(*, kind: str, stream: str, payload: dict[str, Any], at: datetime) -> Delivery:
    """Write one message to the platform, in the transaction of the decision that it reports.

    ``payload`` is the message as docs/api/sharing-platform.yaml describes it. Its ``message_id`` becomes the
    row's id and the idempotency key; its ``sequence`` must be the stream's next number, from 1 on (ValueError
    if not). Two writers of one stream collide on that number and one fails, so callers first lock or
    compare-and-set the row that the stream is about.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("enqueue() must share the transaction of the decision it reports")
    last = Delivery.objects.filter(stream=stream).aggregate(last=Max("position"))["last"] or 0
    if payload["sequence"] != last + 1:
        raise ValueError(f"stream {stream} goes on with sequence {last + 1}, not {payload['sequence']}")
    delivery = Delivery.objects.create(
        id=uuid.UUID(payload["message_id"]),
        kind=kind,
        stream=stream,
        position=last + 1,
        payload=payload,
        next_try_at=at,
        created_at=at,
    )
    transaction.on_commit(lambda: _nudge(delivery.pk))
    return delivery


def _nudge(delivery_id: uuid.UUID) -> None:
    """Push now rather than at the next sweep. A dead broker costs a minute, not the delivery."""
    from applications.sharing.tasks import push_delivery as task

    try:
        task.apply_async([str(delivery_id)], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no broker to push delivery %s, the next sweep will: %s", delivery_id, error)
