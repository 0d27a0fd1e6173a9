"""What this app tells those above it."""

from django.dispatch import Signal

# file: StoredFile, at: datetime. In the transaction that writes down what the scanner found.
virus_found = Signal()
