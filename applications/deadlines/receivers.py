"""What the calendars below tell the clocks."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from applications.accounts.four_eyes import NotProposed
from applications.calendars.in_force import CalendarSet
from applications.calendars.models import CalendarChange, Recalculation
from applications.calendars.signals import calendar_changed, calendar_changing
from applications.deadlines.services.recalculation import recalculate
from applications.deadlines.services.sweep import sweep_deadlines

# Somebody waits for the answer, and the web server ends what takes half a minute.
SWEEP_SECONDS_BEFORE_APPROVAL = 15


@receiver(calendar_changing)
def say_what_is_due(sender: type[CalendarChange], at: datetime, **kwargs: Any) -> None:
    """What was to be said by this moment is said first: under the new calendar nobody would say it any more."""
    if sweep_deadlines(at=at, seconds=SWEEP_SECONDS_BEFORE_APPROVAL).left:
        raise NotProposed(_("还有积压的到期提醒正在发出，请几分钟后再复核。"))


@receiver(calendar_changed)
def set_every_clock(
    sender: type[Recalculation],
    recalculation: Recalculation,
    before: CalendarSet,
    after: CalendarSet,
    at: datetime,
    **kwargs: Any,
) -> None:
    recalculate(recalculation=recalculation, before=before, after=after, at=at)
