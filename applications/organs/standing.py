"""What apps above keep of an organ, as the page of the organ tells it: each registers its own answer when it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from applications.organs.models import Organ


@dataclass(frozen=True, slots=True)
class Standing:
    """One sentence, and the page where that is changed; none where only the organ itself may. ``lacking``: something is missing
    that should be there."""

    sentence: str
    address: str
    lacking: bool


Teller = Callable[[Organ, date], Standing | None]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Let ``teller(organ, on)`` tell of an organ on a day; None where that is nothing of the organ's. Call it in ready()."""
    if teller not in _tellers:
        _tellers.append(teller)


def standing_of(organ: Organ, on: date) -> list[Standing]:
    return [told for teller in _tellers if (told := teller(organ, on)) is not None]
