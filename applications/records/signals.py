"""What the records app tells the apps above it."""

from django.dispatch import Signal

# Sent with record=, change= (a RecordChange), actor= and at= inside the transaction of a change that is not the
# outcome of a case: a receiver that raises undoes it.
record_changed = Signal()
