"""All of a story at one moment, read table by table: what is judged after each act is asked of this, not of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from applications.deadlines.models import RUNNING, Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.records.models import DishonestyRecord
from applications.repairs.models import ProofOfService, RepairCase, SigningLink
from applications.sharing.models import Delivery


class Past:
    """The events of the cases' chains. They never change, as verify_ledger proves: each is read once."""

    def __init__(self) -> None:
        self.of: dict[str, list[Event]] = defaultdict(list)
        self._last = 0

    def read_on(self) -> dict[str, list[Event]]:
        for event in Event.objects.filter(pk__gt=self._last, chain__startswith="XF-").order_by("pk"):
            self.of[event.chain].append(event)
            self._last = event.pk
        return self.of


class Seen:
    def __init__(self, records: Iterable[DishonestyRecord], past: Past) -> None:
        cases = RepairCase.objects.select_related("organ", "filing__commitment")
        self.cases = list(cases.prefetch_related("filing__commitment__records").order_by("pk"))
        keys = [record.pk for record in records]
        self.records = list(DishonestyRecord.objects.select_related("annotation").filter(pk__in=keys))
        self.events = past.read_on()
        self.clocks = _by("case_number", Deadline.objects.all())
        running = set(Deadline.objects.filter(RUNNING).values_list("pk", flat=True))
        self.running = {
            number: [clock for clock in clocks if clock.pk in running]
            for number, clocks in self.clocks.items()
        }
        self.letters = _by("about", Document.objects.order_by("issued_at", "pk"))
        self.replaced = {letter.replaces_id for letters in self.letters.values() for letter in letters} - {
            None
        }
        self.proofs = _by("case_id", ProofOfService.objects.all())
        links = SigningLink.objects.filter(used_at=None, revoked_at=None)
        self.links = list(links.select_related("case"))
        self.sent = _by("stream", Delivery.objects.order_by("position"))


def _by(name: str, rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
