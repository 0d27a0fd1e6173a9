"""What the apps above may listen to: whether an answer to a claim is owed. The clock is theirs (deadlines.claims)."""

from django.dispatch import Signal

# Inside the transaction: claim, at. It was made, or corrected: the answer is owed from now.
claim_waits = Signal()
# Inside the transaction: claim, at, answered (False: the claimant has withdrawn it).
claim_closed = Signal()
# Inside the transaction: claim, at, heir (the User who takes running matters over, or None). The claimant no longer acts.
acting_ended = Signal()
