"""Days that somebody states of what came or was signed on paper (Article 19)."""

from datetime import date, datetime, time

from django.utils.timezone import localdate, make_aware


def moment_of(day: date | None, at: datetime) -> datetime:
    """When that was: ``at`` itself for today or where no day is stated; of another day only the day is known, not its hour."""
    if day is None or day == localdate(at):
        return at
    return make_aware(datetime.combine(day, time.min))
