"""Two months that are over, so that the page of published performance has something to show: cases of one unit and one bureau
from filing to the platform's receipt, taken by the real services on the days on which they happened, with what the sweep said of
their clocks on each of these days.

The records came in a file of their own, long enough before for all to be applied for.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from applications.accounts.models import User
from applications.calendars.selectors import calendar
from applications.deadlines.services import say_what_is_due
from applications.portal.performance.counting import last_month
from applications.records.models import DishonestyRecord
from applications.sample.cases import BUREAU, UNIT, Story, Teller
from applications.sample.people import DOMAIN
from applications.sharing.adapters import Receipt
from applications.sharing.models import Delivery
from applications.sharing.sending import DeliverySender
from applications.subjects.models import Subject

FIRST_APPLICANT = f"past01@{DOMAIN}"
# (name of a method of Teller, on which working day after the filing).
GRANTED = (("prepare", 0), ("submit", 0), ("accept", 1), ("review", 3), ("grant", 4), ("share", 4))
QUICK = (("prepare", 0), ("submit", 0), ("accept", 0), ("review", 1), ("grant", 2), ("share", 3))
# Seven working days from the acceptance on the decision was due.
LATE = (("prepare", 0), ("submit", 0), ("accept", 1), ("review", 9), ("grant", 10), ("share", 10))
REFUSED = (
    *(("prepare", 0), ("submit", 0), ("accept", 2), ("reject", 4), ("refuse", 5), ("share", 5)),
    *(("object", 6), ("uphold", 8)),
)  # fmt: skip
# Of the month before the last and of the last one: at least five of each clock, so that figures are shown (ADR 0051); the bureau
# has no objections.
MONTHS = (
    (*[(UNIT, GRANTED), (UNIT, QUICK)] * 3, *[(BUREAU, GRANTED), (BUREAU, QUICK)] * 2, (BUREAU, LATE)),
    (
        *[(UNIT, REFUSED)] * 5,
        *[(UNIT, QUICK)] * 2,
        (UNIT, LATE),
        *[(BUREAU, GRANTED)] * 3,
        *[(BUREAU, QUICK)] * 2,
    ),
)
CASES = sum(map(len, MONTHS))
# Filings of a month come on its first working days, so that all of them end in it: even a February has more than these and the
# longest story.
DAYS_OF_FILING = 4
HOURS = {
    "prepare": time(9), "submit": time(9, 30), "object": time(9, 40), "accept": time(10), "review": time(11), "reject": time(11),
    "grant": time(15), "refuse": time(15), "uphold": time(15), "share": time(16),
}  # fmt: skip
# The conditions are looked at months after the records came, and these before publicity ends after a year.
AGE_OF_RECORDS = timedelta(days=110)


def months_of(today: date) -> tuple[date, date]:
    """The first days of the two months that ended last."""
    last = last_month(today)
    return last_month(last), last


def records_came(today: date) -> datetime:
    """The moment at which the file with the records of these cases was imported."""
    return _on(months_of(today)[0] - AGE_OF_RECORDS, time(10))


def load_past(
    *,
    records: list[DishonestyRecord],
    add_applicant: Callable[[str, str, Subject, datetime], User],
    today: date,
) -> int:
    """Tell all stories in the order of time; returns how many. ``records``: CASES of them, of subjects without accounts."""
    told = sorted(_steps(records, add_applicant, today), key=lambda each: each[0])
    day = told[0][0].date()
    for at, take in told:
        while day <= at.date():
            say_what_is_due(at=_on(day, time(0, 5)))
            day += timedelta(days=1)
        take(at)
    return CASES


def _steps(
    records: list[DishonestyRecord],
    add_applicant: Callable[[str, str, Subject, datetime], User],
    today: date,
) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    came, left, number = records_came(today), iter(records), 0
    for first, stories in zip(months_of(today), MONTHS, strict=True):
        days = _working_days(first)
        for place, (channel, steps) in enumerate(stories):
            number += 1
            record = next(left)
            subject = record.subject
            applicant = add_applicant(
                f"past{number:02d}@{DOMAIN}", subject.legal_representative, subject, came
            )
            teller = PastTeller(Story(channel, record.severity, steps), came)
            teller.begin(record, applicant)
            for step, after in steps:
                yield _on(days[place % DAYS_OF_FILING + after], HOURS[step]), getattr(teller, step)


def _working_days(first: date) -> list[date]:
    """Those of the month that begins on this day."""
    days = (first + timedelta(days=each) for each in range(31))
    return [each for each in days if each.month == first.month and calendar().is_working(each)]


def _on(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


class PastTeller(Teller):
    def share(self, at: datetime) -> None:
        """The platform takes the decision and signs for it."""
        delivery = Delivery.objects.get(about=self.case.number, status=Delivery.Status.WAITING)
        outcome = Platform(lambda: at).hand_over(delivery)
        if outcome is None or outcome.status != Delivery.Status.DELIVERED:
            raise RuntimeError(f"the decision of {self.case.number} was not shared: {outcome}")
        self.case.refresh_from_db()


class Platform(DeliverySender):
    """Signs at once. The platform of the demonstration is started later, and its clock is today's."""

    def speak(self, row: Delivery) -> Receipt:
        return Receipt(f"示例-{row.stream}-{row.position}", self.now().isoformat(), str(row.pk), False)
