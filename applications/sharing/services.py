"""The outbox to the sharing platforms (Article 11: within 2 working days of the decision).

The decision's own transaction writes the delivery and chooses its platform; ``on_commit`` is a nudge; the sweep is
the guarantee.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.organs.models import Organ
from applications.outbox.nudging import nudge
from applications.outbox.sending import assert_outside_transaction, hand_back
from applications.outbox.timing import clock_from
from applications.sharing import selectors
from applications.sharing.adapters import Adapter, adapter_of
from applications.sharing.alarms import raise_alarms
from applications.sharing.destinations import find_homes
from applications.sharing.models import Delivery, Destination
from applications.sharing.sending import DeliverySender

Status = Delivery.Status

PUSH = "applications.sharing.tasks.push_delivery"


class NotResendable(Exception):
    """This delivery cannot be pushed again now; the message says why."""


def enqueue(
    *, kind: str, about: str, organ: Organ, payload: dict[str, Any], at: datetime, stream: str = ""
) -> Delivery:
    """Write one message to the platform of the organ's level and region, in the transaction of the decision.

    ``about`` is the case. ``payload`` is the message as docs/api/sharing-platform.yaml describes it. Its
    ``message_id`` becomes the row's id and the idempotency key; its ``sequence`` must be the next number, from 1 on, of
    the ``stream``, which is the case's own if none is named (ValueError if not). Two writers of one stream collide on
    that number and one fails, so callers first lock or compare-and-set the row that the stream is about.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("enqueue() must share the transaction of the decision it reports")
    stream = stream or about
    last = Delivery.objects.filter(stream=stream).aggregate(last=Max("position"))["last"] or 0
    if payload["sequence"] != last + 1:
        raise ValueError(f"stream {stream} goes on with sequence {last + 1}, not {payload['sequence']}")
    delivery = Delivery.objects.create(
        id=uuid.UUID(payload["message_id"]),
        kind=kind,
        about=about,
        organ=organ,
        region=organ.region,
        destination=selectors.destination_for(organ),
        stream=stream,
        position=last + 1,
        payload=payload,
        next_try_at=at,
        created_at=at,
    )
    nudge(PUSH, str(delivery.pk))
    return delivery


def push_deliveries(
    *, at: datetime, adapter_for: Callable[[Destination], Adapter] = adapter_of
) -> Counter[str]:
    """Push everything that is due, to each platform the oldest first; return how many ended in which status.

    Called by the sweep and the management command, also several at once. A row that fails does not stop the
    others; a platform that is down stops its own, until the next sweep. A rehearsal brings its own ``adapter_for``.
    """
    assert_outside_transaction()
    now = clock_from(at)
    try:
        find_homes(at=at)
    except Exception as error:
        report_fault(work=Fault.Work.DELIVERY, row="find_homes", error=error, at=at)
    try:
        return DeliverySender(now, adapter_for).sweep(at)
    finally:
        # Whatever became of the pushing.
        raise_alarms(at=now())


def push_delivery(*, delivery_id: uuid.UUID | str, at: datetime) -> str:
    """Push one delivery if it is due and its turn, then those of its stream that waited for it.

    A platform that is down is left to the sweep: a nudge that waits for it would keep others waiting. Returns the
    status that the delivery has now.
    """
    assert_outside_transaction()
    now = clock_from(at)
    sender = DeliverySender(now)
    row = sender.due(at).filter(pk=delivery_id).first()
    if row is not None and row.destination is not None and selectors.is_down(row.destination):
        row = None
    while row is not None:
        done = sender.hand_over(row)
        if done is None or done.status != Status.DELIVERED:
            break
        row = sender.due(now()).filter(stream=row.stream, position=row.position + 1).first()
    return Delivery.objects.values_list("status", flat=True).get(pk=delivery_id)


def resend_delivery(*, delivery: Delivery, actor: User, at: datetime) -> None:
    """Push again from the first try: what waits, what is dead, and what a sender left behind.

    NotResendable: the platform has it already, or a sender is at it.
    """
    with transaction.atomic():
        lock_chain(delivery.about)
        rows = Delivery.objects.filter(pk=delivery.pk).filter(
            Q(status__in=[Status.WAITING, Status.DEAD]) | Q(status=Status.SENDING, leased_until__lte=at)
        )
        resent = hand_back(rows, at=at)
        delivery.refresh_from_db()
        if not resent:
            if delivery.status == Status.DELIVERED:
                raise NotResendable(_("平台已经签收，无需重新推送。"))
            raise NotResendable(_("正在推送，请两分钟后再看结果。"))
        record_event(
            chain=delivery.about,
            verb="delivery.requeued",
            at=at,
            actor=actor,
            organ=actor.organ,
            payload={"delivery": str(delivery.pk), "position": delivery.position},
        )
        nudge(PUSH, str(delivery.pk))
