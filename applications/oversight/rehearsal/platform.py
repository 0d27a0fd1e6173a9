"""The sharing platform of a rehearsal: answers at once, loses a message now and then, is down for days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from applications.oversight.rehearsal.diary import Diary
from applications.oversight.rehearsal.people import Lots
from applications.sharing.adapters import DeliveryFailed, DeliveryRefused, Receipt
from applications.sharing.models import Delivery

FAILS_SHARE = 0.03
REFUSES_SHARE = 0.003
# One outage for about so many days of a rehearsal, each so long.
DAYS_AN_OUTAGE = 90
OUTAGE_DAYS = (2, 5)


class RehearsedPlatform:
    """An adapter in the process itself. ``now`` is the simulated moment; receipts go into the diary."""

    def __init__(self, *, seed: str, days: int, diary: Diary, now: Callable[[], datetime]) -> None:
        self.seed, self.diary, self.now = seed, diary, now
        self.down = self._outages(days)
        self.received: set[str] = set()
        # Streams whose message was refused for good: somebody has to send it again.
        self.refused: list[tuple[str, str]] = []

    def _outages(self, days: int) -> set[date]:
        lots = Lots(self.seed, "outages")
        down = set()
        for number in range(max(1, days // DAYS_AN_OUTAGE)):
            # Spread over the time, so that a short rehearsal has one too.
            span = min(days, DAYS_AN_OUTAGE)
            start = number * DAYS_AN_OUTAGE + lots.pick(span // 5, max(span * 3 // 5, 1))
            down |= {self.diary.first_day + timedelta(days=start + n) for n in range(lots.pick(*OUTAGE_DAYS))}
        return down

    def send(self, delivery: Delivery) -> Receipt:
        at = self.now()
        if at.date() in self.down:
            raise DeliveryFailed("演练：共享平台停机。")
        lots = Lots(self.seed, "platform", delivery.stream, delivery.position, delivery.attempts, at.date())
        if lots.happens(FAILS_SHARE):
            raise DeliveryFailed("演练：共享平台没有应答。")
        if lots.happens(REFUSES_SHARE):
            self.refused.append((delivery.stream, str(delivery.pk)))
            raise DeliveryRefused("演练：共享平台拒收。")
        name = str(delivery.pk)
        duplicate = name in self.received
        if not duplicate:
            self.received.add(name)
            self.diary.write(delivery.stream, "receipt", at, delivery.position)
        return Receipt(f"演练-{delivery.stream}-{delivery.position}", at.isoformat(), name, duplicate)
