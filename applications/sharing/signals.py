"""What the outbox tells the apps above it."""

from django.dispatch import Signal

# Sent with deliveries= and at= inside the transaction that records the receipts of one platform: a receiver that
# raises undoes the recording of all of them, and each is recorded by itself. One that fails then is tried again.
delivered = Signal()
