"""What this app tells those above it."""

from django.dispatch import Signal

# The passwords asked for inside a person's session were wrong too often. Arguments: user, until (the moment from
# which the password is asked for again), at.
password_tries_used_up = Signal()

# They were wrong often within a day, though never too often at once. Arguments: user, times, at.
password_guessed_steadily = Signal()
