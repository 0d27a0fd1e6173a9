"""Working days are about nobody (accounts.holdings)."""

from applications.accounts.holdings import register
from applications.calendars.models import CalendarNotice, LocalClosure, Recalculation

register(
    nothing={
        CalendarNotice: "holidays",
        LocalClosure: "closures",
        Recalculation: "how many time limits moved",
    }
)
