"""Handing deliveries to their platforms: what is their own in the three steps of ``outbox.sending``."""

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from applications.database.updating import update_many
from applications.foreign_text import describe, trace
from applications.ledger.locking import lock_chain, lock_free_chains
from applications.ledger.services import Entry, record_event, record_in_locked
from applications.notifications.faults import report_fault
from applications.notifications.links import link_to
from applications.notifications.models import Fault
from applications.notifications.services import notify
from applications.outbox.sending import Lane, NotTaken, Outcome, Sender, give_up
from applications.sharing import selectors
from applications.sharing.adapters import Adapter, Receipt, adapter_of
from applications.sharing.kinds import KINDS
from applications.sharing.models import Delivery, Destination
from applications.sharing.signals import delivered

log = logging.getLogger(__name__)

Status = Delivery.Status

# How long a receipt may wait for others to be written down with it.
GATHER_SECONDS = 0.05


class DeliverySender(Sender[Delivery, Receipt]):
    """A lane is a platform. ``adapter_for`` says how one is spoken to."""

    def __init__(
        self, now: Callable[[], datetime], adapter_for: Callable[[Destination], Adapter] = adapter_of
    ) -> None:
        super().__init__(now)
        self.adapter_for = adapter_for

    def due(self, at: datetime) -> QuerySet[Delivery]:
        return selectors.due(at).select_related("destination", "organ")

    def lanes(self, at: datetime) -> Iterable[Hashable]:
        """The platform whose delivery is due the longest first."""
        longest = selectors.due(at).order_by().values("destination").annotate(first=Min("next_try_at"))
        return [pk for pk, _first in longest.order_by("first").values_list("destination", "first")]

    def in_lane(self, rows: QuerySet[Delivery], lane: Any) -> QuerySet[Delivery]:
        return rows.filter(destination=lane)

    def speak(self, row: Delivery) -> Receipt:
        return self._adapter(row).send(row)

    def _adapter(self, row: Delivery) -> Adapter:
        # What is due has a platform.
        assert row.destination is not None
        return self.adapter_for(row.destination)

    def ask_all(
        self, rows: list[Delivery], lane: Lane
    ) -> Iterator[list[tuple[Delivery, Receipt | Exception]]]:
        """Several at once over connections that are kept; while what was answered is recorded, others are under way."""
        if len(rows) < 2 or (at_once := self._adapter(rows[0]).at_once) == 1:
            yield from super().ask_all(rows, lane)
            return
        pool = ThreadPoolExecutor(at_once, thread_name_prefix="deliveries")
        under_way = {pool.submit(self.ask, row): row for row in rows}
        try:
            while under_way:
                answered, _rest = wait(under_way, timeout=GATHER_SECONDS)
                if not answered:
                    answered, _rest = wait(under_way, return_when=FIRST_COMPLETED)
                yield [(under_way.pop(future), future.result()) for future in answered]
                if not lane.goes_on:
                    under_way = {future: row for future, row in under_way.items() if not future.cancel()}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def record(self, row: Delivery, answer: Receipt) -> Outcome:
        try:
            _keep_receipt(row, answer, at=self.now())
        except Exception as error:
            log.error("the receipt of delivery %s was not recorded\n%s", row.pk, trace(error))
            words = _("平台已签收（%(receipt_number)s），登记失败：%(error)s") % {
                "receipt_number": answer.receipt_number,
                "error": describe(error),
            }
            return self.later(row, NotTaken(words))
        return Outcome(Status.DELIVERED)

    def conclude_all(self, answered: list[tuple[Delivery, Receipt | Exception]]) -> Sequence[Outcome | None]:
        """Receipts in one transaction. One that cannot be written down must not hold the others up: then each is written
        by itself. Nor one in whose chain somebody else is writing: that is for later."""
        receipts = [(row, answer) for row, answer in answered if isinstance(answer, Receipt)]
        done: dict[UUID, Outcome | None] = {}
        try:
            kept = _keep_free(receipts, at=self.now()) if receipts else set()
            done = {row.pk: Outcome(Status.DELIVERED) if row.pk in kept else None for row, _ in receipts}
        except Exception as error:
            log.warning("%s receipts are recorded one by one\n%s", len(receipts), trace(error))
        return [
            done[row.pk] if row.pk in done else self._concluded_if_free(row, answer)
            for row, answer in answered
        ]

    def _concluded_if_free(self, row: Delivery, answer: Receipt | Exception) -> Outcome | None:
        try:
            with transaction.atomic():
                return self.conclude(row, answer) if lock_free_chains([row.about]) else None
        except Exception as error:
            return self._unsaid(row, error)

    def given_up(self, row: Delivery, words: str) -> bool:
        lock_chain(row.about)
        if not give_up(row, words):
            return False
        at = self.now()
        record_event(
            chain=row.about,
            verb="delivery.failed",
            at=at,
            payload={"delivery": str(row.pk), "position": row.position, "attempts": row.attempts},
        )
        notify(
            key=f"delivery-dead:{row.pk}:{at.isoformat()}",
            recipients=selectors.responsible_staff(row.organ),
            subject=_("%(what)s推送失败：%(about)s") % {"what": KINDS[row.kind].name, "about": row.about},
            body=_(
                "%(about)s 的第 %(position)s 条共享信息没有推送到%(platform)s，系统不再自动重试。\n"
                "原因：%(error)s\n"
                "请查明原因后，在“共享推送”中选择该条并“重新推送”。%(duty)s"
            )
            % {
                "about": row.about,
                "position": row.position,
                "platform": row.destination,
                "error": words,
                "duty": KINDS[row.kind].duty,
            },
            at=at,
            link=link_to("delivery", row.pk),
            about=row.about,
        )
        return True

    def report(self, row: Delivery, error: Exception) -> None:
        report_fault(work=Fault.Work.DELIVERY, row=row.pk, error=error, at=self.now())


