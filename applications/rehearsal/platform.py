"""The sharing platform of a rehearsal: answers at once, loses a message now and then, is down for days.

Now and then it keeps a message and does not say so: a later try brings the receipt of the day on which it did.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from applications.outbox.sending import NotTaken, Refused
from applications.rehearsal.journal import Journal
from applications.rehearsal.people import Lots
from applications.sharing.adapters import Receipt
from applications.sharing.models import Delivery

FAILS_SHARE = 0.03
REFUSES_SHARE = 0.003
# A message that is kept in silence is answered for at the first try after so many days.
SILENT_SHARE = 0.04
SILENT_DAYS = (0, 4)
# One outage for about so many days of a rehearsal, each so long.
DAYS_AN_OUTAGE = 90
OUTAGE_DAYS = (2, 5)


class RehearsedPlatform:
    """An adapter in the process itself. ``now`` is the simulated moment; receipts go into the journal."""

    at_once = 1

    def __init__(self, *, seed: str, days: int, journal: Journal, now: Callable[[], datetime]) -> None:
        self.seed, self.journal, self.now = seed, journal, now
        self.down = self._outages(days)
        # What the portal has a receipt for; what is kept in silence, with its moment and the day of the answer.
        self.received: set[str] = set()
        self.silent: dict[str, tuple[datetime, date]] = {}
        # Streams whose message was refused for good: somebody has to send it again.
        self.refused: list[tuple[str, str]] = []

    def _outages(self, days: int) -> set[date]:
        lots = Lots(self.seed, "outages")
        down = set()
        for number in range(max(1, days // DAYS_AN_OUTAGE)):
            # Spread over the time, so that a short rehearsal has one too.
            span = min(days, DAYS_AN_OUTAGE)
            start = number * DAYS_AN_OUTAGE + lots.pick(span // 5, max(span * 3 // 5, 1))
            down |= {
                self.journal.first_day + timedelta(days=start + n) for n in range(lots.pick(*OUTAGE_DAYS))
            }
        return down

    def send(self, delivery: Delivery) -> Receipt:
        at = self.now()
        if at.date() in self.down:
            raise NotTaken("演练：共享平台停机。")
        name = str(delivery.pk)
        kept_at, answers_on = self.silent.get(name, (at, at.date()))
        if at.date() < answers_on:
            raise NotTaken("演练：共享平台没有应答。")
        lots = Lots(self.seed, "platform", delivery.stream, delivery.position, delivery.attempts, at.date())
        if lots.happens(FAILS_SHARE):
            raise NotTaken("演练：共享平台没有应答。")
        if name not in self.silent and lots.happens(REFUSES_SHARE):
            self.refused.append((delivery.stream, str(delivery.pk)))
            raise Refused("演练：共享平台拒收。")
        silence = Lots(self.seed, "silence", delivery.stream, delivery.position)
        if name not in self.silent and name not in self.received and silence.happens(SILENT_SHARE):
            self.silent[name] = at, at.date() + timedelta(days=silence.pick(*SILENT_DAYS))
            raise NotTaken("演练：共享平台没有应答。")
        if name not in self.received:
            self.received.add(name)
            self.journal.write(delivery.stream, "receipt", at, delivery.position, kept_at.date())
        number = f"演练-{delivery.stream}-{delivery.position}"
        return Receipt(number, kept_at.isoformat(), name, name in self.silent)
