"""What the apps above may listen to."""

from django.dispatch import Signal

# Before a change takes effect and outside its transaction: at. What is to be said by the calendar as it still is, is
# said now. A receiver that has not come to its end raises four_eyes.NotProposed.
calendar_changing = Signal()

# Inside the transaction in which a calendar takes effect, once for all:
# recalculation, before and after (both in_force.CalendarSet), at.
calendar_changed = Signal()
