"""How the people of a rehearsal behave: mostly on time, sometimes late, absent, silent, or of another mind.

Every person draws from a generator of their own, so that one more question to one of them changes nobody else.
"""

from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

# How an officer answers a clock: in good time, on its last day, late by so many working days, or never.
ON_LAST_DAY_SHARE = 0.06
LATE_SHARE = 0.04
LATE_AT_MOST = 6
NEVER_SHARE = 0.0005
# A share of posts is empty for some weeks of the rehearsal, and everything there waits.
ABSENCE_SHARE = 0.2
ABSENCE_DAYS = (5, 16)

CORRECTION_SHARE = (0.17, 0.08)
DECLINE_SHARE = 0.03
REJECT_SHARE = 0.15
RETURN_SHARE = 0.04
SILENT_SHARE = 0.12
OBJECT_SHARE = 0.4
OVERTURN_SHARE = 0.4
WITHDRAW_SHARE = 0.04
APPLICANT_DAYS = 25


class Lots:
    """The lots that one person or one case draws."""

    def __init__(self, seed: str, *who: object) -> None:
        self._random = Random(":".join(map(str, (seed, *who))))

    def happens(self, share: float) -> bool:
        return self._random.random() < share

    def pick(self, first: int, last: int) -> int:
        return self._random.randint(first, last)

    def office_hour(self) -> timedelta:
        """From nine to half past five."""
        return timedelta(minutes=self._random.randrange(9 * 60, 17 * 60 + 30))

    def waking_hour(self) -> timedelta:
        return timedelta(minutes=self._random.randrange(7 * 60 + 30, 19 * 60 + 30))

    def answer_after(self, length: int) -> int | None:
        """After how many working days a clock of so many is answered; None is never."""
        lot = self._random.random()
        if lot < NEVER_SHARE:
            return None
        if lot < NEVER_SHARE + LATE_SHARE:
            return length + self.pick(1, LATE_AT_MOST)
        if lot < NEVER_SHARE + LATE_SHARE + ON_LAST_DAY_SHARE:
            return length
        return self.pick(0, max(length - 2, 1))


class Absences:
    """When which post of which organ is empty."""

    def __init__(self, seed: str, first_day: date, days: int) -> None:
        self.seed, self.first_day, self.days = seed, first_day, days
        self._known: dict[tuple[str, str], tuple[date, date] | None] = {}

    def back_on(self, organ: str, role: str, day: date) -> date:
        """The day itself, or the first day after the absence that it falls into."""
        post = organ, role
        if post not in self._known:
            self._known[post] = self._draw(post)
        absence = self._known[post]
        return absence[1] if absence and absence[0] <= day < absence[1] else day

    def _draw(self, post: tuple[str, str]) -> tuple[date, date] | None:
        lots = Lots(self.seed, "absence", *post)
        if not lots.happens(ABSENCE_SHARE):
            return None
        start = self.first_day + timedelta(days=lots.pick(0, self.days))
        return start, start + timedelta(days=lots.pick(*ABSENCE_DAYS))


def moment(day: date, hour: timedelta) -> datetime:
    """That time of a day, where the portal is."""
    return timezone.make_aware(datetime.combine(day, time(0)) + hour)