def _keep_receipt(row: Delivery, receipt: Receipt, *, at: datetime) -> None:
    """Write the receipt down and tell the apps above, in one transaction.

    Also when the lease ran out meanwhile: the platform has the message, whoever else is trying.
    """
    with transaction.atomic():
        lock_chain(row.about)
        _write([(row, receipt)], at)


def _keep_free(receipts: list[tuple[Delivery, Receipt]], *, at: datetime) -> set[UUID]:
    """The same for many in one transaction, but for those in whose chain somebody else is writing; which were kept."""
    with transaction.atomic():
        free = lock_free_chains(row.about for row, _receipt in receipts)
        kept = [(row, receipt) for row, receipt in receipts if row.about in free]
        _write(kept, at)
    return {row.pk for row, _receipt in kept}


def _write(receipts: list[tuple[Delivery, Receipt]], at: datetime) -> None:
    """Of deliveries to one platform, whose chains are locked."""
    answers = {row.pk: receipt for row, receipt in receipts}
    # Not the sender's own objects: should this transaction fail, those still know their lease.
    left = Delivery.objects.filter(pk__in=answers).exclude(status=Status.DELIVERED).select_for_update()
    deliveries = list(left.order_by("pk"))
    if not deliveries:
        return
    shared = {
        "status": Status.DELIVERED,
        "delivered_at": at,
        # Where it went: another platform may have been put in force since it was claimed.
        "destination_id": receipts[0][0].destination_id,
        "next_try_at": None,
        "leased_until": None,
        "last_error": "",
    }
    for delivery in deliveries:
        delivery.receipt = answers[delivery.pk].as_json()
        for name, value in shared.items():
            setattr(delivery, name, value)
    update_many(Delivery, ["receipt"], [(row.pk, row.receipt) for row in deliveries], shared=shared)
    entries = [
        Entry(
            chain=delivery.about,
            verb="delivery.delivered",
            payload={
                "delivery": str(delivery.pk),
                "position": delivery.position,
                "receipt": answers[delivery.pk].receipt_number,
                "attempts": delivery.attempts,
                "destination": delivery.destination_id,
            },
        )
        for delivery in deliveries
    ]
    record_in_locked(entries=entries, at=at)
    delivered.send(sender=Delivery, deliveries=deliveries, at=at)
