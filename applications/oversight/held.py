"""Figures are about nobody (accounts.holdings)."""

from applications.accounts.holdings import register
from applications.oversight.models import DayOfFigures, Figure, ReplayRun

register(
    nothing={
        DayOfFigures: "when the figures were counted",
        Figure: "counts",
        ReplayRun: "what other rules would change, by the number of the case; made anew whenever it is asked",
    }
)
