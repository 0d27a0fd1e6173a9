"""The outbox to the sharing platform (Article 11: within 2 working days of the decision).

The decision's own transaction writes the delivery; ``on_commit`` is a nudge; the sweep is the guarantee.
Sending is three steps: claim the row with a lease, speak to the platform outside any transaction, record.
"""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.foreign_text import clean, describe, trace
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.faults import report_fault
from applications.notifications.links import link_to
from applications.notifications.models import Fault
from applications.notifications.services import notify
from applications.outbox import (
    FAILURES_IN_A_ROW,
    RETRY_AFTER,
    SWEEP_SECONDS,
    assert_outside_transaction,
    clock_from,
    nudge,
    wait_after,
)
from applications.sharing import selectors
from applications.sharing.adapters import (
    EXCHANGE_SECONDS,
    Adapter,
    DeliveryFailed,
    DeliveryRefused,
    Receipt,
)
from applications.sharing.adapters import (
    platform as platform,
)
from applications.sharing.alarms import raise_alarms
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered

log = logging.getLogger(__name__)

Status = Delivery.Status

# The tries go on for two weeks, longer than any public holiday: an outage over the Spring Festival needs nobody's hand
# to recover. 46 of them lie inside two calendar days, the shortest that 2 working days can be.
MAX_ATTEMPTS = len(RETRY_AFTER) + 14 * 24

# Far longer than one exchange with the platform can take (two minutes), so that two senders never overlap.
LEASE = timedelta(seconds=6 * EXCHANGE_SECONDS)
SWEEP_ROWS = 200

PUSH = "applications.sharing.tasks.push_delivery"


class NotResendable(Exception):
    """This delivery cannot be pushed again now; the message says why."""


def enqueue(*, kind: str, stream: str, payload: dict[str, Any], at: datetime) -> Delivery:
    """Write one message to the platform, in the transaction of the decision that it reports.

    ``payload`` is the message as docs/api/sharing-platform.yaml describes it. Its ``message_id`` becomes the
    row's id and the idempotency key; its ``sequence`` must be the stream's next number, from 1 on (ValueError
    if not). Two writers of one stream collide on that number and one fails, so callers first lock or
    compare-and-set the row that the stream is about.
    """
    if not connection.in_atomic_block:
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
    nudge(PUSH, str(delivery.pk))
    return delivery


def _of_settings(delivery: Delivery) -> Adapter:
    return platform()


def push_deliveries(
    *, at: datetime, adapter_for: Callable[[Delivery], Adapter] = _of_settings
) -> Counter[str]:
    """Push everything that is due, oldest first, each stream in its order; return how many ended in which status.

    Called by the sweep and the management command, also several at once. A row that fails does not stop the
    others; a platform that is down does, until the next sweep. A rehearsal brings its own ``adapter_for``.
    """
    assert_outside_transaction()
    now = clock_from(at)
    try:
        return _push_due(at, now, adapter_for)
    finally:
        # Whatever became of the pushing.
        raise_alarms(at=now())


def _push_due(
    at: datetime, now: Callable[[], datetime], adapter_for: Callable[[Delivery], Adapter]
) -> Counter[str]:
    finish = time.monotonic() + SWEEP_SECONDS
    outcome: Counter[str] = Counter()
    failures = 0
    # A row that was tried is due after ``at``, so every round finds others, and in the end none.
    while rows := list(selectors.due(at)[:SWEEP_ROWS]):
        for row in rows:
            if time.monotonic() > finish or failures >= FAILURES_IN_A_ROW:
                return outcome
            status = _push(row, adapter_for(row), now)
            if status is None:
                continue
            outcome[status] += 1
            failures = failures + 1 if status == Status.WAITING else 0
    return outcome


