"""What this app tells those above it."""

from django.dispatch import Signal

# Sealing found something that people must look into. Arguments: row (what it is about), error (an exception that says
# it in words), at.
sealing_troubled = Signal()
