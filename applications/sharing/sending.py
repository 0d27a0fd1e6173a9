"""Handing deliveries to their platforms: what is their own in the three steps of ``outbox.sending``."""

import logging
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from applications.foreign_text import describe, trace
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.faults import report_fault
from applications.notifications.links import link_to
from applications.notifications.models import Fault
from applications.notifications.services import notify
from applications.outbox.sending import NotTaken, Outcome, Sender, give_up
from applications.sharing import selectors
from applications.sharing.adapters import Adapter, Receipt, adapter_of
from applications.sharing.kinds import KINDS
from applications.sharing.models import Delivery, Destination
from applications.sharing.signals import delivered

log = logging.getLogger(__name__)

Status = Delivery.Status


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
        # What is due has a platform.
        assert row.destination is not None
        return self.adapter_for(row.destination).send(row)

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


@transaction.atomic
def _keep_receipt(row: Delivery, receipt: Receipt, *, at: datetime) -> None:
    """Write the receipt down and tell the apps above, in one transaction.

    Also when the lease ran out meanwhile: the platform has the message, whoever else is trying.
    """
    lock_chain(row.about)
    recorded = (
        Delivery.objects.filter(pk=row.pk)
        .exclude(status=Status.DELIVERED)
        .update(
            status=Status.DELIVERED,
            receipt=receipt.as_json(),
            delivered_at=at,
            # Where it went: another platform may have been put in force since it was claimed.
            destination=row.destination,
            next_try_at=None,
            leased_until=None,
            last_error="",
        )
    )
    if not recorded:
        return
    # Not the sender's own object: should this transaction fail, that one still knows its lease.
    delivery = Delivery.objects.get(pk=row.pk)
    record_event(
        chain=delivery.about,
        verb="delivery.delivered",
        at=at,
        payload={
            "delivery": str(delivery.pk),
            "position": delivery.position,
            "receipt": receipt.receipt_number,
            "attempts": delivery.attempts,
            "destination": delivery.destination_id,
        },
    )
    delivered.send(sender=Delivery, delivery=delivery, at=at)