def push_delivery(*, delivery_id: uuid.UUID | str, at: datetime) -> str:
    """Push one delivery if it is due and its turn, then those of its stream that waited for it.

    Returns the status that the delivery has now.
    """
    assert_outside_transaction()
    now = clock_from(at)
    adapter = platform()
    row = selectors.due(at).filter(pk=delivery_id).first()
    if row is None:
        return Delivery.objects.values_list("status", flat=True).get(pk=delivery_id)
    status = _push(row, adapter, now)
    while status == Status.DELIVERED:
        following = (
            selectors.due(now()).filter(stream=row.stream, position=row.position + 1).order_by("pk").first()
        )
        if following is None:
            break
        row, status = following, _push(following, adapter, now)
    return Delivery.objects.values_list("status", flat=True).get(pk=delivery_id)


def resend_delivery(*, delivery: Delivery, actor: User, at: datetime) -> None:
    """Push again from the first try: what waits, what is dead, and what a sender left behind.

    NotResendable: the platform has it already, or a sender is at it.
    """
    with transaction.atomic():
        lock_chain(delivery.stream)
        resent = (
            Delivery.objects.filter(pk=delivery.pk)
            .filter(
                Q(status__in=[Status.WAITING, Status.DEAD]) | Q(status=Status.SENDING, leased_until__lte=at)
            )
            .update(status=Status.WAITING, attempts=0, next_try_at=at, leased_until=None)
        )
        delivery.refresh_from_db()
        if not resent:
            if delivery.status == Status.DELIVERED:
                raise NotResendable(_("平台已经签收，无需重新推送。"))
            raise NotResendable(_("正在推送，请两分钟后再看结果。"))
        record_event(
            chain=delivery.stream,
            verb="delivery.requeued",
            at=at,
            actor=actor,
            organ=actor.organ,
            payload={"delivery": str(delivery.pk), "position": delivery.position},
        )
        nudge(PUSH, str(delivery.pk))


def _push(row: Delivery, adapter: Adapter, now: Callable[[], datetime]) -> str | None:
    """Claim, send and record one delivery; return its new status, or None if it was not ours to push.

    Whatever fails, the recording of the failure included, it is this row's affair and stops no other.
    """
    try:
        delivery = _claim(row, at=now())
        return None if delivery is None else _send(delivery, adapter, now)
    except Exception as error:
        return _record_unsaid(row, error, at=now())


def _send(delivery: Delivery, adapter: Adapter, now: Callable[[], datetime]) -> str:
    """Speak to the platform and record what came of it."""
    if delivery.attempts > MAX_ATTEMPTS:
        # None of the tries lived to tell.
        return _record_dead(delivery, _("多次尝试均中途中断。"), at=now())
    try:
        receipt = adapter.send(delivery)
    except DeliveryRefused as error:
        return _record_dead(delivery, str(error), at=now())
    except DeliveryFailed as error:
        return _record_failure(delivery, str(error), at=now())
    except Exception as error:
        # A fault of ours; the row must say that it failed.
        log.error("delivery %s could not be sent\n%s", delivery.pk, trace(error))
        return _record_failure(delivery, describe(error), at=now())
    try:
        return _record_receipt(delivery, receipt, now)
    except Exception as error:
        log.error("the receipt of delivery %s was not recorded\n%s", delivery.pk, trace(error))
        return _record_failure(
            delivery,
            clean(
                _("平台已签收（%(receipt_number)s），登记失败：%(error)s")
                % {"receipt_number": receipt.receipt_number, "error": describe(error)}
            ),
            at=now(),
        )


def _claim(row: Delivery, *, at: datetime) -> Delivery | None:
    """Take a row that was due for as long as LEASE; None if another sender was quicker.

    The try is counted before it is made, so that a try that ends the process counts too.
    """
    leased_until = at + LEASE
    claimed = Delivery.objects.filter(
        pk=row.pk, status=row.status, attempts=row.attempts, next_try_at=row.next_try_at
    ).update(
        status=Status.SENDING,
        attempts=F("attempts") + 1,
        leased_until=leased_until,
        # Where a sender dies, the sweep finds the row again when the lease is over.
        next_try_at=leased_until,
    )
    if not claimed:
        return None
    row.status, row.attempts = Status.SENDING, row.attempts + 1
    row.leased_until = row.next_try_at = leased_until
    return row


