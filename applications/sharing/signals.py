"""What the outbox tells the apps above it."""

from django.dispatch import Signal

# Sent with delivery= and at= inside the transaction that records the platform's receipt: a receiver that
# raises undoes the recording, and the delivery is tried again.
delivered = Signal()
