"""What the apps above may listen to."""

from django.dispatch import Signal

# Inside the recalculation's transaction, once for all: recalculation, moves (list of moves.Effect), at.
deadlines_moved = Signal()