def _record_receipt(delivery: Delivery, receipt: Receipt, now: Callable[[], datetime]) -> str:
    """Write the receipt down and tell the rooms above, in one transaction.

    Also when the lease ran out meanwhile: the platform has the message, whoever else is trying.
    """
    at = now()
    with transaction.atomic():
        lock_chain(delivery.stream)
        recorded = (
            Delivery.objects.filter(pk=delivery.pk)
            .exclude(status=Status.DELIVERED)
            .update(
                status=Status.DELIVERED,
                receipt=receipt.as_json(),
                delivered_at=at,
                next_try_at=None,
                leased_until=None,
                last_error="",
            )
        )
        if recorded:
            # Not the sender's own object: should this transaction fail, that one still knows its lease.
            delivery = Delivery.objects.get(pk=delivery.pk)
            record_event(
                chain=delivery.stream,
                verb="delivery.delivered",
                at=at,
                payload={
                    "delivery": str(delivery.pk),
                    "position": delivery.position,
                    "receipt": receipt.receipt_number,
                    "attempts": delivery.attempts,
                },
            )
            delivered.send(sender=Delivery, delivery=delivery, at=at)
    return Status.DELIVERED


def _ours(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, as long as it is still under the lease that we took: a later claim has another end."""
    return Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, leased_until=delivery.leased_until)


def _record_failure(delivery: Delivery, error: str, *, at: datetime) -> str:
    """Note a failed try and when the next one is; after the last, the delivery is dead."""
    if delivery.attempts >= MAX_ATTEMPTS:
        return _record_dead(delivery, error, at=at)
    delay = wait_after(delivery.attempts)
    with transaction.atomic():
        _ours(delivery).update(
            status=Status.WAITING, next_try_at=at + delay, leased_until=None, last_error=error
        )
    log.warning(
        "delivery %s was not taken (try %s), again in %s: %s", delivery.pk, delivery.attempts, delay, error
    )
    return Status.WAITING


def _record_unsaid(delivery: Delivery, error: Exception, *, at: datetime) -> str:
    """What became of the try could not be written down: note that much, in words of ours alone, and alarm people.

    Where not even that can be written the lease ends by itself, and the next sweep tries again.
    """
    try:
        with transaction.atomic():
            _ours(delivery).update(
                status=Status.WAITING,
                next_try_at=at + wait_after(delivery.attempts),
                leased_until=None,
                last_error=_("推送未成功，且结果未能登记，原因见日志。"),
            )
    except Exception as second:
        log.critical("delivery %s cannot be updated at all\n%s", delivery.pk, trace(second))
    report_fault(work=Fault.Work.DELIVERY, row=delivery.pk, error=error, at=at)
    return Status.WAITING


def _record_dead(delivery: Delivery, error: str, *, at: datetime) -> str:
    """Give up, and tell the people who can do something about it."""
    with transaction.atomic():
        lock_chain(delivery.stream)
        recorded = _ours(delivery).update(
            status=Status.DEAD, next_try_at=None, leased_until=None, last_error=error
        )
        if recorded:
            record_event(
                chain=delivery.stream,
                verb="delivery.failed",
                at=at,
                payload={
                    "delivery": str(delivery.pk),
                    "position": delivery.position,
                    "attempts": delivery.attempts,
                },
            )
            notify(
                key=f"delivery-dead:{delivery.pk}:{at.isoformat()}",
                recipients=selectors.responsible_staff(delivery),
                subject=_("修复决定推送失败：%(stream)s") % {"stream": delivery.stream},
                body=_(
                    "办件 %(stream)s 的第 %(position)s 条共享信息没有推送到公共信用信息共享平台，系统不再自动重试。\n"
                    "原因：%(error)s\n"
                    "请查明原因后，在“共享推送”中选择该条并“重新推送”。修复决定应当自作出之日起2个工作日内共享（第十一条）。"
                )
                % {"stream": delivery.stream, "position": delivery.position, "error": error},
                at=at,
                link=link_to("delivery", delivery.pk),
                about=delivery.stream,
            )
    log.error("delivery %s is dead after %s tries: %s", delivery.pk, delivery.attempts, error)
    return Status.DEAD
